"""Replies that never change are made once: a published release is the same bytes on every pull.

Scoring systems pull often. Routing, checks and headers cost ten times what sending the bytes does,
so the whole reply of a public document that its route calls immutable is kept in memory, headers
included, and given again, or 304 where the reader has it. A hit is counted in `/metrics` and not
logged.
"""

import dataclasses
from collections import OrderedDict

from prometheus_client import Counter
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 32 << 20
HITS = Counter("minyi_immutable_replies", "Replies given again from memory")
_OF_A_BODY = ("content-length", "content-type", "content-encoding")

Key = tuple[str, bool]
"""Path, and whether the reader takes gzip."""


def matches(known: str, *etags: str) -> str | None:
    """Find the ETag that If-None-Match names; compared weakly (RFC 9110 section 13.1.2)."""
    if known.strip() == "*":
        return etags[0]
    names = {one.strip().removeprefix("W/") for one in known.split(",")}
    return next((etag for etag in etags if etag.removeprefix("W/") in names), None)


def accepts_gzip(accepted: str) -> bool:
    """Read Accept-Encoding; `gzip;q=0` says no."""
    for coding in accepted.lower().split(","):
        name, _, weight = coding.partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


@dataclasses.dataclass(frozen=True, slots=True)
class _Kept:
    """A reply as it was sent, and the 304 that stands for it."""

    etag: str
    start: Message
    body: Message
    not_modified: Message

    @property
    def size(self) -> int:
        return len(self.body["body"])

    async def send(self, send: Send, known: str) -> None:
        if known and matches(known, self.etag):
            await send(self.not_modified)
            await send({"type": "http.response.body", "body": b""})
        else:
            await send(self.start)
            await send(self.body)


class KeptReplies:
    """The memory: whole replies by path and coding; the least used ones make room."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._bytes = 0

    def find(self, key: Key) -> _Kept | None:
        """Give a reply that is kept, if it is."""
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def keep(self, key: Key, start: Message, body: Message) -> None:
        """Keep a reply whose body is this one message."""
        without_body = Headers(raw=start["headers"]).mutablecopy()
        for name in _OF_A_BODY:
            del without_body[name]
        not_modified = {**start, "status": 304, "headers": without_body.raw}
        kept = _Kept(without_body["etag"], start, body, not_modified)
        self._bytes += kept.size - (self._kept[key].size if key in self._kept else 0)
        self._kept[key] = kept
        while self._bytes > self._most_bytes:
            self._bytes -= self._kept.popitem(last=False)[1].size


class ImmutableReplies:
    """ASGI middleware, outermost. The memory is the application's: `app.state.kept_replies`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory, or pass on and keep what comes back."""
        if scope["type"] != "http" or scope["method"] != "GET" or scope["query_string"]:
            await self.app(scope, receive, send)
            return
        accepted, known = "", ""
        for name, value in scope["headers"]:
            if name == b"accept-encoding":
                accepted = value.decode("latin-1")
            elif name == b"if-none-match":
                known = value.decode("latin-1")
        replies: KeptReplies = scope["app"].state.kept_replies
        key = (scope["path"], accepts_gzip(accepted))
        kept = replies.find(key)
        if kept is None:
            await self.app(scope, receive, _keeping(replies, key, send))
        else:
            HITS.inc()
            await kept.send(send, known)


def _keeping(replies: KeptReplies, key: Key, send: Send) -> Send:
    """Pass a reply on, and keep it if it never changes and comes in one piece."""
    start: Message | None = None

    async def note(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            start = message if _never_changes(message) else None
        elif start and message["type"] == "http.response.body" and not message.get("more_body"):
            replies.keep(key, start, message)
        else:
            start = None
        await send(message)

    return note


def _never_changes(start: Message) -> bool:
    """A whole document for everybody, marked immutable, with an ETag and no cookie."""
    headers = MutableHeaders(scope=start)
    rules = {one.strip() for one in headers.get("cache-control", "").split(",")}
    return (
        start["status"] == 200
        and {"public", "immutable"} <= rules
        and "etag" in headers
        and "set-cookie" not in headers
    )
