"""A code sent to a phone and not yet typed back, carried by the citizen's browser alone.

The browser holds the sealed challenge, the phone the code: only both together give the sign-in
inside. The server stores nothing, so no row tells when somebody signed in. The same code typed
again gives the same sign-in again: a lost reply costs nothing, a replay gains nothing.
"""

import dataclasses
import datetime
import hmac

from app.domain.deduplication.keys import Keys
from app.domain.deduplication.sealed_tokens import read_token, write_token
from app.domain.deduplication.sign_in import SignIn

CODE_LENGTH = 6
GOOD_FOR = datetime.timedelta(minutes=5)
_PURPOSE = "phone-challenge"


@dataclasses.dataclass(frozen=True, slots=True)
class PhoneChallenge:
    """The sign-in that the right code opens. The code itself is known by its keyed hash only."""

    sign_in: SignIn
    code_hash: bytes
    until: datetime.datetime


def hash_code(keys: Keys, wave: str, sign_in: SignIn, code: str) -> bytes:
    """Give the keyed hash of a code, bound to the sign-in that it opens."""
    return keys.mac("phone-code", wave, sign_in.nonce + code.encode())


def is_right_code(keys: Keys, wave: str, challenge: PhoneChallenge, code: str) -> bool:
    """Say whether this is the code that was sent, in constant time."""
    given = hash_code(keys, wave, challenge.sign_in, code)
    return hmac.compare_digest(given, challenge.code_hash)


def write_challenge(keys: Keys, wave: str, challenge: PhoneChallenge, nonce: bytes) -> str:
    """Seal a challenge for the citizen's browser."""
    return write_token(keys, _PURPOSE, wave, challenge, nonce)


def read_challenge(
    keys: Keys, wave: str, text: str, now: datetime.datetime
) -> PhoneChallenge | None:
    """Open a challenge of this wave; None where it is none, or too old."""
    return read_token(keys, _PURPOSE, wave, text, kind=PhoneChallenge, now=now)
