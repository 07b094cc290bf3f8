"""The short way to a route leads where the framework's own way leads, and past no check."""

import inspect
import re

import httpx
import pytest
from fastapi import Depends, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.types import Receive, Scope, Send

from app.main import create_app
from app.route_table import PlainRoute, RouteTable, require_plain
from tests.conftest import settings_for

LIKE_LITERALS = ("x", "export", "review", "departments", "waves", "new", "kiosk", "paper", "r")
"""What a parameter may be: also what stands there in another route's path."""


async def _frameworks_own(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise AssertionError("the table is to find all of these")


@pytest.fixture
def database_url(make_sqlite) -> str:  # type: ignore[no-untyped-def]
    """Routes do not depend on the database."""
    return make_sqlite()


def first_that_matches(app: FastAPI, method: str, path: str) -> str:
    """Try all routes one after another, as the framework does."""
    return next(
        str(route.path)
        for route in iter_route_contexts(app.routes)
        if route.path_regex.match(path) and method in (route.methods or ())
    )


async def test_the_table_finds_the_first_route_that_matches(app: FastAPI) -> None:
    table, tried = RouteTable(_frameworks_own, app.routes), 0
    for route in iter_route_contexts(app.routes):
        if not isinstance(route.original_route, APIRoute):
            continue
        [method] = route.methods or ()
        for value in LIKE_LITERALS:
            path = re.sub(r"\{\w+\}", value, str(route.path))
            found = table.find(method, path)
            assert found, path
            assert found[0].path == first_that_matches(app, method, path), path
            tried += 1
    assert tried > 1000


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/w", 404),
        ("GET", "//w/town", 404),
        ("PUT", "/w/town/review", 405),
        ("DELETE", "/api/v1/waves/town/responses", 405),
        ("GET", "/privacy/", 404),
    ],
)
async def test_what_is_no_route_is_judged_by_the_framework(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    assert (await client.request(method, path)).status_code == status


async def test_no_check_stands_before_a_plain_route(app: FastAPI) -> None:
    plain = [
        route
        for route in iter_route_contexts(app.routes)
        if isinstance(route.original_route, PlainRoute)
    ]
    assert len(plain) > 10
    for route in plain:
        require_plain(route.dependencies)


def test_a_plain_route_with_a_check_before_it_is_not_made() -> None:
    async def check() -> None:
        """Let nobody through."""

    async def endpoint() -> None:
        """Nobody comes here."""

    with pytest.raises(TypeError):
        PlainRoute("/x", endpoint, dependencies=[Depends(check)])


def called_by(dependant: Dependant) -> list[Dependant]:
    return [dependant, *(one for part in dependant.dependencies for one in called_by(part))]


async def test_nothing_waits_for_a_thread(app: FastAPI) -> None:
    """A plain `def` runs in a thread of its own, which costs more than what it does."""
    waiting = {
        str(one.call)
        for route in iter_route_contexts(app.routes)
        if isinstance(route.original_route, APIRoute)
        for one in called_by(route.dependant)
        if not inspect.iscoroutinefunction(one.call)
        and not inspect.iscoroutinefunction(type(one.call).__call__)  # type: ignore[operator]
    }
    assert waiting == set()


async def test_a_traced_request_keeps_the_frameworks_way(make_sqlite) -> None:  # type: ignore[no-untyped-def]
    """The framework names the route in its spans, where somebody wants spans."""
    app = create_app(settings_for(make_sqlite()))
    taken: list[str] = []

    async def frameworks_own(scope: Scope, _receive: Receive, _send: Send) -> None:
        taken.append(scope["path"])

    table = RouteTable(frameworks_own, app.routes)
    scope = {"type": "http", "method": "GET", "path": "/healthz", "fastapi.telemetry": None}
    await table(scope, None, None)  # type: ignore[arg-type]
    assert taken == ["/healthz"]
