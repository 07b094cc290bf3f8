"""Citizens' pages against a bare Starlette route that renders the same template.

    .venv/bin/python -m benchmarks.pages [--requests 3000] [--rounds 5] [--polls 100000]

The bare server asks Minyi itself once for each page, notes which template was rendered with what,
and renders just that for each request: no permit, no draft, no language, no headers. Both are one
process; they take turns. Also told: what the first page weighs over the wire with all that it
loads, and how many SQL statements PostgreSQL is asked while open pages are polled.
"""

import argparse
import asyncio
import http.client
import re
import statistics
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx
import jinja2
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from app.domain.deduplication.permits import (
    permit_hash,
    read_permit,
    receipt_code,
    response_id,
)
from app.main import create_app
from app.settings import Settings
from app.store.secret_key import keys_from_text
from app.web.review import Outline
from benchmarks.load import Outcome, get, run
from benchmarks.support import campaign
from benchmarks.support.campaign import WAVE, Citizens, form_scripts
from benchmarks.support.report import Row, options_of, parser_of, tell
from benchmarks.support.servers import COUNTING, Server, Store, minyi, serving, store

CONNECTIONS = 16
FIRST = f"/w/{WAVE}"
POLLED = ("/", FIRST, f"/api/v1/waves/{WAVE}", f"/api/v1/waves/{WAVE}/participation")
DATABASE = "pages"
LOADED = re.compile(r'(?:href|src)="(/static/[^"]+)"')

UNDER_WAY, DONE = campaign.open_permits(2, seed=7)
"""The permit of a citizen who has answered all pages and not sent them; of one who has."""


def receipt_of(permit: str) -> str:
    """Where the receipt of a response is shown."""
    keys = keys_from_text(campaign.SECRET)
    read = read_permit(keys, WAVE, permit)
    if read is None:
        raise ValueError
    return f"/r/{receipt_code(response_id(WAVE, permit_hash(keys, WAVE, read)))}"


PAGES: Final[Mapping[str, str]] = {
    "list of surveys": "/",
    "first page": FIRST,
    "section of one question": f"{FIRST}/s/contact",
    "choice of departments": f"{FIRST}/departments",
    "section of 16 ratings": f"{FIRST}/s/ratings",
    "review": f"{FIRST}/review",
    "receipt": receipt_of(DONE),
}


def asked(path: str, **headers: str) -> bytes:
    """Ask as the browser of the citizen under way does."""
    return get(path, **_browser(path), **headers)


def _browser(path: str) -> dict[str, str]:
    """The cookie goes to the pages of the questionnaire; who looks at the first page is new."""
    return {"cookie": f"permit={UNDER_WAY}"} if path.startswith(f"{FIRST}/") else {}


# The bare server ------------------------------------------------------------------------------


def bare() -> Starlette:
    """Note what Minyi renders for each page; give routes that render the same."""
    noted = asyncio.run(_note(Settings()))
    routes = [Route(path, _rendering(*what)) for path, what in noted.items()]
    return Starlette(routes=routes, middleware=[Middleware(GZipMiddleware, minimum_size=500)])


def _rendering(template: jinja2.Template, context: dict[str, Any]) -> Any:
    async def show(_request: Request) -> Response:
        return HTMLResponse(template.render(**context))

    return show


async def _note(settings: Settings) -> dict[str, tuple[jinja2.Template, dict[str, Any]]]:
    found: dict[str, tuple[jinja2.Template, dict[str, Any]]] = {}
    app = create_app(settings)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bench") as client:
        for path in PAGES.values():
            with _noting(found, path):
                (await client.get(path, headers=_browser(path))).raise_for_status()
    await app.state.resources.close()
    return found


def _at_hand(value: Any) -> Any:
    """Make what Minyi makes only while it renders."""
    return list(value) if isinstance(value, Outline) else value


@contextmanager
def _noting(found: dict[str, tuple[jinja2.Template, dict[str, Any]]], path: str) -> Iterator[None]:
    rendered = jinja2.Template.render

    def render(template: jinja2.Template, **context: Any) -> str:
        context = {name: _at_hand(value) for name, value in context.items()}
        found[path] = (template, context)
        return rendered(template, **context)

    jinja2.Template.render = render  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        jinja2.Template.render = rendered  # type: ignore[method-assign]


# Measuring ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Measurement:
    """One load on one server."""

    outcome: Outcome
    seconds: float
    statements: int

    def by_processor(self) -> float:
        """Pages by second of the server's processor."""
        return self.outcome.accepted.n / self.seconds


def one(place: Store, server: Server, request: bytes, times: int) -> Measurement:
    """Ask for a page so many times."""
    used, statements = server.seconds(), _statements(place)
    outcome = run(server.port, [[request]], connections=CONNECTIONS, times=times, seconds=120)
    if outcome.refused:
        raise SystemExit(f"{outcome.refused} of {times} refused: {request!r}")
    return Measurement(outcome, server.seconds() - used, _statements(place) - statements)


def _statements(place: Store) -> int:
    return 0 if place.pid is None else place.statements(DATABASE)


def contest(
    place: Store, servers: Mapping[str, Server], given: argparse.Namespace
) -> Iterator[Row]:
    """Measure each page from both servers, taking turns."""
    for name, path in PAGES.items():
        request = asked(path, accept_encoding="gzip")
        found: dict[str, list[Measurement]] = {}
        for _ in range(given.rounds + 1):
            for who, server in servers.items():
                found.setdefault(who, []).append(one(place, server, request, given.requests))
        yield _row(place, name, {who: every[1:] for who, every in found.items()})


def _row(place: Store, name: str, found: Mapping[str, list[Measurement]]) -> Row:
    ours, bare_ = found["minyi"], found["bare"]
    pairs = list(zip(ours, bare_, strict=True))
    requests = sum(m.outcome.accepted.n for m in ours)
    row = {
        "database": place.kind,
        "page": name,
        "Minyi/s": round(statistics.median(m.outcome.rate for m in ours)),
        "bare/s": round(statistics.median(m.outcome.rate for m in bare_)),
        "ratio": round(statistics.median(m.outcome.rate / b.outcome.rate for m, b in pairs), 2),
        "ratio by CPU": round(
            statistics.median(m.by_processor() / b.by_processor() for m, b in pairs), 2
        ),
        "p99 ms": round(statistics.median(m.outcome.accepted.p99 for m in ours), 1),
        "CPU ms": round(statistics.median(1000 / m.by_processor() for m in ours), 3),
    }
    if place.pid is not None:
        row["SQL statements/page"] = round(sum(m.statements for m in ours) / requests, 3)
    return row


def polling(place: Store, server: Server, polls: int) -> Iterator[Row]:
    """Ask for what open pages ask for again and again; count what reaches the database."""
    for path in POLLED:
        found = one(place, server, get(path, accept_encoding="gzip"), polls // len(POLLED))
        yield {
            "path": path,
            "requests": found.outcome.accepted.n,
            "requests/s": round(found.outcome.rate),
            "SQL statements": found.statements,
            "statements/s": round(found.statements / found.outcome.seconds, 1),
        }


def weight(port: int) -> Iterator[Row]:
    """What the first visit of the first page takes over the wire, headers included."""
    loaded = dict.fromkeys(LOADED.findall(_fetch(port, FIRST, "identity")[1].decode()))
    total = 0
    for path in (FIRST, *loaded):
        size = sum(len(part) for part in _fetch(port, path, "gzip"))
        total += size
        yield {"what": re.sub(r"^/static/[^/]+/", "", path), "bytes": size}
    yield {"what": "together", "bytes": total}


def _fetch(port: int, path: str, encoding: str) -> tuple[bytes, bytes]:
    """Head and body of a reply, as they came."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"accept-encoding": encoding})
    reply = connection.getresponse()
    head = "".join(f"{name}: {value}\r\n" for name, value in reply.getheaders())
    body = reply.read()
    connection.close()
    return f"HTTP/1.1 {reply.status} {reply.reason}\r\n{head}\r\n".encode(), body


# Running --------------------------------------------------------------------------------------


@contextmanager
def servers_on(place: Store) -> Iterator[dict[str, Server]]:
    """Minyi with a citizen under way and one who has finished, and the bare server."""
    url = place.database(DATABASE)
    asyncio.run(campaign.prepare(url))
    citizens = Citizens(asyncio.run(campaign.definition_of(url)))
    environment = minyi(campaign.settings_for(url))
    with serving(["app", "serve"], 1, environment) as ours:
        under_way, done = form_scripts([UNDER_WAY, DONE], citizens)
        outcome = run(ours.port, [under_way[:-1], done], connections=1)
        if len(outcome.finished) != 2:
            raise SystemExit("The questionnaire could not be answered")
        with serving(["benchmarks.pages", "--serve-bare"], 1, environment) as floor:
            yield {"minyi": ours, "bare": floor}


def serve_bare(port: int) -> None:
    """Serve the bare routes as Minyi is served."""
    uvicorn.run(bare(), port=port, access_log=False, log_level="warning", server_header=False)


def main() -> None:
    """Measure on each database and tell."""
    parser = parser_of(__doc__, rounds=5)
    parser.add_argument("--requests", type=int, default=2000, help="in a load")
    parser.add_argument("--polls", type=int, default=100_000)
    parser.add_argument("--serve-bare", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--workers", type=int, help=argparse.SUPPRESS)
    given = options_of(parser)
    if given.serve_bare:
        serve_bare(given.port)
        return
    tables: dict[str, list[Row]] = {"Pages": [], "Polling": [], "First page": []}
    for kind in given.database:
        options = COUNTING if kind == "postgresql" else ()
        with store(kind, given.folder, *options) as place, servers_on(place) as servers:
            tables["Pages"] += contest(place, servers, given)
            if kind == "postgresql":
                tables["Polling"] += polling(place, servers["minyi"], given.polls)
            tables["First page"] = list(weight(servers["minyi"].port))
    tell("pages", tables, given)


if __name__ == "__main__":
    main()
