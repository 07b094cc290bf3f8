"""A client that tells exactly how far a request came when something broke.

Libraries for HTTP hide that: whether anything was sent, on a new connection or a kept one, and
whether a reply had begun. Here each way of failing is a word of its own.
"""

import asyncio
from dataclasses import dataclass


class Unsent(Exception):
    """Nobody listened: nothing was sent."""


class Unanswered(Exception):
    """Sent, and no byte came back. `kept`: on a connection that had served before."""

    def __init__(self, *, kept: bool) -> None:
        super().__init__()
        self.kept = kept


class HalfAnswered(Exception):
    """A reply began and broke off."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply."""

    status: int
    body: bytes


class Line:
    """One client's connection, made anew after it broke."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: bytes) -> Reply:
        """Send a request and read the reply. Raises Unsent, Unanswered, HalfAnswered."""
        kept = self._streams is not None
        reader, writer = self._streams or await self._connect()
        try:
            writer.write(_request(path, body))
            return await self._reply(reader)
        except asyncio.IncompleteReadError as error:
            self.hang_up()
            raise (HalfAnswered() if error.partial else Unanswered(kept=kept)) from None
        except OSError:
            self.hang_up()
            raise Unanswered(kept=kept) from None
        except asyncio.CancelledError:
            self.hang_up()
            raise

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            raise Unsent from None
        return self._streams

    async def _reply(self, reader: asyncio.StreamReader) -> Reply:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0])
        try:
            body = await reader.readexactly(length)
        except (asyncio.IncompleteReadError, OSError):
            self.hang_up()
            raise HalfAnswered from None
        if b"\r\nconnection: close\r\n" in head:
            self.hang_up()
        return Reply(int(head[9:12]), body)

    def hang_up(self) -> None:
        """Close the connection, if there is one."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def _request(path: str, body: bytes) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
