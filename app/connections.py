"""Connections that take their time: how long the server is patient with each, and how many it has.

uvicorn limits only the time between requests. Here a request's head and body have to arrive within
a time, replies have to be read within one, and a head has a greatest size. A look at each
connection every few seconds is enough, so that a request costs no timer.
"""

import asyncio
import math
import sys
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if sys.platform != "win32":
    import resource

LOOKS_EVERY = 5.0
MOST_HEAD_BYTES = 32 * 1024
RESERVED_DESCRIPTORS = 128
"""Kept for the database, files and calls to other systems."""


def _reply(status: str, *more: str) -> bytes:
    """Write a reply to what has not become a request."""
    lines = [f"HTTP/1.1 {status}", "content-length: 0", "connection: close", *more]
    return "\r\n".join([*lines, "", ""]).encode()


_TIMED_OUT = _reply("408 Request Timeout")
_HEAD_TOO_LARGE = _reply("431 Request Header Fields Too Large")
_FULL = _reply("503 Service Unavailable", "retry-after: 15")


def raise_descriptor_limit() -> None:
    """Let this process and its workers have as many connections as the system permits."""
    if sys.platform == "win32":
        return
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def most_connections() -> int:
    """How many connections a process may have without running out of descriptors."""
    if sys.platform == "win32":
        return sys.maxsize
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(soft - RESERVED_DESCRIPTORS, RESERVED_DESCRIPTORS)


class PatientProtocol(HttpToolsProtocol):
    """HTTP/1.1 with limits to patience; times in seconds."""

    HEAD_SECONDS = 15.0
    BODY_SECONDS = 20.0
    BODY_BYTES_PER_SECOND = 10_000
    """A large body gets more time, as long as it comes faster than this."""
    READING_SECONDS = 30.0

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._due = math.inf
        self._head_bytes: int | None = 0  # None while a body or a reply is on its way
        self._look: asyncio.TimerHandle | None = None

    # What the transport tells ---------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Greet a connection, unless there are too many."""
        super().connection_made(transport)
        if len(self.connections) > most_connections():
            transport.write(_FULL)
            transport.close()
        self._due = self.loop.time() + self.HEAD_SECONDS
        self._look_again()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        if self._look:
            self._look.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came. A head is due from its first byte on."""
        if self._due == math.inf and (self.cycle is None or self.cycle.response_complete):
            self._due = self.loop.time() + self.HEAD_SECONDS
            self._head_bytes = 0
        super().data_received(data)
        if self._head_bytes is not None:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self._end(_HEAD_TOO_LARGE)

    def pause_writing(self) -> None:
        """The reader does not keep up: what is written is to be read by then."""
        super().pause_writing()
        self._due = self.loop.time() + self.READING_SECONDS

    def resume_writing(self) -> None:
        """The reader has caught up."""
        super().resume_writing()
        self._due = math.inf

    # What the parser tells ------------------------------------------------------------------

    def on_headers_complete(self) -> None:
        """The head is there; a body is due."""
        self._head_bytes = None
        self._due = self.loop.time() + self.BODY_SECONDS
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of the body is there; it buys time for the next."""
        self._due += len(body) / self.BODY_BYTES_PER_SECOND
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is there; nothing is due from the sender before the reply."""
        answered = self.cycle is not None and self.cycle.response_complete
        self._due = self.loop.time() + self.HEAD_SECONDS if answered else math.inf
        super().on_message_complete()

    # What time tells ------------------------------------------------------------------------

    def _look_again(self) -> None:
        every = min(LOOKS_EVERY, self.HEAD_SECONDS / 3)
        self._look = self.loop.call_later(every, self._look_at)

    def _look_at(self) -> None:
        """End the connection if something is overdue; what is closed has to be read in time too."""
        if self.loop.time() > self._due:
            self._end(_TIMED_OUT)
        elif self.transport.is_closing() and self._due == math.inf:
            self._due = self.loop.time() + self.READING_SECONDS
        self._look_again()

    def _end(self, words: bytes) -> None:
        """Say why, where somebody may still listen, and hang up."""
        if self.transport.is_closing() or self.flow.write_paused:
            self.transport.abort()
            return
        if self.cycle is None or not self.cycle.response_started or self.cycle.response_complete:
            self.transport.write(words)
        self.transport.close()
        self._due = self.loop.time() + self.READING_SECONDS
