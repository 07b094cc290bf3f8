"""Permits as text: what can be read back, and what can't be made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.deduplication.keys import Keys
from app.domain.deduplication.permits import (
    ALPHABET,
    ConfidentialPermit,
    MintedPermit,
    OpenPermit,
    check_digit,
    decode,
    encode,
    permit_hash,
    read_permit,
    read_receipt_code,
    read_typed_code,
    receipt_code,
    response_id,
    typed_code,
    write_confidential,
    write_minted,
    write_open,
)
from app.domain.questionnaires.audience import Mode, Trust

KEYS = Keys(bytes(range(32)))
OTHER_KEYS = Keys(bytes(32))
OPEN = OpenPermit("residents", Mode.WEB, "D01", "W1", "NONCE")
NAMED = ConfidentialPermit("residents", Mode.WEB, b"p" * 32, {"name": "李明"})


@given(st.binary(min_size=1, max_size=20))
def test_encoded_bytes_are_read_back_in_any_spelling(number: bytes) -> None:
    text = encode(number)
    for spelling in (text, text.lower(), "-".join(text), text.replace("0", "O").replace("1", "l")):
        assert decode(spelling, len(number)) == number


@given(st.binary(min_size=8, max_size=8))
def test_a_typed_code_is_read_back_however_it_is_typed(random: bytes) -> None:
    code = typed_code(random)
    assert len(code) == 14
    for spelling in (code, code.lower(), code.replace("-", " "), code.replace("-", "")):
        assert read_typed_code(spelling) == code.replace("-", "")


@given(st.binary(min_size=8, max_size=8), st.integers(0, 11), st.sampled_from(ALPHABET[:31]))
def test_one_wrong_digit_is_found(random: bytes, place: int, letter: str) -> None:
    code = typed_code(random).replace("-", "")
    wrong = code[:place] + letter + code[place + 1 :]
    lost_in_the_modulus = "Z" in (code[place], letter) and "0" in (code[place], letter)
    assert (read_typed_code(wrong) is None) == (wrong != code) or lost_in_the_modulus


@given(st.binary(min_size=8, max_size=8), st.integers(0, 9))
def test_swapped_neighbours_are_found(random: bytes, place: int) -> None:
    code = typed_code(random).replace("-", "")
    pair = code[place : place + 2]
    swapped = code[:place] + pair[::-1] + code[place + 2 :]
    if len(set(pair)) == 2 and set(pair) != {"0", "Z"}:
        assert read_typed_code(swapped) is None


def test_the_check_digit_is_the_weighted_sum_modulo_31() -> None:
    assert check_digit("10000000000") == ALPHABET[2]
    assert check_digit("00000000001") == ALPHABET[12]
    assert check_digit("ZZ000000000") == ALPHABET[(2 * 31 + 3 * 31) % 31]


@pytest.mark.parametrize("trust", [Trust.INVITED, Trust.VERIFIED])
def test_a_minted_permit_is_recognised_by_its_hash(trust: Trust) -> None:
    text = write_minted(trust, bytes(range(16)))
    found = read_permit(KEYS, "town", text)
    assert isinstance(found, MintedPermit)
    assert found.trust is trust
    assert permit_hash(KEYS, "town", found) != permit_hash(
        KEYS, "other", read_permit(KEYS, "other", text) or found
    )


def test_an_open_permit_says_by_itself_what_it_allows() -> None:
    assert read_permit(KEYS, "town", write_open(KEYS, "town", OPEN)) == OPEN


def test_a_confidential_permit_is_unreadable_and_read_back() -> None:
    text = write_confidential(KEYS, "town", NAMED, b"n" * 12)
    assert "李明".encode().hex() not in text
    assert read_permit(KEYS, "town", text) == NAMED


@pytest.mark.parametrize(
    "text",
    [write_open(KEYS, "town", OPEN), write_confidential(KEYS, "town", NAMED, b"n" * 12)],
)
def test_a_permit_is_good_for_its_wave_and_key_only(text: str) -> None:
    assert read_permit(KEYS, "town", text) is not None
    assert read_permit(KEYS, "other", text) is None
    assert read_permit(OTHER_KEYS, "town", text) is None


def test_no_character_of_a_signed_permit_can_be_changed() -> None:
    text = write_open(KEYS, "town", OPEN)
    for place in range(2, len(text)):
        letter = "B" if text[place] != "B" else "C"
        assert read_permit(KEYS, "town", text[:place] + letter + text[place + 1 :]) is None


@given(st.text(max_size=200))
def test_no_other_text_is_a_signed_or_sealed_permit(text: str) -> None:
    found = read_permit(KEYS, "town", text)
    assert found is None or isinstance(found, MintedPermit)


def test_one_person_by_name_has_one_permit_whatever_the_details() -> None:
    renamed = ConfidentialPermit("organs", Mode.WEB, NAMED.person_key, {"name": "Li Ming"})
    assert permit_hash(KEYS, "town", NAMED) == permit_hash(KEYS, "town", renamed)


def test_a_device_answers_once_about_each_window() -> None:
    elsewhere = OpenPermit("residents", Mode.WEB, "D02", "W2", "NONCE")
    as_another_class = OpenPermit("organs", Mode.WEB, "D01", "W1", "NONCE")
    assert permit_hash(KEYS, "town", OPEN) != permit_hash(KEYS, "town", elsewhere)
    assert permit_hash(KEYS, "town", OPEN) == permit_hash(KEYS, "town", as_another_class)


@given(st.binary(min_size=16, max_size=16))
def test_a_receipt_leads_back_to_its_response(identity: bytes) -> None:
    code = receipt_code(identity)
    assert [len(part) for part in code.split("-")] == [7, 7, 6, 6]
    assert read_receipt_code(code.lower()) == identity


def test_response_ids_differ_by_permit_and_wave() -> None:
    ids = {response_id(wave, hash_) for wave in ("a", "b") for hash_ in (b"1" * 32, b"2" * 32)}
    assert len(ids) == 4
    assert {len(one) for one in ids} == {16}
