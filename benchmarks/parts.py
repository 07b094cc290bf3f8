"""Where the processor time of an accepted response goes, by part of the program.

    .venv/bin/python -m benchmarks.parts [--requests 3000] [--top 25]

Runs Minyi as one process on PostgreSQL and looks, every two milliseconds of its processor time, at
what it is doing (a timer's signal; no tracing, so that small functions don't look expensive). Twice
told: by whose code is running – a library, or a module of ours; the standard library counts for its
caller – and on behalf of which of our modules. Once for JSON posts, once for paged forms.
"""

import argparse
import asyncio
import collections
import json
import os
import signal
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import uvicorn

from app.commands.serving import make_app, server_options
from app.settings import ROOT, Settings
from benchmarks.load import Script, run
from benchmarks.support import campaign
from benchmarks.support.campaign import Citizens, form_scripts, json_scripts
from benchmarks.support.report import Row, options_of, parser_of, tell
from benchmarks.support.servers import Store, minyi, serving, store

EVERY_SECONDS = 0.002
LIBRARIES = sysconfig.get_paths()["purelib"]
OURS = str(ROOT)
NOBODY = "the event loop"


# The server -----------------------------------------------------------------------------------


class Sampler:
    """Counts what the main thread is at, whenever the timer goes off."""

    def __init__(self) -> None:
        self.seen: collections.Counter[tuple[str, str]] = collections.Counter()

    def start(self) -> None:
        """Begin; what was seen before is forgotten."""
        self.seen.clear()
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, EVERY_SECONDS, EVERY_SECONDS)

    def _look(self, _number: int, frame: FrameType | None) -> None:
        running = for_whom = ""
        while frame is not None and not for_whom:
            part, is_ours = part_of(frame.f_code.co_filename)
            running = running or part
            for_whom = part if is_ours else ""
            frame = frame.f_back
        self.seen[running or NOBODY, for_whom or running or NOBODY] += 1

    def stop(self, path: str) -> None:
        """Look no more; write what was seen."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        Path(path).write_text(json.dumps([[*key, n] for key, n in self.seen.items()]))


def part_of(file: str) -> tuple[str, bool]:
    """Name the library or module of ours that a file belongs to; nothing for all others."""
    if file.startswith(LIBRARIES):
        return file.removeprefix(LIBRARIES).split("/")[1].removesuffix(".py"), False
    if file.startswith(f"{OURS}/app"):
        return file.removeprefix(f"{OURS}/").removesuffix(".py").replace("/", "."), True
    return "", False


def serve(port: int) -> None:
    """Serve Minyi, sampled, until told to stop."""
    sampler = Sampler()
    app = make_app()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # uvicorn raises it again when it has ended
    sampler.start()
    uvicorn.run(app, port=port, **server_options(Settings()))
    sampler.stop(os.environ["PARTS_FILE"])


# Measuring ------------------------------------------------------------------------------------


def sampled(place: Store, url: str, scripts: list[Script], top: int) -> Iterator[Row]:
    """Put a load on a sampled server; give its parts."""
    file = str(place.folder / "parts.json")
    environment = {**minyi(campaign.settings_for(url)), "PARTS_FILE": file}
    with serving(["benchmarks.parts", "--serve"], 1, environment) as server:
        used = server.seconds()
        outcome = run(server.port, scripts, seconds=60)
        used = server.seconds() - used
    seen = json.loads(Path(file).read_text())
    running, for_whom, total = collections.Counter(), collections.Counter(), 0
    for part, whom, n in seen:
        running[part] += n
        for_whom[whom] += n
        total += n
    each = 1e6 * used / max(1, outcome.accepted.n)
    yield {"running": "all", "µs": round(each), "on behalf of": "all", "µs for it": round(each)}
    pairs = zip(running.most_common(top), for_whom.most_common(top), strict=False)
    for (part, n), (whom, m) in pairs:
        yield {
            "running": part,
            "µs": round(each * n / total),
            "on behalf of": whom,
            "µs for it": round(each * m / total),
        }


def main() -> None:
    """Measure both kinds of post and tell."""
    parser = parser_of(__doc__, rounds=1)
    parser.add_argument("--requests", type=int, default=3000)
    parser.add_argument("--top", type=int, default=25, help="parts told")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--workers", type=int, help=argparse.SUPPRESS)
    given = options_of(parser)
    if given.serve:
        serve(given.port)
        return
    with store("postgresql", given.folder) as place:
        url = place.database("parts")
        asyncio.run(campaign.prepare(url))
        citizens = Citizens(asyncio.run(campaign.definition_of(url)))
        permits = asyncio.run(campaign.invited_permits(url, given.requests * 2))
        of_json = list(json_scripts(permits[: given.requests], citizens))
        forms = list(form_scripts(permits[given.requests :][: given.requests // 6], citizens))
        tables = {
            "By part, JSON": list(sampled(place, url, of_json, given.top)),
            "By part, forms": list(sampled(place, url, forms, given.top)),
        }
    tell("parts", tables, given)


if __name__ == "__main__":
    main()
