"""A log-in under way at the city's OpenID Connect provider, carried by the browser alone.

The wave stands inside, because a provider leads back to one registered address for all waves.
"""

import dataclasses
import datetime

from app.domain.deduplication.keys import Keys
from app.domain.deduplication.sealed_tokens import read_token, write_token
from app.domain.questionnaires.audience import Trust

GOOD_FOR = datetime.timedelta(minutes=15)
_PURPOSE = "log-in"


@dataclasses.dataclass(frozen=True, slots=True)
class Handshake:
    """What ties an answer to its question; citizens' and staff's log-ins both hold one.

    `state` ties the provider's answer to this browser, `nonce` the provider's token to this log-in,
    `verifier` is the secret half of PKCE (RFC 7636).
    """

    state: str
    nonce: str
    verifier: str


@dataclasses.dataclass(frozen=True, slots=True)
class LogIn:
    """What must come back unchanged, and for what the citizen logs in."""

    wave: str
    respondent_class: str
    trust: Trust
    handshake: Handshake
    until: datetime.datetime


def write_log_in(keys: Keys, log_in: LogIn, nonce: bytes) -> str:
    """Seal a log-in for the citizen's browser."""
    return write_token(keys, _PURPOSE, "", log_in, nonce)


def read_log_in(keys: Keys, text: str, now: datetime.datetime) -> LogIn | None:
    """Open a log-in; None where it is none, or too old."""
    return read_token(keys, _PURPOSE, "", text, kind=LogIn, now=now)
