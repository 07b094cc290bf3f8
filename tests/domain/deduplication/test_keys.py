"""Keys from one master secret, and what is sealed with them."""

import datetime
import hashlib
import hmac

import pytest

from app.domain.deduplication.keys import Keys, derive_once, master_from_text, master_to_text
from app.domain.deduplication.sealing import SealBroken, seal, unseal
from app.domain.deduplication.sign_in import SignIn, read_sign_in, write_sign_in
from app.domain.questionnaires.audience import Mode, Trust

MASTER = bytes(range(32))
NOW = datetime.datetime(2026, 11, 10, 4, tzinfo=datetime.UTC)


def rfc5869(secret: bytes, info: bytes) -> bytes:
    """HKDF-SHA256 with one block of output, written out after RFC 5869."""
    extracted = hmac.digest(bytes(32), secret, "sha256")
    return hmac.digest(extracted, info + b"\x01", "sha256")


def test_keys_are_derived_as_rfc_5869_says() -> None:
    assert Keys(MASTER).key("person", "town") == rfc5869(MASTER, b"minyi/1/person/town")
    assert derive_once(b"s" * 16, "memo") == rfc5869(b"s" * 16, b"minyi/1/memo")


def test_purposes_and_waves_have_keys_of_their_own() -> None:
    keys = Keys(MASTER)
    found = {keys.key(p, w) for p in ("person", "permit", "pool") for w in ("", "a", "b")}
    assert len(found) == 9
    expected = hmac.new(keys.key("permit", "a"), b"x", hashlib.sha256).digest()
    assert keys.mac("permit", "a", b"x") == expected


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_short_or_long_master_secret_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Keys(bytes(size))


def test_the_master_secret_is_read_as_written() -> None:
    assert master_from_text(master_to_text(MASTER) + "\n") == MASTER


def test_what_is_sealed_opens_under_its_key_and_context_only() -> None:
    sealed = seal(MASTER, b"n" * 12, "李明".encode(), "responses/town/1")
    assert unseal(MASTER, sealed, "responses/town/1") == "李明".encode()
    for key, value, context in (
        (bytes(32), sealed, "responses/town/1"),
        (MASTER, sealed, "responses/town/2"),
        (MASTER, sealed[:-1] + bytes([sealed[-1] ^ 1]), "responses/town/1"),
        (MASTER, sealed[:5], "responses/town/1"),
        (MASTER, b"", "responses/town/1"),
    ):
        with pytest.raises(SealBroken):
            unseal(key, value, context)


def test_a_sign_in_is_good_for_its_wave_until_its_time() -> None:
    keys, until = Keys(MASTER), NOW + datetime.timedelta(minutes=10)
    signed = SignIn("residents", Mode.WEB, Trust.VERIFIED, b"p" * 32, {}, b"n" * 16, until)
    text = write_sign_in(keys, "town", signed, b"n" * 12)
    assert read_sign_in(keys, "town", text, NOW) == signed
    assert read_sign_in(keys, "town", text, until) is None
    assert read_sign_in(keys, "other", text, NOW) is None
    assert read_sign_in(keys, "town", "00" + text[2:], NOW) is None
    assert read_sign_in(keys, "town", "no hex", NOW) is None
