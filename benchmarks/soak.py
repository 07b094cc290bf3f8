"""Run a real server for hours under a moderate mix of everything: does it stay as it is?

Citizens' whole journeys, programs that send twice, receipts, staff's dashboards, mutated requests
and slow senders, at a fixed rate; every few seconds memory, descriptors, threads, connections and
the lag of the event loop. It fails where memory grows by a tenth after the warm-up, descriptors or
connections are left over, a reply is 5xx other than 503, a receipt is not found, or the log tells
what was sent.

    python -m benchmarks.soak --hours 24
    python -m benchmarks.soak --minutes 20 --rate 10 --database sqlite
"""

import argparse
import asyncio
import datetime
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

import httpx
from sqlalchemy import select

from app.domain.deduplication.keys import master_to_text
from app.domain.questionnaires.audience import DatesOfMode
from app.main import create_app
from app.services.resources import Resources
from app.services.responses import read_receipt_code
from app.settings import ROOT, Settings
from app.store.schema import upgrade
from app.tables import metadata
from benchmarks.soak_load import Load
from benchmarks.soak_samples import MOST_GROWTH, Course, Sampler, courses
from tests.hostile.city import City, furnish, good_requests, sit_down
from tests.hostile.hunt import WatchedLog
from tests.support.clock import Clock
from tests.support.postgres import running_postgres
from tests.support.servers import free_port

SETTLE_SECONDS = 15
DAYS = datetime.timedelta(days=4)
SESSION_SECONDS = 3600


@contextmanager
def database(kind: str) -> Iterator[str]:
    """Give an empty database of this kind, with the schema."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/soak.db"
            upgrade(url)
            yield url
    else:
        with running_postgres() as url:
            upgrade(url)
            yield url


@contextmanager
def server(
    settings: Settings, workers: int, log: WatchedLog, out: Path
) -> Iterator[tuple[str, int]]:
    """Serve in processes of their own; all they write goes to the watched log."""
    port, secret = free_port(), settings.secret_key
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "serve", "--port", str(port), "--workers", str(workers)],
        env=os.environ
        | {
            "MINYI_DATABASE_URL": settings.database_url,
            "MINYI_SECRET_KEY": secret.get_secret_value() if secret else "",
            "MINYI_LOG_FORMAT": "json",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None  # noqa: S101 – it is a pipe
    noted = (out / "unusual.log").open("w", encoding="utf-8")
    threading.Thread(target=_pass_on, args=(process.stdout, log, noted), daemon=True).start()
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(address, process)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait(timeout=60)


def _pass_on(lines: Iterable[str], log: WatchedLog, noted: TextIO) -> None:
    """Look at every line, and keep those that are not one of a request."""
    with noted:
        for line in lines:
            log.write(line)
            if not any(f'"event":"{usual}"' in line for usual in ("request", "refused")):
                noted.write(line)
                noted.flush()


def _wait_until_ready(address: str, process: subprocess.Popen[str]) -> None:
    for _ in range(600):
        with suppress(httpx.HTTPError):
            if httpx.get(f"{address}/readyz", trust_env=False).status_code == 200:
                return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError("the server did not start")


async def sample_until(sampler: Sampler, every: float, done: asyncio.Event) -> None:
    """Take samples until told to stop."""
    while not done.is_set():
        await asyncio.to_thread(sampler.take)
        with suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), every)


async def keep_seated(resources: Resources, clock: Clock, held: list[str]) -> None:
    """Begin a new session of the administrator every hour, as after a break."""
    while True:
        clock.now = datetime.datetime.now(datetime.UTC)
        held[:] = [await sit_down(resources, "wu")]
        await asyncio.sleep(SESSION_SECONDS)


async def stored(resources: Resources) -> set[bytes]:
    """Read the ids of all responses."""
    table = metadata.tables["responses"]
    async with resources.database.reading() as connection:
        return set((await connection.execute(select(table.c.response_id))).scalars())


async def soak(url: str, given: argparse.Namespace) -> bool:
    """Set up, run, judge, write the report; say whether all was well."""
    settings = Settings(_env_file=None, database_url=url, secret_key=master_to_text(bytes(32)))
    now = datetime.datetime.now(datetime.UTC)
    clock = Clock(now)
    app = create_app(settings, clock)
    resources: Resources = app.state.resources
    dates = DatesOfMode(opens=(now - DAYS).date(), closes=(now + DAYS).date())
    city: City = await furnish(resources, clock, dates)
    log, held = WatchedLog(city), [city.sessions["wu"]]
    seconds = given.hours * 3600 + given.minutes * 60
    with server(settings, given.workers, log, given.out) as (address, pid):
        sampler, done = Sampler(pid, address, url), asyncio.Event()
        load = Load(address, good_requests(app, city), lambda: held[0])
        seated = asyncio.create_task(keep_seated(resources, clock, held))
        watching = asyncio.create_task(sample_until(sampler, given.every, done))
        await load.run(rate=given.rate, seconds=seconds)
        done.set()
        await watching
        seated.cancel()
        await asyncio.sleep(SETTLE_SECONDS)
        settled = Sampler(pid, address, url)
        settled.take()
    found = await stored(resources)
    await resources.close()
    lost = [one for one in load.tally.receipts if read_receipt_code(one) not in found]
    sampler.write(given.out / "samples.csv")
    report, well = judged(sampler, settled, load, lost, log)
    (given.out / "report.md").write_text(report, encoding="utf-8")
    print(report)
    return well


def judged(
    sampler: Sampler, settled: Sampler, load: Load, lost: list[str], log: WatchedLog
) -> tuple[str, bool]:
    """Write the report; say whether all was well."""
    memory = list(courses(sampler.samples, "megabytes"))
    tally, leaks = load.tally, log.leaks()
    left_over = [
        one.process
        for one in settled.samples
        for before in courses(sampler.samples, "descriptors")
        if before.process == one.process and one.descriptors > before.first
    ]
    checks = {
        f"memory grows by less than {MOST_GROWTH:.0%}": all(
            one.growth < MOST_GROWTH for one in memory
        ),
        "no descriptor is left over": not left_over,
        "the processes are those of the beginning": len({one.process for one in settled.samples})
        == len({one.process for one in sampler.samples}),
        "no reply of 5xx but 503": tally.faults_of_the_server() == 0,
        f"all of {len(tally.receipts):,} receipts are stored": not lost,
        "nothing went wrong at the clients": not tally.wrong,
        f"nothing that was sent stands in {log.lines:,} lines of log": not leaks,
    }
    lags = sorted({one.at: one.lag for one in sampler.samples}.values())
    lines = [
        "| | first | last | fitted growth |", "|---|---|---|---|",
        *(_row(one) for name in ("megabytes", "descriptors", "threads", "connections")
          for one in courses(sampler.samples, name)),
        "", f"Health check: median {statistics.median(lags) * 1000:.0f} ms, "
        f"99 % within {lags[int(len(lags) * 0.99)] * 1000:.0f} ms, longest {lags[-1]:.2f} s.",
        "", *_statuses(load), "",
        *(f"- {'yes' if held else 'NO'}: {what}" for what, held in checks.items()),
        *tally.wrong[:20], *leaks[:20],
    ]  # fmt: skip
    return "\n".join(lines) + "\n", all(checks.values())


def _row(one: Course) -> str:
    return (
        f"| {one.name} of {one.process} | {one.first:.0f} | {one.last:.0f} "
        f"| {one.fitted_growth:+.1%} |"
    )


def _statuses(load: Load) -> Iterator[str]:
    counted = load.tally.statuses
    yield f"{counted.total():,} replies, {load.tally.skipped:,} beginnings skipped."
    for kind in sorted({kind for kind, _ in counted}):
        found = sorted((status, n) for (one, status), n in counted.items() if one == kind)
        yield f"- {kind}: " + ", ".join(f"{status} × {n:,}" for status, n in found)


def main() -> int:
    """Read the command line and soak."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--hours", type=float, default=0)
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument("--rate", type=float, default=10, help="Beginnings a second.")
    parser.add_argument("--every", type=float, default=5, help="Seconds between samples.")
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--workers", type=int, default=0, help="Default: 2, on SQLite 1.")
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "soak")
    given = parser.parse_args()
    given.workers = given.workers or (1 if given.database == "sqlite" else 2)
    given.hours = given.hours or (0 if given.minutes else 24)
    given.out.mkdir(parents=True, exist_ok=True)
    with database(given.database) as url:
        return 0 if asyncio.run(soak(url, given)) else 1


if __name__ == "__main__":
    sys.exit(main())
