"""Permits: the one-use right to answer once in a wave.

Every permit is a line of text in the citizen's hand; its first letter says how it was made:

    o…  open: signed by the server for one device; nothing is stored before it is spent
    i…  invited: a random 128-bit code from a letter or QR code, minted beforehand
    v…  verified: the same, drawn from the pool after an identity check
    c…  confidential: sealed person key and details, made after an identity check
    (a serial)  fieldwork: the number of a paper form; only `services/paper_*` reads it, so that
        knowing a number is no right to answer
    XXXX-XXXX-XXXX  the short code typed from a letter, standing for an invited permit

The response side knows a permit only by `permit_hash`, a keyed hash; the response's own id is
derived from that hash, so that the primary key of responses is the judge of «once per permit».
Alphabet of codes: Crockford's base 32 (no I, L, O, U), read without regard to case or hyphens.
"""

import base64
import dataclasses
import hashlib
import hmac

import msgspec

from app.domain.deduplication.keys import Keys
from app.domain.deduplication.sealing import SealBroken, seal, unseal
from app.domain.questionnaires.audience import Mode, Trust

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_FROM_RFC_4648 = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET)
_TO_PYTHON = str.maketrans(ALPHABET, "0123456789abcdefghijklmnopqrstuv")
"""The same 32 digits as the standard library writes and reads them."""

_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None})
SECRET_BYTES = 16
TYPED_LENGTH = 12
RECEIPT_LENGTH = 26


def encode(number: bytes) -> str:
    """Write bytes in Crockford's base 32, most significant digit first."""
    length = -(-len(number) * 8 // 5)
    whole = base64.b32encode(number.rjust(-(-len(number) // 5) * 5, b"\0"))
    return whole.decode().translate(_FROM_RFC_4648)[-length:]


def decode(text: str, size: int) -> bytes | None:
    """Read `size` bytes written by `encode`, forgiving case, hyphens and look-alikes."""
    clean = normalise(text)
    if clean is None or len(clean) != -(-size * 8 // 5):
        return None
    value = int(clean.translate(_TO_PYTHON), 32)
    return value.to_bytes(size, "big") if value < 1 << 8 * size else None


def normalise(text: str) -> str | None:
    """Give a typed code its one spelling; None where it has letters outside the alphabet."""
    if len(text) > 100 or not text.isascii():
        return None
    clean = text.upper().translate(_READ_AS)
    return None if clean.strip(ALPHABET) else clean or None


def typed_code(random: bytes) -> str:
    """Write a code to be typed: 11 random digits (55 bits) and a check digit, in fours."""
    body = encode(random)[-(TYPED_LENGTH - 1) :]
    code = body + check_digit(body)
    return "-".join(code[i : i + 4] for i in range(0, TYPED_LENGTH, 4))


def check_digit(body: str) -> str:
    """Give the check digit: a weighted sum modulo the prime 31.

    It finds every wrong digit and every swap of neighbours (but 0 for Z), so that a slip of the
    finger is answered at once and guesses are thinned out before they reach the database.
    """
    total = sum((i + 2) * ALPHABET.index(letter) for i, letter in enumerate(body))
    return ALPHABET[total % 31]


def read_typed_code(text: str) -> str | None:
    """Give a typed code its one spelling, or None where the check digit is wrong."""
    clean = normalise(text)
    if clean is None or len(clean) != TYPED_LENGTH or check_digit(clean[:-1]) != clean[-1]:
        return None
    return clean


@dataclasses.dataclass(frozen=True, slots=True)
class OpenPermit:
    """What an open permit says by itself."""

    respondent_class: str
    mode: Mode
    department: str
    window: str
    nonce: str


@dataclasses.dataclass(frozen=True, slots=True)
class MintedPermit:
    """A permit that is looked up by its hash among those minted (invited, verified)."""

    trust: Trust
    hash: bytes
    typed: bool


@dataclasses.dataclass(frozen=True, slots=True)
class ConfidentialPermit:
    """A permit of an identified respondent; `details` stay encrypted with the answer."""

    respondent_class: str
    mode: Mode
    person_key: bytes
    details: dict[str, str]


@dataclasses.dataclass(frozen=True, slots=True)
class FormPermit:
    """A numbered paper form in custody."""

    number: int


Permit = OpenPermit | MintedPermit | ConfidentialPermit
"""What a citizen can hold as a line of text."""


def permit_hash(keys: Keys, wave: str, permit: Permit | FormPermit) -> bytes:
    """Give the 32-byte name under which the response side knows a permit."""
    match permit:
        case MintedPermit():
            return permit.hash
        case OpenPermit():
            return keys.mac("permit", wave, f"open/{permit.window}/{permit.nonce}".encode())
        case ConfidentialPermit():
            return keys.mac("permit", wave, b"confidential/" + permit.person_key)
        case FormPermit():
            return keys.mac("permit", wave, f"form/{permit.number}".encode())


def minted_hash(keys: Keys, wave: str, secret: bytes) -> bytes:
    """Give the name of a minted permit with this 16-byte secret."""
    return keys.mac("permit", wave, b"minted/" + secret)


def typed_hash(keys: Keys, wave: str, code: str) -> bytes:
    """Give the name of a typed code in its one spelling."""
    return keys.mac("typed-code", wave, code.encode())


def response_id(wave: str, hash_of_permit: bytes) -> bytes:
    """Derive the 16-byte id of the one response that this permit allows."""
    return hashlib.sha256(b"minyi/response/" + wave.encode() + b"/" + hash_of_permit).digest()[:16]


def receipt_code(identity: bytes) -> str:
    """Write the receipt of a response: its id, in base 32, in groups (27 characters with hyphens).

    It proves inclusion and says nothing of the answers.
    """
    text = encode(identity)
    return "-".join((text[:7], text[7:14], text[14:20], text[20:]))


def read_receipt_code(text: str) -> bytes | None:
    """Read a receipt code back to the response's id; None where it can't be one."""
    return decode(text, 16)


def write_open(keys: Keys, wave: str, permit: OpenPermit) -> str:
    """Sign an open permit."""
    body = ".".join(
        (permit.respondent_class, permit.mode, permit.department, permit.window, permit.nonce)
    )
    return f"o.{body}.{_signature(keys, wave, body)}"


def write_minted(trust: Trust, secret: bytes) -> str:
    """Write an invited or verified permit."""
    return trust[0] + encode(secret)


def write_confidential(keys: Keys, wave: str, permit: ConfidentialPermit, nonce: bytes) -> str:
    """Seal a confidential permit, so that the citizen's browser carries it unreadably."""
    plain = msgspec.json.encode(
        (permit.respondent_class, permit.mode, permit.person_key.hex(), permit.details)
    )
    sealed = seal(keys.key("confidential-permit", wave), nonce, plain, f"permit/{wave}")
    return "c" + sealed.hex()


def read_permit(keys: Keys, wave: str, text: str) -> Permit | None:
    """Recognise a permit of this wave by its writing; None where it is not one.

    Signatures and seals are checked here; whether a minted one exists, the database knows.
    """
    if len(text) > 4000 or not text.isascii():
        return None
    if (code := read_typed_code(text)) is not None:
        return MintedPermit(Trust.INVITED, typed_hash(keys, wave, code), typed=True)
    if text.startswith("o."):
        return _read_open(keys, wave, text)
    if text.startswith("c"):
        return _read_confidential(keys, wave, text)
    for trust in (Trust.INVITED, Trust.VERIFIED):
        if text.startswith(trust[0]) and (secret := decode(text[1:], SECRET_BYTES)) is not None:
            return MintedPermit(trust, minted_hash(keys, wave, secret), typed=False)
    return None


def _signature(keys: Keys, wave: str, body: str) -> str:
    return encode(keys.mac("open-permit", wave, body.encode())[:16])


def _read_open(keys: Keys, wave: str, text: str) -> OpenPermit | None:
    parts = text.split(".")
    if len(parts) != 7:
        return None
    if not hmac.compare_digest(parts[6], _signature(keys, wave, ".".join(parts[1:6]))):
        return None
    return OpenPermit(parts[1], Mode(parts[2]), parts[3], parts[4], parts[5])


def _read_confidential(keys: Keys, wave: str, text: str) -> ConfidentialPermit | None:
    try:
        sealed = bytes.fromhex(text[1:])
        plain = unseal(keys.key("confidential-permit", wave), sealed, f"permit/{wave}")
    except (ValueError, SealBroken):
        return None
    respondent_class, mode, person, details = msgspec.json.decode(plain)
    return ConfidentialPermit(respondent_class, Mode(mode), bytes.fromhex(person), details)
