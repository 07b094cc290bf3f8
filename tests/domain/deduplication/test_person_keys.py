"""Who a person is, as far as the roll may know."""

import datetime

import pytest
from stdnum.iso7064 import mod_11_2

from app.domain.deduplication.keys import Keys
from app.domain.deduplication.person_keys import (
    normalise_mobile,
    normalise_national_id,
    person_key,
)
from app.errors import InvalidInput

TODAY = datetime.date(2026, 11, 10)
KEYS = Keys(bytes(range(32)))


def with_check(digits: str) -> str:
    return digits + mod_11_2.calc_check_digit(digits)


def test_the_standard_s_own_example_is_accepted() -> None:
    """GB 11643-1999, appendix: 11010519491231002X."""
    assert normalise_national_id("11010519491231002X", TODAY) == "11010519491231002X"


@pytest.mark.parametrize("text", ["110105 19491231 002x", "110105-19491231-002X"])
def test_a_number_has_one_spelling(text: str) -> None:
    assert normalise_national_id(text, TODAY) == "11010519491231002X"


@pytest.mark.parametrize("district", ["330113", "330114"])
def test_new_districts_are_known(district: str) -> None:
    """Linping and Qiantang of Hangzhou, founded in 2021."""
    number = with_check(f"{district}20210501001")
    assert normalise_national_id(number, TODAY) == number


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("110105194912310021", "checksum"),
        (with_check("11010519490230001"), "format"),
        (with_check("11010520991231001"), "format"),
        (with_check("11010518991231001"), "format"),
        (with_check("99010519491231001"), "format"),
        ("１１０１０５１９４９１２３１００２Ｘ", "format"),
        ("11010519491231002", "format"),
        ("", "format"),
    ],
)
def test_a_number_that_can_not_be_is_refused_without_repeating_it(number: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        normalise_national_id(number, TODAY)
    [fault] = refused.value.faults
    assert (fault.field, fault.code) == ("national_id", code)
    assert not number or number not in f"{fault.message} {refused.value}"


@pytest.mark.parametrize("text", ["13912345678", "+86 139 1234 5678", "86139-1234-5678"])
def test_a_mobile_number_has_one_spelling(text: str) -> None:
    assert normalise_mobile(text) == "13912345678"


@pytest.mark.parametrize("text", ["12912345678", "1391234567", "139123456789", "", "+1 2025550123"])
def test_another_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        normalise_mobile(text)


def test_a_person_is_another_one_in_every_wave_and_by_every_check() -> None:
    keys = {
        person_key(KEYS, "a", "national_id", "1"),
        person_key(KEYS, "b", "national_id", "1"),
        person_key(KEYS, "a", "phone", "1"),
        person_key(Keys(bytes(32)), "a", "national_id", "1"),
    }
    assert len(keys) == 4
    assert person_key(KEYS, "a", "phone", "1") in keys
