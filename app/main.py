"""Put the web application together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from asgi_cross_origin_protection import CrossOriginProtection
from fastapi import FastAPI, Request, Response
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send

from app import __version__, console, metrics, web
from app.admission import Admission
from app.api import keys, operations, v1
from app.error_replies import install_error_replies, problem, wants_json
from app.errors import MinyiError
from app.errors.requests import ForeignOrigin
from app.head_requests import HeadRequests
from app.immutable_replies import ImmutableReplies, KeptReplies
from app.log import RequestLog
from app.route_table import RouteTable
from app.scripted_forms import ScriptedForms
from app.security import BodyLimit, FailedAttempts, SecurityHeaders
from app.services.resources import Clock, Resources, open_resources, system_clock
from app.services.webhook_deliveries import deliver_forever
from app.settings import Settings
from app.stopping import Stopping
from app.store.schema import require_current

MAX_BODY_BYTES = 64 * 1024
GZIP_LEVEL = 3
"""A page is 2 to 6 % larger than at level 9, and a long one takes half the time."""
ALREADY_SMALL = ("application/pdf", "application/zip")
"""What we send and compression does not make smaller; the list is read for every request."""
DESCRIPTION = """Citizens rate their departments; departments' indices come out.

Errors are RFC 9457 problem details with a stable `code` and a list of `faults`. Answering needs a
permit: a device's own (`POST permits`), the code on a letter, or one got after an identity check.
"""


def create_app(settings: Settings | None = None, clock: Clock = system_clock) -> FastAPI:
    """Make the application. Raises SchemaOutOfDate where the database is of another version."""
    settings = settings or Settings()
    require_current(settings.database_url)
    resources = open_resources(settings, clock)
    stopping = Stopping(settings.drain_seconds)
    app = FastAPI(
        title="Minyi",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        redirect_slashes=False,  # such a redirect repeats query and host of the request
        telemetry={"logs": False},
        lifespan=_closing(resources, stopping),
        middleware=[
            Middleware(HeadRequests),
            Middleware(ImmutableReplies),
            Middleware(Admission, most=settings.most_requests, https=settings.secure_cookies),
            Middleware(ScriptedForms),
            Middleware(RequestLog),
            Middleware(SecurityHeaders, https=settings.secure_cookies),
            Middleware(
                GZipMiddleware,
                minimum_size=500,
                compresslevel=GZIP_LEVEL,
                exclude_content_types=ALREADY_SMALL,
            ),
            Middleware(CrossOriginProtection, deny_app=_refuse_foreign_origin),
            Middleware(BodyLimit, limit=MAX_BODY_BYTES),
        ],
    )
    app.state.resources = resources
    app.state.stopping = stopping
    app.state.failed_attempts = FailedAttempts()
    app.state.kept_replies = KeptReplies()
    install_error_replies(app, _error_page)
    app.include_router(operations.router)
    app.include_router(keys.router)
    app.include_router(v1.router)
    app.include_router(console.router)
    app.include_router(web.router)
    app.router.middleware_stack = RouteTable(app.router.middleware_stack, app.routes)
    return app


async def _error_page(request: Request, error: MinyiError) -> Response:
    """Show an error to whom it concerns."""
    for_staff = request.url.path.startswith("/console")
    return await (console.error_page if for_staff else web.error_page)(request, error)


def _closing(resources: Resources, stopping: Stopping):  # type: ignore[no-untyped-def]
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        stopping.watch_signals()
        deliveries = asyncio.create_task(deliver_forever(resources))
        yield
        deliveries.cancel()
        await asyncio.wait([deliveries])
        await resources.close()

    return lifespan


async def _refuse_foreign_origin(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive)
    error = ForeignOrigin()
    metrics.refused(error.code)
    reply = problem(error) if wants_json(request) else await _error_page(request, error)
    await reply(scope, receive, send)
