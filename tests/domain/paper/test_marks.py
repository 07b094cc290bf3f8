import pytest

from app.domain.paper.fields import PaperField, paper_fields
from app.domain.paper.marks import answers_of, marks_of, read_mark, read_marks
from app.domain.questionnaires.answers import AnswerChecker
from app.domain.questionnaires.parsing import parse_definition
from app.errors import Fault
from app.store.definitions import read_folder
from tests.support.fieldwork import BASE, MARKS

DEFINITION = parse_definition(read_folder(BASE))
FIELDS = paper_fields(DEFINITION, "sampled", 2)
BY_CODE = {field.code: field for field in FIELDS}


def test_fields_stand_in_the_order_printed_and_rows_are_counted() -> None:
    assert [field.code for field in FIELDS] == [
        "sex",
        "topics",
        "visits",
        "last",
        "grid.1.speed",
        "grid.1.care",
        "grid.2.speed",
        "grid.2.care",
        "whole",
        "more",
        "comment",
    ]


def test_dont_know_is_nine_or_ninety_nine() -> None:
    assert BY_CODE["grid.1.speed"].codes == {
        "1": "a",
        "2": "b",
        "3": "c",
        "4": "d",
        "5": "e",
        "9": "dont_know",
    }
    assert BY_CODE["whole"].codes["99"] == "dont_know"
    assert BY_CODE["whole"].codes["9"] == 9


@pytest.mark.parametrize(
    ("code", "cell", "mark"),
    [
        ("sex", " 1 ", "1"),
        ("sex", "１", "1"),
        ("sex", "？", "?"),
        ("sex", "*", "*"),
        ("sex", "", ""),
        ("topics", "2, 1", "1;2"),
        ("topics", "2；1；2", "1;2"),
        ("visits", "007", "7"),
        ("visits", "-0", "0"),
        ("visits", "250", "250"),
        ("last", "2026年3月9日", "2026-03-09"),
        ("last", "2026/3/9", "2026-03-09"),
        ("last", "1999-12-31", "1999-12-31"),
        ("comment", " 排队  太久 ", "排队 太久"),
        ("comment", "？", "?"),
        ("whole", "10", "10"),
    ],
)
def test_a_mark_has_one_spelling(code: str, cell: str, mark: str) -> None:
    assert read_mark(BY_CODE[code], cell) == mark
    assert read_mark(BY_CODE[code], mark) == mark


@pytest.mark.parametrize(
    ("code", "cell", "fault"),
    [
        ("sex", "3", "not-printed"),
        ("sex", "1;2", "not-printed"),
        ("topics", "1;4", "not-printed"),
        ("grid.1.speed", "6", "not-printed"),
        ("whole", "11", "not-printed"),
        ("visits", "many", "not-a-number"),
        ("visits", "9" * 400, "not-a-number"),
        ("visits", "1e9", "not-a-number"),
        ("visits", "NaN", "not-a-number"),
        ("last", "2026-02-30", "not-a-date"),
        ("last", "yesterday", "not-a-date"),
        ("comment", "a\x00b", "not-text"),
        ("comment", "长" * 5001, "too-long"),
    ],
)
def test_what_cannot_stand_on_the_paper_is_refused(code: str, cell: str, fault: str) -> None:
    found = read_mark(BY_CODE[code], cell)
    assert isinstance(found, Fault)
    assert (found.field, found.code) == (code, fault)
    assert cell not in found.message


def test_all_faults_of_a_sheet_are_told_at_once() -> None:
    _, faults = read_marks(FIELDS, {"sex": "7", "visits": "x", "strange": "1", "other": " "})
    assert [fault.code for fault in faults] == ["not-printed", "not-a-number", "unknown-field"]


def test_signs_are_no_answers() -> None:
    marks = {"sex": "?", "topics": "*", "whole": "99", "grid.2.speed": "9", "grid.2.care": "?"}
    assert answers_of(FIELDS, marks, ("D2", "D1")) == {
        "whole": "dont_know",
        "grid": {"D1": {"speed": "dont_know"}},
    }


def test_answers_and_marks_say_the_same() -> None:
    answers = answers_of(FIELDS, MARKS, ("D2", "D1"))
    assert answers["grid"] == {
        "D2": {"speed": "a", "care": "b"},
        "D1": {"speed": "dont_know", "care": "e"},
    }
    assert marks_of(FIELDS, answers, ("D2", "D1")) == MARKS


def test_paper_counts_what_it_can_and_warns_of_the_rest() -> None:
    checker = AnswerChecker(DEFINITION, "sampled")
    offered = [one.code for one in DEFINITION.departments.departments][:2]
    raw = {
        "sex": "female",
        "topics": ["papers"],
        "visits": 250,
        "last": "2026-03-09",
        "grid": {offered[0]: {"speed": "a"}},
    }
    accepted, warnings = checker.check_paper(raw, offered=offered)
    assert accepted == {
        "sex": "female",
        "topics": ["papers"],
        "grid": {offered[0]: {"speed": "a"}},
    }
    found = {(fault.field, fault.code) for fault in warnings}
    assert ("answers.visits", "out-of-range") in found
    assert ("answers.last", "hidden") in found
    assert (f"answers.grid.{offered[0]}.care", "required") in found


def test_a_text_field_is_no_grid_row() -> None:
    assert all(isinstance(field, PaperField) and field.row == 0 for field in FIELDS[:4])
