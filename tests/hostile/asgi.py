"""Call the application without any client library: nothing tidies a request up on its way."""

import dataclasses
from collections.abc import Sequence

from fastapi import FastAPI
from starlette.types import Message

Headers = Sequence[tuple[bytes, bytes]]


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """A request as bytes."""

    method: str
    path: str
    query: bytes = b""
    headers: Headers = ()
    body: bytes = b""


async def call(app: FastAPI, request: Request) -> tuple[int, bytes]:
    """Give status and body of the reply."""
    status, parts, sent = 0, [], False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
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
        "client": ("203.0.113.1", 1),
        "server": ("testserver", 80),
    }
    try:
        await app(scope, receive, send)
    except Exception:  # the server notes it and stays up; the status says 500
        assert status == 500
    return status, b"".join(parts)
