"""Sign-in by phone: a code is sent, and typed back within minutes.

Guessing is limited per person: however many senders try, a phone gets few codes and few tries.
"""

import dataclasses
from typing import Protocol

from app.domain.deduplication import phone_challenge as challenges
from app.domain.deduplication import sign_in as sign_ins
from app.domain.deduplication.person_keys import normalise_mobile
from app.domain.deduplication.phone_challenge import PhoneChallenge, hash_code, is_right_code
from app.domain.deduplication.sealing import NONCE_BYTES
from app.domain.deduplication.sign_in import SignIn
from app.errors import Fault, InvalidInput
from app.errors.answering import IdentityCheckFailed
from app.services.identity import WayWanted, as_typed, details_of, new_sign_in, require_check
from app.services.resources import Resources
from app.services.waves import Wave
from app.store.randomness import random_bytes, random_digits


class Tries(Protocol):
    """Counts tries in memory and refuses the one too many."""

    async def take(self, kind: str, person: bytes) -> None:
        """Count one try by this sender and about this person. Raises TooManyAttempts."""


async def send_phone_code(
    resources: Resources, wave: Wave, way: WayWanted, tries: Tries, *, phone: str, name: str = ""
) -> str:
    """Send a code to a phone; gives the sealed challenge that the browser keeps meanwhile.

    The reply is the same whether or not the person may take part: that is told to whoever holds
    the phone. Raises InvalidInput with all faults, WayInNotOffered, TooManyAttempts,
    IdentityCheckUnavailable and the intake errors.
    """
    require_check(resources, wave, way, "phone")
    faults: list[Fault] = []
    number = ""
    try:
        number = normalise_mobile(as_typed(phone))
    except InvalidInput as refused:
        faults += refused.faults
    details = details_of(way, faults, name=name, phone=number)
    if faults:
        raise InvalidInput(faults=faults)
    sign_in = new_sign_in(resources, wave, way, check="phone", person=number, details=details)
    await tries.take("phone-code-sent", sign_in.person_key)
    code = random_digits(challenges.CODE_LENGTH)
    await resources.phone_sender.send(number, code, wave.code)
    return _seal(resources, wave, sign_in, code)


def _seal(resources: Resources, wave: Wave, sign_in: SignIn, code: str) -> str:
    until = resources.now() + challenges.GOOD_FOR
    challenge = PhoneChallenge(
        dataclasses.replace(sign_in, until=until + sign_ins.GOOD_FOR),
        hash_code(resources.keys, wave.code, sign_in, code),
        until,
    )
    nonce = random_bytes(NONCE_BYTES)
    return challenges.write_challenge(resources.keys, wave.code, challenge, nonce)


def open_challenge(resources: Resources, wave: Wave, text: str) -> PhoneChallenge:
    """Read a challenge. Raises IdentityCheckFailed where it is none of this wave, or too old."""
    challenge = challenges.read_challenge(resources.keys, wave.code, text, resources.now())
    if challenge is None:
        raise IdentityCheckFailed("The code is no longer good: please ask for a new one")
    return challenge


async def sign_in_by_phone_code(
    resources: Resources, wave: Wave, tries: Tries, *, challenge: str, code: str
) -> SignIn:
    """Sign somebody in who types the code that was sent.

    Raises IdentityCheckFailed where the challenge is none of this wave or too old, TooManyAttempts
    (before the code is looked at), and InvalidInput on field `code`.
    """
    found = open_challenge(resources, wave, challenge)
    await tries.take("phone-code-tried", found.sign_in.person_key)
    if not is_right_code(resources.keys, wave.code, found, "".join(as_typed(code).split())):
        raise InvalidInput(
            faults=[Fault("code", "wrong-code", "This is not the code that was sent.")]
        )
    return found.sign_in
