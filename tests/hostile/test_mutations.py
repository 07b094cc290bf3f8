"""Invariant 9 on every route: mutated requests, and not one 500, echo, bare reply or telling log.

Some thousands in a run of all tests, as many as wanted in the long form:

    make rubbish REQUESTS=1000000
"""

import logging
from collections.abc import Callable

import pytest
import structlog
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse
from fastapi.routing import iter_route_contexts

from app.main import create_app
from app.services.resources import Resources
from tests.hostile.asgi import Reply, call
from tests.hostile.asgi import Request as Sent
from tests.hostile.city import City, furnish, good_requests
from tests.hostile.hunt import Findings, hunt, judge, watched_log
from tests.hostile.mutations import MARK
from tests.hostile.size import REQUESTS, TIMEOUT
from tests.support.clock import Clock
from tests.support.staff import make_passwords_cheap

SHARDS = [("sqlite", 0.3, 1), ("sqlite", 0.3, 2), ("sqlite", 0.3, 3), ("postgresql", 0.1, 4)]
"""In parallel where there are processes to share; PostgreSQL is stricter about what is text."""
LONG = 100_000
"""From so many requests on, memory has settled and is judged."""


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    make_passwords_cheap(monkeypatch)


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """SQLite, or what the test asks for by its parameter `kind`."""
    kind = getattr(request.node, "callspec", None)
    wanted = kind.params.get("kind", "sqlite") if kind else "sqlite"
    return str(request.getfixturevalue(f"make_{wanted}")())


@pytest.fixture
async def city(resources: Resources, clock: Clock) -> City:
    return await furnish(resources, clock)


@pytest.mark.slow
@pytest.mark.timeout(TIMEOUT)
@pytest.mark.parametrize(("kind", "share", "seed"), SHARDS)
async def test_no_rubbish_is_answered_wrongly(
    app: FastAPI, city: City, kind: str, share: float, seed: int
) -> None:
    n = int(REQUESTS * share)
    found = await hunt(app, city, n=n, seed=seed)
    print(f"{kind}: {found}")
    assert not found.problems, "\n".join(found.problems[:5])
    assert found.statuses[422] > n / 10, "many get as far as the checks"
    assert found.statuses[200] > n / 20, "and some are still in order"
    assert {201, 303, 403, 404, 405, 415} <= set(found.statuses)
    assert n < LONG or found.growth < 0.1


async def test_every_route_is_asked_and_most_let_a_good_request_in(
    app: FastAPI, city: City
) -> None:
    """The hunt begins from here: what is refused at the door is never tried behind it."""
    asked = good_requests(app, city)
    statuses = {}
    with watched_log(city):
        for one in asked:
            statuses[one.method, one.path] = (await call(app, one)).status
    routes = sum(len((one.methods or set()) - {"HEAD"}) for one in iter_route_contexts(app.routes))
    assert len(statuses) >= routes
    let_in = [status for status in statuses.values() if status < 400]
    assert len(let_in) > 0.6 * len(statuses), statuses


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (lambda _: 1 / 0, "status 500"),
        (lambda request: PlainTextResponse(request.headers["x"]), "echo in the body of a 200"),
        (lambda request: PlainTextResponse("", headers=request.headers), "echo in x"),
    ],
    ids=["500", "body", "header"],
)
async def test_what_the_hunt_looks_for_it_would_see(
    resources: Resources, answer: Callable[[Request], object], problem: str
) -> None:
    app = create_app(resources.settings)
    await app.state.resources.close()
    app.state.resources = resources

    async def wrong(request: Request) -> object:
        return answer(request)

    app.add_api_route("/wrong", wrong, response_model=None)
    marker = f"{MARK}0000001q"
    sent = Sent("GET", "/wrong", headers=[(b"x", marker.encode())])
    with structlog.testing.capture_logs():
        reply = await call(app, sent)
    assert problem in list(judge(sent, reply, marker))


def test_a_bare_reply_and_markup_would_be_seen() -> None:
    html = [(b"content-type", b"text/html; charset=utf-8")]
    reply = Reply(200, html, f"<{MARK}>".encode())
    found = list(judge(Sent("POST", "/console/staff", body=MARK.encode()), reply, MARK))
    assert "markup of the sender's" in found
    assert any(problem.startswith("no ") for problem in found)


def test_growth_would_be_seen() -> None:
    assert Findings(megabytes=[100.0, 200.0, 201.0, 202.0, 203.0]).growth < 0.1
    assert Findings(megabytes=[100.0, 200.0, 210.0, 220.0, 230.0]).growth > 0.1


def test_a_telling_log_would_be_seen() -> None:
    city = City(("a-permit",), (), "a-code", {}, ("client", "a-secret"), "", "", "", (), "")
    with watched_log(city) as log:
        structlog.get_logger("minyi.test").info("request", method="GET")
        assert log.leaks() == []
        structlog.get_logger("minyi.test").info("request", who="203.0.113.9")
        logging.getLogger("a.library").warning("of %s", city.permits[0])
        assert len(log.leaks()) == 2
