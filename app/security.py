"""Who may use a route, what every reply's headers say, and how many wrong tries are too many.

Every route names an access rule; `tests/house/test_access_rules.py` walks the routes.
"""

import dataclasses
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from fastapi import Depends, Request, params
from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.attempt_storage import BoundedStorage
from app.errors.requests import BodyTooLarge, TooManyAttempts

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    # Not `no-referrer`: a browser would then send our own forms with `Origin: null`, and where it
    # sends no Sec-Fetch-Site (plain http) they would be refused as coming from another site.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}
_HTTPS_ONLY = {"strict-transport-security": "max-age=31536000; includeSubDomains"}
_FAILURES = RateLimitItemPerMinute(20)
_REMEMBERED_SECONDS = 2 * _FAILURES.get_expiry()
_PER_PERSON: Mapping[str, Sequence[RateLimitItem]] = {
    "phone-code-sent": (RateLimitItemPerMinute(3, 10), RateLimitItemPerDay(10)),
    "phone-code-tried": (RateLimitItemPerMinute(5, 10), RateLimitItemPerDay(20)),
}
"""Of a million codes a stranger may guess 20 a day; a phone is not flooded with messages."""
_PER_SENDER: Mapping[str, RateLimitItem] = {
    "phone-code-sent": RateLimitItemPerMinute(60, 10),
    "phone-code-tried": RateLimitItemPerMinute(120, 10),
}
"""Wide: a whole service hall may share one address."""


@dataclasses.dataclass(frozen=True, slots=True)
class AccessRule:
    """A rule by name. Calling it is the check; these need none beyond what services check."""

    name: str

    async def __call__(self) -> None:
        """Let the request through."""


ANYONE = Depends(AccessRule("anyone"))
"""Public: what it shows, everybody may see."""

SIGN_IN_HOLDER = Depends(AccessRule("sign-in holder"))
"""Whoever shows a sign-in or what leads to one; `services.identity` judges it."""

PERMIT_HOLDER = Depends(AccessRule("permit holder"))
"""Whoever shows a permit; `services.permits.admit` judges it."""


class SecurityHeaders:
    """ASGI middleware: the same strict headers on every reply; no reply is kept in a cache unless
    its route says so."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self.app = app
        headers = _HEADERS | (_HTTPS_ONLY if https else {})
        self.headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to the reply."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message["headers"]
                names = {name for name, _ in given}
                message["headers"] = [*given, *(h for h in self.headers if h[0] not in names)]
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


@dataclasses.dataclass(slots=True)
class BodyAllowance:
    """How many bytes of this request's body may still be read."""

    left: int


def body_of_at_most(limit: int) -> params.Depends:
    """Make the dependency of a route that reads larger bodies than others; after its rule."""

    async def allow(request: Request) -> None:
        request.scope["body_allowance"].left = limit

    depends: params.Depends = Depends(allow)
    return depends


class BodyLimit:
    """ASGI middleware: who reads more of a body than is allowed gets BodyTooLarge.

    The framework's own limit answers in a shape and without the headers of all other replies. A
    route that takes files asks for more by `body_of_at_most`, once it knows who sends.
    """

    def __init__(self, app: ASGIApp, *, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what is read."""
        allowance = scope["body_allowance"] = BodyAllowance(self.limit)

        async def counted() -> Message:
            message = await receive()
            allowance.left -= len(message.get("body", b""))
            if allowance.left < 0:
                raise BodyTooLarge
            return message

        await self.app(scope, counted if scope["type"] == "http" else receive, send)


class FailedAttempts:
    """Counts tries in this process's memory, senders and persons under keyed hashes.

    Where only the sender is known only failures count: many honest citizens share one address.
    """

    def __init__(self) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(BoundedStorage())
        self._suspects: OrderedDict[tuple[str, str], float] = OrderedDict()

    async def require_few(self, kind: str, sender: str) -> None:
        """Raise TooManyAttempts where this sender has failed too often lately.

        Nearly nobody fails; whoever has not pays nothing here.
        """
        if (kind, sender) in self._suspects and not await self._limiter.test(
            _FAILURES, kind, sender
        ):
            raise TooManyAttempts

    async def note(self, kind: str, sender: str) -> None:
        """Count one failure."""
        self._suspect(kind, sender, time.monotonic())
        await self._limiter.hit(_FAILURES, kind, sender)

    def _suspect(self, kind: str, sender: str, now: float) -> None:
        """Remember who failed until no window counts it, the sliding one's older half included."""
        while self._suspects and next(iter(self._suspects.values())) < now - _REMEMBERED_SECONDS:
            self._suspects.popitem(last=False)
        self._suspects[kind, sender] = now
        self._suspects.move_to_end((kind, sender))

    async def take(self, kind: str, *, sender: str, person: str) -> None:
        """Count one try, right or wrong, before it is judged. Raises TooManyAttempts."""
        allowed = [(limit, person) for limit in _PER_PERSON[kind]]
        for limit, who in [(_PER_SENDER[kind], sender), *allowed]:
            if not await self._limiter.hit(limit, kind, who):
                raise TooManyAttempts


def sender_of(request: Request) -> str:
    """Name the sender by a keyed hash; the address itself goes nowhere.

    Behind a proxy the server has put the client's address here (`forwarded_allow_ips`); headers
    from strangers are not looked at.
    """
    host = request.client.host if request.client else ""
    digest: bytes = request.app.state.resources.keys.mac("sender", "", host.encode())
    return digest.hex()
