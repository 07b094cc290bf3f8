"""Forms that our own script sends: it is told where to go on instead of being led there.

A browser would follow the redirect by itself, and then load the same page a second time to show it.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

ASKS = (b"minyi-script", b"1")
TELLS = b"minyi-location"


class ScriptedForms:
    """ASGI middleware: 303 becomes 200 with the address in a header that scripts can read."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        asks = scope["type"] == "http" and scope["method"] == "POST" and ASKS in scope["headers"]
        await self.app(scope, receive, _telling(send) if asks else send)


def _telling(send: Send) -> Send:
    async def tell(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 303:
            headers = [
                (TELLS if name == b"location" else name, v) for name, v in message["headers"]
            ]
            message = {**message, "status": 200, "headers": headers}
        await send(message)

    return tell
