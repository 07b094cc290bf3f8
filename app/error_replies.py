"""One reply for each error: RFC 9457 problem details on the API, a page for citizens.

Nothing that the sender wrote comes back, and no text of an unexpected exception.
"""

from collections.abc import Awaitable, Callable, Mapping

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import metrics
from app.errors import InvalidInput, MinyiError, NotFound
from app.errors.operations import StorageUnavailable
from app.errors.requests import BodyTooLarge, ForeignOrigin, MethodNotAllowed, UnexpectedError
from app.json_body import fault_at

PROBLEM = "application/problem+json"
ErrorPage = Callable[[Request, MinyiError], Awaitable[Response]]
_RETRY_SECONDS = {503: "5", 429: "60"}
_BY_STATUS: Mapping[int, type[MinyiError]] = {
    403: ForeignOrigin,
    404: NotFound,
    413: BodyTooLarge,
}


_CHALLENGES: Mapping[str, str] = {
    "token-missing": 'Bearer realm="minyi"',
    "token-refused": 'Bearer realm="minyi", error="invalid_token"',
    "scope-missing": 'Bearer realm="minyi", error="insufficient_scope"',
}
"""What tells a client of the API what to do about its token (RFC 6750 section 3)."""


def problem(error: MinyiError) -> JSONResponse:
    """Write an error as problem details."""
    content: dict[str, object] = {
        "type": f"urn:minyi:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "code": error.code,
        **({"detail": error.detail} if error.detail else {}),
        "faults": [
            {"field": fault.field, "code": fault.code, "message": fault.message}
            for fault in error.faults
        ],
    }
    return JSONResponse(content, error.status, media_type=PROBLEM, headers=_headers(error))


def _headers(error: MinyiError) -> dict[str, str]:
    challenge = _CHALLENGES.get(error.code)
    return retry_header(error) | ({"www-authenticate": challenge} if challenge else {})


def retry_header(error: MinyiError) -> dict[str, str]:
    """Say when to try again, where that helps."""
    after = _RETRY_SECONDS.get(error.status)
    return {"retry-after": after} if after else {}


def install_error_replies(app: FastAPI, page: ErrorPage) -> None:
    """Make every error of the application go through one door."""
    log = structlog.get_logger("minyi.errors")

    async def reply(request: Request, error: MinyiError) -> Response:
        metrics.refused(error.code)
        if wants_json(request):
            return problem(error)
        response = await page(request, error)
        response.headers.update(retry_header(error) | {"minyi-problem": error.code})
        return response

    async def on_minyi_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, MinyiError)  # noqa: S101 – registered for this class only
        log.info("refused", code=error.code, status=error.status)
        if isinstance(error, StorageUnavailable):
            log.warning("storage unavailable")
        return await reply(request, error)

    async def on_http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 – registered for this class only
        if error.status_code == 405:
            response = await reply(request, MethodNotAllowed())
            response.headers.update(error.headers or {})
            return response
        return await reply(request, _BY_STATUS.get(error.status_code, InvalidInput)())

    async def on_invalid_request(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 – registered for this only
        faults = [fault_at(d["loc"], d["type"], d.get("ctx", {})) for d in error.errors()]
        return await reply(request, InvalidInput(faults=faults))

    async def on_hang_up(_request: Request, _error: Exception) -> Response:
        """Nobody reads this: the sender has gone before the end of the body."""
        return Response(status_code=400)

    async def on_unexpected(request: Request, error: Exception) -> Response:
        log.error("unexpected", exc_info=error)
        return await reply(request, UnexpectedError())

    app.add_exception_handler(MinyiError, on_minyi_error)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(RequestValidationError, on_invalid_request)
    app.add_exception_handler(ClientDisconnect, on_hang_up)
    app.add_exception_handler(Exception, on_unexpected)
    app.user_middleware.append(Middleware(UnexpectedErrors, reply=on_unexpected))


class UnexpectedErrors:
    """ASGI middleware, innermost: a fault of ours is answered where all others are.

    The framework does so outside of all middleware, where the reply gets no headers of ours.
    """

    def __init__(
        self, app: ASGIApp, reply: Callable[[Request, Exception], Awaitable[Response]]
    ) -> None:
        self.app = app
        self.reply = reply

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer where nothing else has."""
        started = False

        async def note(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, note)
        except Exception as error:
            if started or scope["type"] != "http":
                raise
            response = await self.reply(Request(scope), error)
            await response(scope, receive, send)


def wants_json(request: Request) -> bool:
    """Programs get JSON, and so do our own scripts, which ask for nothing else."""
    if request.headers.get("accept") == "application/json":
        return True
    return request.url.path.startswith(
        ("/api/", "/.well-known/", "/healthz", "/readyz", "/metrics")
    )
