"""Whole replies kept in memory: only those of which nothing can ever change."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.api.v1.conditional import ALWAYS_ASK, FOR_GOOD, PRIVATE, conditional_json, etag_of
from app.immutable_replies import ImmutableReplies, KeptReplies

BODY = b'{"index":"82.80"}' * 100


class Server:
    """A route that counts how often it was asked; replies are of the kind `cache`."""

    def __init__(self, cache: str = FOR_GOOD, most_bytes: int = 1 << 20) -> None:
        self.asked = 0
        self.cache = cache
        self.more: dict[str, str] = {}
        self.status = 200
        app = Starlette(
            routes=[Route("/{name}", self.answer, methods=["GET", "POST"])],
            middleware=[Middleware(ImmutableReplies)],
        )
        app.state.kept_replies = KeptReplies(most_bytes)
        transport = httpx.ASGITransport(app)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://testserver")

    async def answer(self, request: Request) -> Response:
        self.asked += 1
        reply = conditional_json(request, BODY, etag_of(BODY), cache=self.cache)
        reply.headers.update(self.more)
        reply.status_code = self.status if reply.status_code == 200 else reply.status_code
        return reply

    async def get(self, path: str = "/a", **headers: str) -> httpx.Response:
        plain = {"accept-encoding": "identity"}
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.get(path, headers=plain | sent)


async def test_a_document_is_made_once_and_given_again_unchanged() -> None:
    server = Server()
    first, second = await server.get(), await server.get()
    assert server.asked == 1
    assert second.content == first.content == BODY
    assert second.headers == first.headers


async def test_who_has_it_is_told_from_memory_too() -> None:
    server = Server()
    etag = (await server.get()).headers["etag"]
    reply = await server.get(if_none_match=f'"x", W/{etag}')
    assert (reply.status_code, reply.content, reply.headers["etag"]) == (304, b"", etag)
    assert "content-length" not in reply.headers
    assert (await server.get(if_none_match='"x"')).content == BODY
    assert server.asked == 1


async def test_each_coding_is_kept_apart() -> None:
    server = Server()
    for _ in range(2):
        assert (await server.get()).headers.get("content-encoding") is None
        zipped = await server.get(accept_encoding="gzip")
        assert (zipped.headers["content-encoding"], zipped.content) == ("gzip", BODY)
    assert server.asked == 2


@pytest.mark.parametrize("cache", [ALWAYS_ASK, PRIVATE, "immutable", "private, immutable"])
async def test_what_may_change_or_is_not_for_everybody_is_not_kept(cache: str) -> None:
    server = Server(cache)
    await server.get()
    await server.get()
    assert server.asked == 2


async def test_neither_refusals_nor_cookies_nor_queries_nor_posts_are_kept() -> None:
    server = Server()
    server.more = {"set-cookie": "a=b"}
    await server.get()
    server.more, server.status = {}, 404
    await server.get()
    server.status = 200
    await server.get("/a?x=1")
    await server.client.post("/a")
    assert (await server.get(if_none_match="*")).status_code == 304
    assert server.asked == 5
    await server.get()
    assert server.asked == 6, "a 304 is no document to keep"


async def test_the_least_used_make_room() -> None:
    server = Server(most_bytes=2 * len(BODY))
    for path in ("/a", "/b", "/a", "/c", "/a"):
        await server.get(path)
    assert server.asked == 3
    await server.get("/b")
    assert server.asked == 4
