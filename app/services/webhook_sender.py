"""Post to an address that a stranger chose, and to no machine that only we can reach.

The name is resolved once, every address it has is judged, and the connection goes to the one that
was judged: a name that leads elsewhere a moment later (DNS rebinding) gains nothing. Redirects are
not followed, proxies of the environment not used, and of the reply only the status is read.
"""

import asyncio
import functools
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlsplit

import httpx

from app.domain.clients.addresses import LONGEST_URL, is_public
from app.errors import Fault, InvalidInput

TIMEOUT_SECONDS = 10.0
Resolver = Callable[[str, int], Awaitable[list[str]]]
"""Host and port → IP addresses. Raises OSError where there are none."""


class _AddressRefused(Exception):
    """The name has an address that is not public."""


async def system_resolver(host: str, port: int) -> list[str]:
    """Ask the operating system."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(info[4][0]) for info in found]


@functools.cache
def _trusted() -> ssl.SSLContext:
    """Give the certificates that httpx trusts: reading them all takes 25 ms, so once a process."""
    return httpx.create_ssl_context()


class _PinnedTransport(httpx.AsyncBaseTransport):
    """Connects to the address that was judged; certificate and Host stay those of the name."""

    def __init__(self, resolve: Resolver, *, allow_private: bool) -> None:
        self._resolve = resolve
        self._allow_private = allow_private
        # A kept connection would be reused for other names at the same address.
        limits = httpx.Limits(max_connections=20, max_keepalive_connections=0)
        self._inner = httpx.AsyncHTTPTransport(verify=_trusted(), limits=limits)

    async def judged_address(self, url: httpx.URL) -> str:
        """Resolve the host. Raises _AddressRefused, and OSError where it has no address."""
        port = url.port or (443 if url.scheme == "https" else 80)
        addresses = await self._resolve(url.host, port)
        if not addresses:
            raise OSError
        if not self._allow_private and not all(is_public(one) for one in addresses):
            raise _AddressRefused
        return addresses[0]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request to the judged address."""
        name = request.url.raw_host.decode()
        address = await self.judged_address(request.url)
        request.url = request.url.copy_with(host=address)
        request.extensions = {**request.extensions, "sni_hostname": name}
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


class WebhookSender:
    """Judges addresses and posts to them."""

    def __init__(self, *, allow_private: bool, resolve: Resolver = system_resolver) -> None:
        self._allow_private = allow_private
        self._transport = _PinnedTransport(resolve, allow_private=allow_private)
        self._client = httpx.AsyncClient(
            transport=self._transport, follow_redirects=False, trust_env=False
        )

    async def require_acceptable(self, url: str) -> None:
        """Raise InvalidInput on field `url` where we would not post to it."""
        if not _is_webhook_url(url, allow_http=self._allow_private):
            raise _refused("not-a-webhook-address", "An https address without user and fragment")
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                await self._transport.judged_address(httpx.URL(url))
        except (_AddressRefused, OSError, ValueError, httpx.InvalidURL):
            raise _refused("address-refused", "The host has no public address") from None

    async def post(self, url: str, *, headers: Mapping[str, str], content: bytes) -> str:
        """Post once; gives the problem in a word, none for a reply of 2xx."""
        try:
            async with (
                asyncio.timeout(TIMEOUT_SECONDS),
                self._client.stream("POST", url, headers=headers, content=content) as reply,
            ):
                return "" if reply.is_success else f"status-{reply.status_code}"
        except _AddressRefused:
            return "address-refused"
        except (TimeoutError, httpx.TimeoutException):
            return "timeout"
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
            return "no-connection"

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _refused(code: str, message: str) -> InvalidInput:
    return InvalidInput(faults=[Fault("url", code, message)])


def _is_webhook_url(text: str, *, allow_http: bool) -> bool:
    """Say whether this is an address we would post to: https, a host, no user, no fragment."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    return (
        len(text) <= LONGEST_URL
        and text.isascii()
        and text.isprintable()
        and " " not in text
        and "\\" not in text
        and parts.scheme in (("https", "http") if allow_http else ("https",))
        and bool(parts.hostname)
        and "@" not in parts.netloc
        and "#" not in text
        and port != 0
    )
