"""Persons, as far as the roll knows them: keyed hashes of checked, normalised numbers.

Document numbers follow GB 11643-1999: 17 digits and an ISO 7064 MOD 11-2 check character; the
check of `stdnum.cn.ric` is not used because it fails on districts founded after its table.
"""

import datetime
import re

from stdnum.iso7064 import mod_11_2

from app.domain.deduplication.keys import Keys
from app.domain.questionnaires.audience import IdentityCheck
from app.errors import Fault, InvalidInput

_MOBILE = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")
_PROVINCES = frozenset(
    province
    for first, last in (
        (11, 15),
        (21, 23),
        (31, 37),
        (41, 46),
        (50, 54),
        (61, 65),
        (71, 71),
        (81, 83),
    )
    for province in range(first, last + 1)
)


def person_key(keys: Keys, wave: str, kind: IdentityCheck, normalised: str) -> bytes:
    """Give the 32-byte key of a person in a wave: HMAC(per-wave secret, kind ‖ number).

    The per-wave secret makes the same person unrecognisable from one wave to the next.
    """
    return keys.mac("person", wave, f"{kind}\0{normalised}".encode())


def normalise_national_id(text: str, today: datetime.date) -> str:
    """Check a resident identity number and give its one spelling.

    Raises InvalidInput on field `national_id`; the message never repeats the number.
    """
    number = re.sub(r"[\s-]", "", text).upper()
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number, re.ASCII):
        raise _wrong(
            "national_id", "format", "An identity number has 17 digits and a last digit or X"
        )
    if not mod_11_2.is_valid(number):
        raise _wrong("national_id", "checksum", "The identity number's last character does not fit")
    if int(number[:2]) not in _PROVINCES or not _is_birth_date(number[6:14], today):
        raise _wrong("national_id", "format", "The identity number's region or date does not exist")
    return number


def normalise_mobile(text: str) -> str:
    """Check a mainland mobile number and give its 11 digits.

    Raises InvalidInput on field `phone`; the message never repeats the number.
    """
    number = _MOBILE.fullmatch(re.sub(r"[\s-]", "", text))
    if number is None:
        raise _wrong("phone", "format", "A mobile number has 11 digits and begins with 13 to 19")
    return number[1]


def _is_birth_date(digits: str, today: datetime.date) -> bool:
    try:
        born = datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return datetime.date(1900, 1, 1) <= born <= today


def _wrong(field: str, code: str, message: str) -> InvalidInput:
    return InvalidInput(faults=[Fault(field, code, message)])
