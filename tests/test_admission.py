"""Who is refused when there are too many, how it is said, and who never is."""

import asyncio
import types
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.admission import Admission
from app.head_requests import HeadRequests
from app.immutable_replies import ImmutableReplies

MOST = 4
METHODS = ["GET", "POST"]
SEND, SAVE, LOOK = "/w/a/submit", "/w/a/s/one", "/w/a"


class Server:
    """Requests to /held… are in until let go; the rest is answered at once."""

    def __init__(self) -> None:
        self.came, self.let_go = asyncio.Semaphore(0), asyncio.Event()
        self.entered: list[str] = []
        app = Starlette(
            routes=[Route("/{path:path}", self.answer, methods=METHODS)],
            middleware=[Middleware(Admission, most=MOST, https=True)],
        )
        settings = types.SimpleNamespace(default_language="zh")
        app.state.resources = types.SimpleNamespace(settings=settings)
        transport = httpx.ASGITransport(app)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://testserver")

    async def answer(self, request: Request) -> Response:
        self.entered.append(request.url.path)
        body = await request.body()
        if request.url.path.startswith("/held"):
            self.came.release()
            await self.let_go.wait()
        return PlainTextResponse(body or b"here")

    @asynccontextmanager
    async def holding(self, n: int) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(self.client.post("/held/submit")) for _ in range(n)]
        for _ in range(n):
            await self.came.acquire()
        yield
        self.let_go.set()
        replies = await asyncio.gather(*tasks)
        assert {reply.status_code for reply in replies} == {200}, "whom it took on, it served"

    async def status(self, path: str) -> int:
        method = "GET" if path == LOOK else "POST"
        return (await self.client.request(method, path)).status_code


@pytest.mark.parametrize(
    ("inside", "served"),
    [(1, {SEND, SAVE, LOOK}), (2, {SEND, SAVE}), (3, {SEND}), (4, set())],
)
async def test_sending_comes_before_saving_and_that_before_looking(
    inside: int, served: set[str]
) -> None:
    server = Server()
    async with server.holding(inside):
        found = {path for path in (SEND, SAVE, LOOK) if await server.status(path) == 200}
    assert found == served
    assert await server.status(LOOK) == 200, "afterwards there is room again"


async def test_what_is_refused_never_enters() -> None:
    server = Server()
    async with server.holding(MOST):
        assert await server.status(SEND) == 503
    assert SEND not in server.entered


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/static/abc/minyi.css"])
async def test_health_and_static_files_are_always_served(path: str) -> None:
    server = Server()
    async with server.holding(MOST):
        assert (await server.client.get(path)).status_code == 200


async def test_staff_go_on_working_while_pages_are_refused() -> None:
    server = Server()
    async with server.holding(3):
        assert (await server.client.get(LOOK)).status_code == 503
        assert (await server.client.get("/console/waves")).status_code == 200


async def test_programs_get_a_problem() -> None:
    server = Server()
    async with server.holding(MOST):
        reply = await server.client.post("/api/v1/waves/a/responses", json={})
    assert reply.status_code == 503
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["code"] == "overloaded"
    assert 2 <= int(reply.headers["retry-after"]) <= 10


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({}, "现在参与的人很多"),
        ({"accept-language": "en"}, "Very many people"),
        ({"accept-language": "en", "cookie": "language=zh"}, "现在参与的人很多"),
    ],
)
async def test_citizens_get_a_page_in_their_language(headers: dict[str, str], words: str) -> None:
    server = Server()
    async with server.holding(MOST):
        reply = await server.client.get(LOOK, headers=headers)
    assert words in reply.text
    assert int(reply.headers["content-length"]) == len(reply.content)


async def test_a_post_is_told_how_to_send_again_and_shown_the_way_back() -> None:
    server = Server()
    async with server.holding(MOST):
        reply = await server.client.post(SAVE, headers={"accept-language": "en"})
        strange = await server.client.post("/w/%22onclick/x", headers={"accept-language": "en"})
    assert "reload this page" in reply.text
    assert 'href="/w/a"' in reply.text
    assert "onclick" not in strange.text


async def test_the_times_to_come_back_are_spread() -> None:
    server = Server()
    async with server.holding(MOST):
        waits = {(await server.client.get(LOOK)).headers["retry-after"] for _ in range(50)}
    assert len(waits) > 3


async def test_a_refusal_has_the_headers_of_every_reply(built_app: FastAPI) -> None:
    transport = httpx.ASGITransport(built_app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        usual = (await client.get("/healthz")).headers
    server = Server()
    async with server.holding(MOST):
        refused = (await server.client.get(LOOK)).headers
    own = {"strict-transport-security", "retry-after"}
    assert set(refused) - own == set(usual)
    assert refused["content-security-policy"] == usual["content-security-policy"]


async def test_a_slow_sender_takes_nobodys_place() -> None:
    server = Server()
    rest = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield b"ans"
        await rest.wait()
        yield b"wer"

    slow = [asyncio.create_task(server.client.post(SAVE, content=slowly())) for _ in range(50)]
    await asyncio.sleep(0.01)
    assert server.entered == []
    assert await server.status(LOOK) == 200
    rest.set()
    replies = await asyncio.gather(*slow)
    assert {reply.text for reply in replies if reply.status_code == 200} == {"answer"}


async def test_only_replies_from_memory_come_before_it(built_app: FastAPI) -> None:
    first = [one.cls for one in built_app.user_middleware[:3]]
    assert first == [HeadRequests, ImmutableReplies, Admission]
