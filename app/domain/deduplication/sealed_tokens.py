"""Short-lived facts that a citizen's browser carries unreadably, so that the server stores none.

A token is sealed for one purpose and one wave and can't be used for another; it ends by itself.
"""

import datetime
from typing import Protocol, TypeVar

import msgspec

from app.domain.deduplication.keys import Keys
from app.domain.deduplication.sealing import SealBroken, seal, unseal


class Token(Protocol):
    """A frozen dataclass that says until when it is good."""

    @property
    def until(self) -> datetime.datetime:
        """The first instant at which it is good no more."""


T = TypeVar("T", bound=Token)


def write_token(keys: Keys, purpose: str, wave: str, token: Token, nonce: bytes) -> str:
    """Seal a token; `nonce` is 12 fresh random bytes."""
    plain = msgspec.msgpack.encode(token)
    return seal(keys.key(purpose, wave), nonce, plain, f"{purpose}/{wave}").hex()


def read_token(
    keys: Keys, purpose: str, wave: str, text: str, *, kind: type[T], now: datetime.datetime
) -> T | None:
    """Open a token; None where it is none of this purpose and wave, or too old."""
    try:
        plain = unseal(keys.key(purpose, wave), bytes.fromhex(text), f"{purpose}/{wave}")
    except (ValueError, SealBroken):
        return None
    token = msgspec.msgpack.decode(plain, type=kind)
    return token if now < token.until else None
