"""Admission: beyond what it can do soon, the server says so at once and serves whom it accepted.

A request is judged when its whole body has arrived, so slow senders take nobody's place, and leaves
when its reply begins, so slow readers don't either. Health, metrics and static files are always
served; the final sending of answers and staff come before saving a page, and that before looking.
"""

import random
import re
import time
from collections import deque

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import metrics
from app.error_replies import problem, wants_json
from app.errors.operations import Overloaded
from app.load import Load
from app.rendering import Page, page_for
from app.security import SecurityHeaders

READ_AHEAD = 64 * 1024
_ALWAYS = frozenset(("/healthz", "/readyz", "/metrics"))
_LOOKING = frozenset(("GET", "HEAD", "OPTIONS"))
_SHARES = {"send": 1.0, "save": 0.75, "look": 0.5}
"""Of the load that is possible, how much each kind of request may bring about."""
_WAVE = re.compile(r"/w/([a-z0-9][a-z0-9-]{0,60})/")
_BACK = b"/@first-page@"


class Admission:
    """ASGI middleware, inside of nothing but replies from memory."""

    def __init__(self, app: ASGIApp, *, most: int, https: bool) -> None:
        self.app = app
        self.load = Load(most)
        self.refusals = Refusals(https=https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Accept the request, maybe after a wait, or refuse it."""
        if scope["type"] != "http" or _is_always_served(scope["path"]):
            await self.app(scope, receive, send)
            return
        if scope["method"] not in _LOOKING:
            whole = await _read_ahead(receive)
            if whole is None:
                return
            receive = whole
        if not self.load.can_take(_SHARES[_kind(scope)]):
            metrics.refused(Overloaded.code)
            await self.refusals.send(scope, send, self.load)
            return
        await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        ticket = await self.load.enter()

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.load.leave(ticket)
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            self.load.leave(ticket)


def _is_always_served(path: str) -> bool:
    return path in _ALWAYS or path.startswith("/static/")


def _kind(scope: Scope) -> str:
    path = scope["path"]
    if path.startswith("/console"):
        return "send"
    if scope["method"] in _LOOKING:
        return "look"
    return "send" if path.endswith(("/submit", "/responses")) else "save"


async def _read_ahead(receive: Receive) -> Receive | None:
    """Wait for the body, or as much of it as most routes read; None where the sender gave up."""
    messages, size = deque([await receive()]), 0
    while messages[-1].get("more_body") and size < READ_AHEAD:
        messages.append(await receive())
        size += len(messages[-1].get("body", b""))
    if messages[-1]["type"] == "http.disconnect":
        return None

    async def again() -> Message:
        return messages.popleft() if messages else await receive()

    return again


class Refusals:
    """Replies made once for all: by language and size of type for citizens, one for programs."""

    def __init__(self, *, https: bool) -> None:
        self._https = https
        self._made: dict[object, tuple[Message, bytes]] = {}
        self._log = structlog.get_logger("minyi.admission")
        self._second, self._in_second = 0.0, 0

    async def send(self, scope: Scope, send: Send, load: Load) -> None:
        """Refuse a request, and say when to come back."""
        request = Request(scope)
        looking = scope["method"] in _LOOKING
        page = None if wants_json(request) else page_for(request)
        key = page and (page.language, page.large, looking)
        if key not in self._made:
            self._made[key] = await self._make(scope, page, looking=looking)
        start, body = self._made[key]
        if page:
            found = _WAVE.match(scope["path"])
            body = body.replace(_BACK, f"/w/{found[1]}".encode() if found else b"/")
        more = [
            (b"content-length", b"%d" % len(body)),
            (b"retry-after", b"%d" % self._come_back_after(load)),
        ]
        await send({**start, "headers": [*start["headers"], *more]})
        await send({"type": "http.response.body", "body": body})

    def _come_back_after(self, load: Load) -> int:
        """Draw seconds from a span that grows with the crowd; log its size once a second."""
        now = time.monotonic()
        self._in_second += 1
        span = min(60.0, 6 + self._in_second / 50)
        if now - self._second >= 1:
            self._log.warning("overloaded", refused=self._in_second, inside=load.inside)
            self._second, self._in_second = now, 0
        return round(2 + random.random() * span)  # noqa: S311 – spreads a crowd

    async def _make(
        self, scope: Scope, page: Page | None, *, looking: bool
    ) -> tuple[Message, bytes]:
        """Make a refusal with the headers that every reply has."""
        reply = problem(Overloaded()) if page is None else _waiting_page(page, looking=looking)
        sent: list[Message] = []

        async def keep(message: Message) -> None:
            sent.append(message)

        async def nothing() -> Message:
            return {"type": "http.disconnect"}

        await SecurityHeaders(reply, https=self._https)(scope, nothing, keep)
        per_reply = (b"content-length", b"retry-after")
        headers = [one for one in sent[0]["headers"] if one[0] not in per_reply]
        return {**sent[0], "headers": headers}, sent[1]["body"]


def _waiting_page(page: Page, *, looking: bool) -> Response:
    return page.show(
        "overloaded.html",
        status=Overloaded.status,
        title=page.say(Overloaded.title),
        looking=looking,
        first_page=_BACK.decode(),
    )
