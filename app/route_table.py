"""Routing for a crowd: a route is found by the shape of its path, and a hot one is called plainly.

The framework tries its routes one after another, through every router that includes another, and
solves a route's dependencies anew for every request. For some 150 routes that costs more than
checking and storing an answer.
"""

from collections import defaultdict
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from fastapi import Request, Response, params
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.convertors import StringConvertor
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import NotFound
from app.security import AccessRule

Shape = tuple[int, str]
"""How many parts a path has, and the first of them: `/w/{wave_id}/review` is (3, "w")."""


class RouteTable:
    """ASGI: answers a request by its route; where it finds none, the framework's way decides.

    So what is wrong with a request (404, 405, a slash too many) is said by one place only. The
    first route that matches is the same one that the framework would find: others before it are
    of another shape. Where requests are traced, the framework finds the route, to name it.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self.app = app
        self._routes = routes
        self._by_shape: dict[Shape, list[RouteContext]] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find the route and hand over. Raises NotFound for a path that can name nothing."""
        if "\0" in scope.get("path", ""):  # PostgreSQL takes it for no text: nothing is named so
            raise NotFound
        if scope["type"] == "http" and "fastapi.telemetry" not in scope:
            found = self.find(scope["method"], scope["path"])
            if found:
                route, scope["path_params"] = found
                scope["route"] = route
                await _app_of(route)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def find(self, method: str, path: str) -> tuple[RouteContext, dict[str, str]] | None:
        """Give the route, and its parameters as they stand in the path."""
        for route in self._of_shape(path):
            found = route.path_regex.match(path)
            if found and method in (route.methods or ()):
                return route, found.groupdict()
        return None

    def _of_shape(self, path: str) -> Sequence[RouteContext]:
        if self._by_shape is None:
            self._by_shape = _by_shape(self._routes)
        return self._by_shape.get(_shape(path), ())


def _shape(path: str) -> Shape:
    return path.count("/"), path.split("/", 2)[1] if path.startswith("/") else path


def _by_shape(routes: Sequence[BaseRoute]) -> dict[Shape, list[RouteContext]]:
    found = defaultdict(list)
    for context in iter_route_contexts(routes):
        if _is_of_one_shape(context):
            found[_shape(str(context.path))].append(context)
    return dict(found)


def _is_of_one_shape(route: RouteContext) -> bool:
    """A path that begins with a parameter, or has one that spans parts, is of many shapes."""
    return (
        isinstance(route.original_route, APIRoute)
        and not str(route.path).startswith("/{")
        and all(type(one) is StringConvertor for one in route.param_convertors.values())
    )


class PlainRoute(APIRoute):
    """A route whose endpoint gets the request and its path's parameters, and nothing else.

    It asks by itself for what it needs. Its description and its access rule stand where those of
    all routes stand; since nobody calls the rule here, it must be one that checks nothing itself.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Give what answers a request that the framework found the route of."""
        require_plain(self.dependencies)
        return self.answer

    async def answer(self, request: Request) -> Response:
        """Call the endpoint."""
        response: Response = await self.endpoint(request, **request.path_params)
        return response

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that the table found the route of (ASGI)."""
        response = await self.answer(Request(scope, receive, send))
        await response(scope, receive, send)


def _app_of(route: RouteContext) -> ASGIApp:
    found = route.original_route
    app: ASGIApp = found.serve if isinstance(found, PlainRoute) else route.app
    return app


def require_plain(dependencies: Sequence[params.Depends]) -> None:
    """Raise TypeError unless all that stands before a route are rules that check nothing."""
    for one in dependencies:
        if type(one.dependency) is not AccessRule:
            msg = "a plain route calls no dependencies"
            raise TypeError(msg)
