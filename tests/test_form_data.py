"""Forms are read strictly; what people type as numbers and dates is read kindly."""

import pytest

from app.errors import InvalidInput
from app.form_data import only, parse_fields, read_date, read_number, section_answers
from tests.domain.questionnaires.small_survey import small_survey

PROFILE, RATING, REST, _ = small_survey().questionnaire.sections


def test_names_and_values_come_in_the_order_sent() -> None:
    fields = parse_fields(b"a=1&b=%E6%97%A5+x&a=2&c=")
    assert fields == {"a": ["1", "2"], "b": ["日 x"], "c": [""]}
    assert parse_fields(b"") == {}


@pytest.mark.parametrize(
    "body", [b"a=%ff", b"a=%ed%a0%80", "日=1".encode(), b"a", b"a=1&&b=2", b"a=1&" * 4000 + b"a=1"]
)
def test_what_no_browser_sends_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        parse_fields(body)


def test_a_small_form_takes_its_fields_once_and_no_others() -> None:
    assert only({"a": ["1"]}, "a", "b") == {"a": "1"}
    for fields in ({"a": ["1", "2"]}, {"c": ["1"]}):
        with pytest.raises(InvalidInput):
            only(fields, "a", "b")


def test_fields_become_raw_answers() -> None:
    fields = {"resident": ["yes"], "years": ["１２"], "topics": ["a", "b"]}
    assert section_answers(fields, PROFILE.questions, []) == {
        "resident": "yes",
        "years": 12,
        "topics": ["a", "b"],
    }
    rated = section_answers({"grid.D1.speed": ["s"]}, RATING.questions, ["D1", "D2"])
    assert rated == {"grid": {"D1": {"speed": "s"}, "D2": {}}}


@pytest.mark.parametrize(
    "fields",
    [
        {"resident": ["yes", "no"]},
        {"evil": ["1"]},
        {"grid.D1.speed": ["s"]},
        {"Resident": ["yes"]},
    ],
)
def test_fields_that_the_page_lacks_are_refused(fields: dict[str, list[str]]) -> None:
    with pytest.raises(InvalidInput) as refused:
        section_answers(fields, PROFILE.questions, ["D1"])
    assert "evil" not in repr(refused.value.faults)


def test_a_department_that_is_not_shown_has_no_field() -> None:
    with pytest.raises(InvalidInput):
        section_answers({"grid.D2.speed": ["s"]}, RATING.questions, ["D1"])


@pytest.mark.parametrize(
    ("typed", "number"),
    [(" 12 ", 12), ("１２", 12), ("-3", -3), ("2.5", 2.5), ("２．５", 2.5), ("0", 0)],
)
def test_numbers_are_read_as_people_type_them(typed: str, number: float) -> None:
    assert read_number(typed) == number


@pytest.mark.parametrize("typed", ["", "many", "1e9", "0x10", "1_000", "nan", "9" * 400, "1,5"])
def test_what_is_no_number_stays_text(typed: str) -> None:
    assert read_number(typed) == typed


@pytest.mark.parametrize(
    "typed", ["2010-12-01", "2010/12/1", "2010.12.1", "2010年12月1日", "２０１０-１２-０１"]
)
def test_dates_are_read_as_people_type_them(typed: str) -> None:
    assert read_date(typed) == "2010-12-01"
