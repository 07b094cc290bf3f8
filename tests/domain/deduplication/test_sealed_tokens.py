import datetime

import pytest

from app.domain.deduplication.keys import Keys
from app.domain.deduplication.log_in import Handshake, LogIn, read_log_in, write_log_in
from app.domain.deduplication.phone_challenge import (
    PhoneChallenge,
    hash_code,
    is_right_code,
    read_challenge,
    write_challenge,
)
from app.domain.deduplication.sign_in import SignIn, read_sign_in, write_sign_in
from app.domain.questionnaires.audience import Mode, Trust

KEYS = Keys(bytes(range(32)))
NONCE = bytes(12)
NOW = datetime.datetime(2026, 11, 10, 4, tzinfo=datetime.UTC)
LATER = NOW + datetime.timedelta(minutes=5)
SIGN_IN = SignIn(
    respondent_class="residents",
    mode=Mode.WEB,
    trust=Trust.VERIFIED,
    person_key=b"p" * 32,
    details={"name": "李明"},
    nonce=b"n" * 16,
    until=LATER,
)
CHALLENGE = PhoneChallenge(SIGN_IN, hash_code(KEYS, "town", SIGN_IN, "123456"), LATER)
LOG_IN = LogIn(
    "town", "residents", Trust.CONFIDENTIAL, Handshake("state", "nonce", "verifier"), LATER
)


def test_tokens_come_back_as_they_were_sealed() -> None:
    sign_in = write_sign_in(KEYS, "town", SIGN_IN, NONCE)
    challenge = write_challenge(KEYS, "town", CHALLENGE, NONCE)
    log_in = write_log_in(KEYS, LOG_IN, NONCE)
    assert read_sign_in(KEYS, "town", sign_in, NOW) == SIGN_IN
    assert read_challenge(KEYS, "town", challenge, NOW) == CHALLENGE
    assert read_log_in(KEYS, log_in, NOW) == LOG_IN


def test_a_token_ends_at_its_instant() -> None:
    sealed = write_sign_in(KEYS, "town", SIGN_IN, NONCE)
    assert read_sign_in(KEYS, "town", sealed, LATER - datetime.timedelta(microseconds=1))
    assert read_sign_in(KEYS, "town", sealed, LATER) is None


def test_a_token_of_one_purpose_is_none_of_another() -> None:
    """A challenge has a sign-in inside; whoever holds it must not be signed in by it."""
    challenge = write_challenge(KEYS, "town", CHALLENGE, NONCE)
    assert read_sign_in(KEYS, "town", challenge, NOW) is None
    assert read_challenge(KEYS, "town", write_sign_in(KEYS, "town", SIGN_IN, NONCE), NOW) is None


def test_a_token_is_of_one_wave_and_one_city() -> None:
    sealed = write_sign_in(KEYS, "town", SIGN_IN, NONCE)
    assert read_sign_in(KEYS, "other", sealed, NOW) is None
    assert read_sign_in(Keys(bytes(32)), "town", sealed, NOW) is None


@pytest.mark.parametrize("place", range(0, 200, 7))
def test_any_change_breaks_the_seal(place: int) -> None:
    sealed = write_sign_in(KEYS, "town", SIGN_IN, NONCE)
    other = "0" if sealed[place] != "0" else "1"
    assert read_sign_in(KEYS, "town", sealed[:place] + other + sealed[place + 1 :], NOW) is None


@pytest.mark.parametrize("rubbish", ["", "zz", "00", "民意", "\ud800", "0" * 4000])
def test_rubbish_is_no_token(rubbish: str) -> None:
    assert read_sign_in(KEYS, "town", rubbish, NOW) is None


def test_a_code_is_right_for_its_challenge_and_wave_only() -> None:
    other = PhoneChallenge(
        SignIn("residents", Mode.WEB, Trust.VERIFIED, b"q" * 32, {}, b"m" * 16, LATER),
        CHALLENGE.code_hash,
        LATER,
    )
    assert is_right_code(KEYS, "town", CHALLENGE, "123456")
    assert not is_right_code(KEYS, "town", CHALLENGE, "123457")
    assert not is_right_code(KEYS, "town", CHALLENGE, "")
    assert not is_right_code(KEYS, "other", CHALLENGE, "123456")
    assert not is_right_code(KEYS, "town", other, "123456")
