"""Invariant 10: every route has an access rule."""

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from app.security import ANYONE, AccessRule

FRAMEWORKS_OWN = {"/api/v1/openapi.json"}
"""The description of the API: public, made by the framework."""


def rules(route: RouteContext) -> list[str]:
    """Name the access rules that stand before a route."""
    dependant = getattr(route, "dependant", None)
    called = [one.call for one in dependant.dependencies] if dependant else []
    return [one.name for one in called if isinstance(one, AccessRule)]


def without_rule(app: FastAPI) -> set[str]:
    """List the addresses with no access rule, or with more than one."""
    return {
        str(route.path)
        for route in iter_route_contexts(app.routes)
        if len(rules(route)) != 1 and route.path not in FRAMEWORKS_OWN
    }


async def test_every_route_has_exactly_one_access_rule(app: FastAPI) -> None:
    assert without_rule(app) == set()
    assert len(list(iter_route_contexts(app.routes))) > 30, "the walk sees the routes"


def test_a_route_without_a_rule_is_found() -> None:
    router = APIRouter(prefix="/w")
    router.add_api_route("/open", lambda: None, dependencies=[ANYONE])
    router.add_api_route("/forgotten", lambda: None)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(router)
    assert without_rule(app) == {"/w/forgotten"}


async def test_no_route_changes_anything_on_a_look(app: FastAPI) -> None:
    """Nothing answers to GET and POST alike; beside them there is DELETE only."""
    methods = [
        frozenset(route.methods or ())
        for route in iter_route_contexts(app.routes)
        if isinstance(route.original_route, APIRoute)
    ]
    assert set(methods) <= {frozenset({"GET"}), frozenset({"POST"}), frozenset({"DELETE"})}
