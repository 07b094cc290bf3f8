"""Call the application without any client library: nothing tidies a request up on its way."""

import asyncio
import dataclasses
from collections.abc import Sequence

from fastapi import FastAPI
from starlette.types import Message

Headers = Sequence[tuple[bytes, bytes]]


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """A request as bytes. A body comes in `pieces`; with `hangs_up` the sender goes before its end.

    `weight` says how often it is drawn from among others.
    """

    method: str
    path: str
    query: bytes = b""
    headers: Headers = ()
    body: bytes = b""
    pieces: int = 1
    hangs_up: bool = False
    sender: str = "203.0.113.1"
    weight: float = 1.0


@dataclasses.dataclass(frozen=True, slots=True)
class Reply:
    """A reply as bytes; `status` is 0 where none came."""

    status: int
    headers: Headers
    body: bytes

    def header(self, name: bytes) -> bytes:
        """Give a header, empty where it is missing."""
        return next((value for key, value in self.headers if key == name), b"")


async def call(app: FastAPI, request: Request) -> Reply:
    """Send a request and collect the reply."""
    status, headers, parts = 0, [], []
    waiting = _messages(request)

    async def receive() -> Message:
        if not waiting and not request.hangs_up:
            await asyncio.Event().wait()  # the sender waits for the reply
        return waiting.pop() if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], message["headers"]
        else:
            parts.append(message.get("body", b""))

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": request.path,
        "raw_path": request.path.encode("utf-8", "replace"),
        "query_string": request.query,
        "root_path": "",
        "headers": [(b"host", b"testserver"), *request.headers],
        "client": (request.sender, 1),
        "server": ("testserver", 80),
    }
    try:
        await app(scope, receive, send)
    except Exception:  # the server notes it and stays up; the status says 500
        assert status == 500
    return Reply(status, headers, b"".join(parts))


def _messages(request: Request) -> list[Message]:
    """Cut the body in pieces, the last one first."""
    size = -(-len(request.body) // request.pieces) or 1
    cuts = range(0, max(len(request.body), 1), size)
    messages: list[Message] = [
        {"type": "http.request", "body": request.body[at : at + size], "more_body": True}
        for at in cuts
    ]
    if request.hangs_up:
        messages.pop()
    elif messages:
        messages[-1]["more_body"] = False
    return messages[::-1]
