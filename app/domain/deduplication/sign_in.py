"""A passed identity check, carried for a few minutes by the citizen's browser alone.

The server stores nothing: whoever was checked, when, and to which permit it led can't be read off
the database. `nonce` opens the memo on the roll, so that the same sign-in can repeat its draw when
a reply was lost, and nobody else can.
"""

import dataclasses
import datetime

from app.domain.deduplication.keys import Keys
from app.domain.deduplication.sealed_tokens import read_token, write_token
from app.domain.questionnaires.audience import Mode, Trust

GOOD_FOR = datetime.timedelta(minutes=10)
_PURPOSE = "sign-in"


@dataclasses.dataclass(frozen=True, slots=True)
class SignIn:
    """Who passed which check. `details` are kept only at level `confidential`."""

    respondent_class: str
    mode: Mode
    trust: Trust
    person_key: bytes
    details: dict[str, str]
    nonce: bytes
    until: datetime.datetime


def write_sign_in(keys: Keys, wave: str, sign_in: SignIn, nonce: bytes) -> str:
    """Seal a sign-in for the citizen's browser."""
    return write_token(keys, _PURPOSE, wave, sign_in, nonce)


def read_sign_in(keys: Keys, wave: str, text: str, now: datetime.datetime) -> SignIn | None:
    """Open a sign-in of this wave; None where it is none, or too old."""
    return read_token(keys, _PURPOSE, wave, text, kind=SignIn, now=now)
