"""Staff's way to the city's OpenID Connect provider and back, carried by the browser alone.

What the provider confirmed stays sealed with the browser until a button of our own page is
pressed: coming from another site, a browser does not show the session's cookie.
"""

import dataclasses
import datetime
from enum import StrEnum

from app.domain.deduplication.log_in import Handshake
from app.domain.deduplication.sealed_tokens import Token, read_token, write_token
from app.domain.deduplication.sealing import NONCE_BYTES
from app.errors import NotFound
from app.errors.answering import IdentityCheckFailed
from app.services.oidc_provider import LEEWAY_SECONDS, Answer, Subject, new_handshake
from app.services.resources import Resources
from app.services.staff_sessions import Session
from app.store.randomness import random_bytes

RETURN_PATH = "/console/sso/callback"
AWAY_FOR = datetime.timedelta(minutes=15)
CONFIRMED_FOR = datetime.timedelta(minutes=5)
_AWAY, _CONFIRMED = "staff-log-in", "staff-confirmed"


class Purpose(StrEnum):
    """What somebody goes to the provider for."""

    SIGN_IN = "sign-in"
    LINK = "link"
    PROVE = "prove"


@dataclasses.dataclass(frozen=True, slots=True)
class Trip:
    """Why somebody left. `session` is the hash of the session's token, empty for signing in;
    `back` the page that asked for a proof."""

    purpose: Purpose
    session: bytes = b""
    back: str = ""
    asks_code: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Away:
    """Somebody at the provider."""

    trip: Trip
    handshake: Handshake
    left_at: datetime.datetime
    until: datetime.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Confirmed:
    """Somebody whom the provider vouches for.

    `person` is a keyed hash of issuer and subject; `proved_at` when the person proved who they are
    (None: not told); `multi_factor` whether by more than one factor, as the settings accept it.
    """

    trip: Trip
    person: bytes
    proved_at: datetime.datetime | None
    multi_factor: bool
    at: datetime.datetime
    until: datetime.datetime

    @property
    def asks_code(self) -> bool:
        """Whether a code of our own second factor is still to come on the same page."""
        return self.trip.asks_code and not self.multi_factor


def is_offered(resources: Resources) -> bool:
    """Say whether the city has a provider for staff."""
    return resources.staff_oidc.is_set_up


def trip_of(session: Session, purpose: Purpose, back: str = "") -> Trip:
    """Describe the trip of somebody signed in."""
    asks_code = purpose is Purpose.PROVE and session.account.has_second_factor
    return Trip(purpose, session.record.token_hash, back, asks_code)


async def leave(resources: Resources, trip: Trip) -> tuple[str, str]:
    """Give the provider's address to go to, and what the browser keeps meanwhile.

    Whoever is to be linked or proves identity must log in there anew: somebody else may have
    left a log-in open. Raises NotFound without a provider, and IdentityCheckUnavailable.
    """
    if not is_offered(resources):
        raise NotFound
    now = resources.now()
    away = Away(trip, new_handshake(), now, now + AWAY_FOR)
    address = await resources.staff_oidc.address(
        away.handshake,
        redirect_uri=_return_address(resources),
        scope="openid",
        now=now,
        anew=trip.purpose is not Purpose.SIGN_IN,
    )
    return address, _seal(resources, _AWAY, away)


async def come_back(resources: Resources, *, sealed: str, answer: Answer) -> str:
    """Redeem what the browser brought back; gives what it keeps until the button is pressed.

    Raises IdentityCheckFailed where the answer is not for this browser, too old, refused at the
    provider, or no new log-in where one was asked for; IdentityCheckUnavailable.
    """
    now = resources.now()
    away = read_token(resources.keys, _AWAY, "", sealed, kind=Away, now=now)
    if away is None:
        raise IdentityCheckFailed
    found = await resources.staff_oidc.subject(
        away.handshake, answer, redirect_uri=_return_address(resources), now=now
    )
    if away.trip.purpose is not Purpose.SIGN_IN:
        _require_new_log_in(found, away.left_at)
    confirmed = Confirmed(
        away.trip,
        person=resources.keys.mac("staff-sso", "", f"{found.issuer}\0{found.subject}".encode()),
        proved_at=_proved_at(found, now),
        multi_factor=_is_multi_factor(resources, found),
        at=now,
        until=now + CONFIRMED_FOR,
    )
    return _seal(resources, _CONFIRMED, confirmed)


def _require_new_log_in(found: Subject, left_at: datetime.datetime) -> None:
    """Core 3.1.2.1: after `max_age=0` the token must say when somebody logged in (`auth_time`)."""
    earliest = int(left_at.timestamp()) - LEEWAY_SECONDS
    if found.authenticated_at is None or found.authenticated_at < earliest:
        raise IdentityCheckFailed


def _proved_at(found: Subject, now: datetime.datetime) -> datetime.datetime | None:
    if found.authenticated_at is None:
        return None
    seconds = min(max(found.authenticated_at, 0), int(now.timestamp()))
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


def _is_multi_factor(resources: Resources, found: Subject) -> bool:
    accepted = resources.settings.staff_oidc_multi_factor.split()
    return not found.methods.isdisjoint(accepted)


def read_confirmed(resources: Resources, sealed: str) -> Confirmed:
    """Open what the browser keeps. Raises IdentityCheckFailed where it is none, or too old."""
    confirmed = read_token(
        resources.keys, _CONFIRMED, "", sealed, kind=Confirmed, now=resources.now()
    )
    if confirmed is None:
        raise IdentityCheckFailed
    return confirmed


def _seal(resources: Resources, purpose: str, token: Token) -> str:
    return write_token(resources.keys, purpose, "", token, random_bytes(NONCE_BYTES))


def _return_address(resources: Resources) -> str:
    return resources.settings.public_url.rstrip("/") + RETURN_PATH
