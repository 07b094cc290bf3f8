"""Structured logs that say what happened and never who or what: no address, no body, no message
of an exception (it may hold data), no path (it may hold a code) – the route's template instead.
"""

import contextlib
import logging
import sys
import time
import traceback
from types import TracebackType
from typing import Literal

import msgspec
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import metrics

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


_FIRST = ("timestamp", "level", "event")
_to_json = msgspec.json.Encoder(enc_hook=str).encode


def set_up_logging(form: Literal["json", "text"], level: int = logging.INFO) -> None:
    """Send all logs from this level on, the libraries' too, to standard output.

    Ours take the short way, since each request writes a line; those of the libraries come through
    Python's own `logging` and look the same.
    """
    render: structlog.typing.Processor = (
        _as_json if form == "json" else structlog.processors.LogfmtRenderer(key_order=_FIRST)
    )
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        strip_exception,
    ]
    out = sys.stdout
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Lines(out),
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in ("uvicorn.access", "httpx", "httpx2"):  # these log addresses
        logging.getLogger(name).disabled = True


class _Lines(structlog.WriteLogger):
    """Lines of the log. Where they cannot be written, citizens are served all the same."""

    def msg(self, message: str) -> None:
        """Write a line, if that is possible."""
        with contextlib.suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


def _as_json(_logger: object, _method: str, event: structlog.typing.EventDict) -> str:
    return _to_json({**{name: event.pop(name) for name in _FIRST}, **event}).decode()


def strip_exception(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Replace an exception by its type and the places it passed; drop its message."""
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    error = found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["places"] = [
            f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
    return event


def route_of(scope: Scope) -> str:
    """Give the template of the route that a request went to.

    The framework names the routes that it refuses (405) by the end of their template only; what
    stands before it in the path is the sender's, and is not repeated.
    """
    template = getattr(scope.get("route"), "path", "")
    is_whole = template.count("/") == scope["path"].count("/")
    return str(template) if template and is_whole else "none"


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})


def method_of(scope: Scope) -> str:
    """Name the method of a request; any other word is the sender's own and is not repeated."""
    return scope["method"] if scope["method"] in _METHODS else "other"


class RequestLog:
    """ASGI middleware: one line a request with method, route template, status and duration, and the
    same for the metrics."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.log = structlog.get_logger("minyi.request")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note how it went."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0
        metrics.request_began()

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, note_status)
        finally:
            method, route = method_of(scope), route_of(scope)
            seconds = time.perf_counter() - started
            metrics.request_ended(method, route, status, seconds)
            self.log.info(
                "request",
                method=method,
                route=route,
                status=status,
                ms=round(seconds * 1000, 1),
            )
