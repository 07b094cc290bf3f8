"""Citizens by number: valid identity numbers, and sign-ins as an identity check leaves them."""

import datetime

from stdnum.iso7064 import mod_11_2

from app.domain.deduplication.person_keys import normalise_national_id, person_key
from app.domain.deduplication.sign_in import GOOD_FOR, SignIn
from app.domain.questionnaires.audience import Mode, Trust
from app.services.resources import Resources
from app.services.waves import Wave
from app.store.randomness import random_bytes

_FIRST_BIRTHDAY = datetime.date(1960, 1, 1)


def national_id(number: int) -> str:
    """Give the identity number of the n-th citizen; every n another one, every one valid."""
    day, place = divmod(number, 1000)
    born = _FIRST_BIRTHDAY + datetime.timedelta(days=day)
    digits = f"440301{born:%Y%m%d}{place:03d}"
    return digits + mod_11_2.calc_check_digit(digits)


def sign_in(
    resources: Resources,
    wave: Wave,
    number: int,
    trust: Trust = Trust.VERIFIED,
    respondent_class: str = "residents",
) -> SignIn:
    """Sign the n-th citizen in, with a nonce of its own each time."""
    checked = normalise_national_id(national_id(number), resources.now().date())
    return SignIn(
        respondent_class=respondent_class,
        mode=Mode.WEB,
        trust=trust,
        person_key=person_key(resources.keys, wave.code, "national_id", checked),
        details={"name": f"citizen {number}"} if trust is Trust.CONFIDENTIAL else {},
        nonce=random_bytes(16),
        until=resources.now() + GOOD_FOR,
    )
