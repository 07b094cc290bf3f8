"""The real application in front of which somebody decides whether a request gets through."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import Message, Receive, Scope, Send

from app.admission import Refusals
from app.load import Load
from app.main import create_app
from app.settings import Settings
from tests.browser.conftest import SECRET, Site
from tests.browser.thread_server import ThreadServer, free_port


class Moody:
    """ASGI application: refuses as the real one does under load, or loses replies, when told to."""

    def __init__(self, settings: Settings) -> None:
        self.app = create_app(settings)
        self.refusals = Refusals(https=False)
        self.refuses = 0
        self.loses = 0
        self.retry_after = b"1"
        self.posts: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST":
            self.posts.append(scope["path"])
        if scope["type"] != "http" or scope["path"].startswith("/static/"):
            await self.app(scope, receive, send)
        elif self.refuses:
            self.refuses -= 1
            scope["app"] = self.app
            await self.refusals.send(scope, self._soon(send), Load(1))
        elif self.loses and scope["method"] == "POST":
            self.loses -= 1
            await self._lose_the_reply(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _soon(self, send: Send) -> Send:
        async def sooner(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [one for one in message["headers"] if one[0] != b"retry-after"]
                message = {**message, "headers": [*kept, (b"retry-after", self.retry_after)]}
            await send(message)

        return sooner

    async def _lose_the_reply(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application do its work and answer as a proxy that has lost the connection."""

        async def nowhere(_message: Message) -> None:
            return

        await self.app(scope, receive, nowhere)
        headers = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 502, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


@contextmanager
def moody_server(site: Site) -> Iterator[tuple[Site, Moody]]:
    """Serve the site's surveys by a moody server of their own."""
    settings = Settings(_env_file=None, database_url=site.database_url, secret_key=SECRET)
    moody, port = Moody(settings), free_port()
    server = ThreadServer(settings, port, moody)
    try:
        yield dataclasses.replace(site, address=f"http://127.0.0.1:{port}"), moody
    finally:
        server.stop()
