"""What an account's name, a password and a list of codes must be.

Passwords follow NIST SP 800-63B: length counts, composition rules don't; what is guessed first is
refused.
"""

import re
import unicodedata
from collections.abc import Mapping

from app.errors import Fault

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
LONGEST_FULL_NAME = 60
MOST_CODES = 200

MESSAGES: Mapping[str, str] = {
    "name-invalid": (
        "2 to 40 small letters, digits, dots, hyphens or underscores, beginning with a letter."
    ),
    "name-taken": "There is an account of this name already.",
    "client-name-taken": "There is a scoring system of this name already.",
    "scopes-invalid": "At least one scope, each written as shown.",
    "full-name-invalid": "1 to {most} characters, without line breaks.",
    "role-unknown": "This is none of the roles.",
    "codes-invalid": "Codes have 1 to 40 letters, digits or . _ - / each; at most {most} of them.",
    "password-short": "At least {least} characters.",
    "password-long": "At most {most} characters.",
    "password-guessable": "This is among the first things that somebody would guess.",
    "passwords-differ": "The two passwords are not the same.",
    "day-invalid": "Please give a day, written as 2026-11-30.",
    "days-disordered": "The last day can't be before the first.",
    "state-missing": "Please choose one.",
    "why-missing": "Please say why; it is published with the release.",
    "reason-missing": "Please say why; it stands in the wave's log.",
    "reason-invalid": "At most 500 characters, without line breaks.",
}
"""Message by code of a fault, for translation."""

_NAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")
_FULL_NAME = re.compile(rf"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{{1,{LONGEST_FULL_NAME}}}")
_CODE = re.compile(r"[A-Za-z0-9._/-]{1,40}")
_GUESSED_FIRST = ("password", "passwort", "mima", "密码", "admin", "minyi", "民意", "qwerty")


def fault(field: str, code: str, **parameters: object) -> Fault:
    """Make a fault with the message of its code."""
    return Fault(field, code, MESSAGES[code].format(**parameters), parameters)


def clean_name(text: str) -> str:
    """Write an account's name the one way it is stored: small letters, no blanks around it."""
    return unicodedata.normalize("NFKC", text[:80]).strip().lower()


def name_faults(name: str) -> list[Fault]:
    """Say what is wrong with an account's name (field `name`)."""
    return [] if _NAME.fullmatch(name) else [fault("name", "name-invalid")]


def full_name_faults(text: str) -> list[Fault]:
    """Say what is wrong with a person's name (field `full_name`)."""
    if _FULL_NAME.fullmatch(text):
        return []
    return [fault("full_name", "full-name-invalid", most=LONGEST_FULL_NAME)]


def codes_of(text: str) -> frozenset[str]:
    """Read codes as people type them: parted by blanks, commas or line breaks."""
    return frozenset(one for one in re.split(r"[\s,，、;；]+", text) if one)


def codes_faults(field: str, codes: frozenset[str]) -> list[Fault]:
    """Say what is wrong with a list of points, batches or departments."""
    if len(codes) <= MOST_CODES and all(_CODE.fullmatch(one) for one in codes):
        return []
    return [fault(field, "codes-invalid", most=MOST_CODES)]


def password_faults(password: str, *, name: str) -> list[Fault]:
    """Say what is wrong with a new password (field `password`)."""
    if len(password) < SHORTEST_PASSWORD:
        return [fault("password", "password-short", least=SHORTEST_PASSWORD)]
    if len(password) > LONGEST_PASSWORD:
        return [fault("password", "password-long", most=LONGEST_PASSWORD)]
    if _is_guessable(password, name):
        return [fault("password", "password-guessable")]
    return []


def _is_guessable(password: str, name: str) -> bool:
    """Tell words everybody tries, with some digits around, and few different characters."""
    folded = unicodedata.normalize("NFKC", password).casefold()
    left = folded
    for word in (*_GUESSED_FIRST, name.casefold()):
        left = left.replace(word, "")
    letters = re.sub(r"[\W\d_]", "", left)
    return len(set(folded)) < 6 or (left != folded and len(letters) < 6)


def password_text(password: str) -> bytes:
    """Give the bytes that are hashed: the same however the keyboard composes characters."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
