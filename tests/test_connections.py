"""Connections that dawdle are ended, those that come in too great a number turned away."""

import asyncio
import resource
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app import connections
from app.connections import PatientProtocol, raise_descriptor_limit

HOST = b"host: localhost\r\n"
GET = b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"
POST = b"POST / HTTP/1.1\r\n" + HOST + b"content-length: 10\r\n\r\n"
LARGE = 8 << 20


class Hasty(PatientProtocol):
    """The same in seconds that a test can wait."""

    HEAD_SECONDS = 0.3
    BODY_SECONDS = 0.3
    READING_SECONDS = 0.3
    BODY_BYTES_PER_SECOND = 10


async def _answer(request: Request) -> Response:
    body = await request.body()
    return PlainTextResponse(b"x" * LARGE if request.url.path == "/large" else body or b"here")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server that is patient for fractions of a second."""
    app = Starlette(routes=[Route("/{path:path}", _answer, methods=["GET", "POST"])])
    server = uvicorn.Server(uvicorn.Config(app, port=0, http=Hasty, log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(10)


class Caller:
    """One connection."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __aenter__(self) -> "Caller":
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def sends(self, data: bytes, *more: bytes, pause: float = 0.0) -> None:
        self._writer.write(data)
        for piece in more:
            await asyncio.sleep(pause)
            self._writer.write(piece)

    async def hears(self) -> bytes:
        """All that comes until the server hangs up."""
        return await asyncio.wait_for(self._reader.read(), 10)

    async def hears_a_reply(self) -> bytes:
        head = await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), 10)
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        return head + await self._reader.readexactly(length)


@pytest.mark.parametrize(
    "start", [b"", b"GET / HTTP/1.1\r\nho", b"\r\n", POST, POST + b"half"], ids=repr
)
async def test_a_request_that_does_not_arrive_ends_the_connection(port: int, start: bytes) -> None:
    async with Caller(port) as caller:
        await caller.sends(start)
        assert (await caller.hears()).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("again", [b"GET / HTTP/1.1\r\nho", b"\r\n"], ids=repr)
async def test_the_next_request_of_a_connection_has_to_arrive_too(port: int, again: bytes) -> None:
    async with Caller(port) as caller:
        await caller.sends(GET)
        assert (await caller.hears_a_reply()).endswith(b"here")
        await caller.sends(again)
        assert (await caller.hears()).startswith(b"HTTP/1.1 408 ")


async def test_a_head_in_drops_is_ended_though_each_drop_comes_soon(port: int) -> None:
    async with Caller(port) as caller:
        heard = asyncio.create_task(caller.hears())
        await caller.sends(b"GET / HTTP/1.1\r\n", *[b"a: b\r\n"] * 10, pause=0.1)
        assert heard.done()
        assert (await heard).startswith(b"HTTP/1.1 408 ")


async def test_a_body_that_keeps_coming_has_the_time_it_needs(port: int) -> None:
    async with Caller(port) as caller:
        await caller.sends(POST, b"01234", b"56789", pause=0.25)
        assert (await caller.hears_a_reply()).endswith(b"0123456789")


async def test_a_connection_may_pause_before_its_next_request(port: int) -> None:
    async with Caller(port) as caller:
        for _ in range(2):
            await caller.sends(GET)
            assert (await caller.hears_a_reply()).endswith(b"here")
            await asyncio.sleep(0.7)


async def test_a_reader_who_does_not_read_is_hung_up_on(port: int) -> None:
    async with Caller(port) as caller:
        await caller.sends(GET.replace(b"/ ", b"/large "))
        await asyncio.sleep(1.5)
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await caller.hears_a_reply()


async def test_a_head_without_end_is_refused(port: int) -> None:
    async with Caller(port) as caller:
        await caller.sends(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 10_000)
        assert (await caller.hears()).startswith(b"HTTP/1.1 431 ")


async def test_more_connections_than_there_are_descriptors_for_are_turned_away(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "most_connections", lambda: 1)
    async with Caller(port) as first, Caller(port) as second:
        assert (await second.hears()).startswith(b"HTTP/1.1 503 ")
        await first.sends(GET)
        assert (await first.hears_a_reply()).endswith(b"here")


def test_a_process_takes_the_descriptors_that_it_may_have() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    hard = before[1]
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, hard), hard))
        raise_descriptor_limit()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
        assert connections.most_connections() == max(hard - 128, 128)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
