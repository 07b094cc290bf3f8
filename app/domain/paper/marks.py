"""What a keyer read on a form, in one spelling, and the answers that it stands for.

A mark is a line of text: the printed digits (several joined by `;`), a number, a date, words; or
one of the three signs. The paper is the truth: a mark outside the question's range is kept and only
warned of. What can't stand on the paper at all (a digit that is not printed) is a slip of the
finger and refused.
"""

import datetime
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.paper.fields import PaperField
from app.domain.questionnaires.model import (
    Comment,
    MultipleChoice,
    NumberQuestion,
    ShortText,
)
from app.errors import Fault

BLANK = ""
ILLEGIBLE = "?"
TWO_MARKS = "*"
SIGNS = (BLANK, ILLEGIBLE, TWO_MARKS)
LONGEST_TEXT = 5000

Marks = Mapping[str, str]
"""Marks by field code; blank fields are absent, so that equal sheets are equal mappings."""

_SEPARATOR = re.compile(r"[;,、/\s]+")
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,6})?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def read_marks(
    fields: Sequence[PaperField], cells: Mapping[str, str]
) -> tuple[dict[str, str], list[Fault]]:
    """Read a sheet of cells by field code: the marks in order of the form, and all faults.

    A cell for no field of the form is a fault unless it is empty.
    """
    marks, faults = {}, []
    for field in fields:
        mark = read_mark(field, cells.get(field.code, ""))
        if isinstance(mark, Fault):
            faults.append(mark)
        elif mark != BLANK:
            marks[field.code] = mark
    known = {field.code for field in fields}
    if any(code not in known and cell.strip() for code, cell in cells.items()):
        faults.append(Fault("fields", "unknown-field", "There is a mark for no field of the form"))
    return marks, faults


def read_mark(field: PaperField, cell: str) -> str | Fault:
    """Give one cell its one spelling, or say what is wrong with it."""
    if isinstance(field.question, ShortText | Comment):
        return _text(field, cell)
    clean = unicodedata.normalize("NFKC", cell).strip()
    if clean in SIGNS:
        return clean
    if isinstance(field.question, MultipleChoice):
        return _several(field, clean)
    if field.codes:
        return clean if clean in field.codes else _not_printed(field)
    if isinstance(field.question, NumberQuestion):
        return _number(field, clean)
    return _date(field, clean)


def _several(field: PaperField, clean: str) -> str | Fault:
    chosen = set(filter(None, _SEPARATOR.split(clean)))
    if not chosen <= field.codes.keys():
        return _not_printed(field)
    return ";".join(code for code in field.codes if code in chosen)


def _not_printed(field: PaperField) -> Fault:
    return Fault(field.code, "not-printed", "No such code is printed beside this question")


def _number(field: PaperField, clean: str) -> str | Fault:
    if not _NUMBER.fullmatch(clean):
        return Fault(field.code, "not-a-number", "This is not a number")
    number = float(clean) + 0.0  # -0 becomes 0: one value, one spelling
    return str(int(number)) if number == math.floor(number) else repr(number)


def _date(field: PaperField, clean: str) -> str | Fault:
    found = _DATE.fullmatch(clean)
    try:
        if found:
            return datetime.date(*map(int, found.groups())).isoformat()
    except ValueError:
        pass
    return Fault(field.code, "not-a-date", "This is not a date written as year-month-day")


def _text(field: PaperField, cell: str) -> str | Fault:
    text = " ".join(unicodedata.normalize("NFC", cell).split())
    if text in ("？", "＊"):
        return unicodedata.normalize("NFKC", text)
    if _CONTROL.search(text):
        return Fault(field.code, "not-text", "The text has characters that can't be stored")
    if len(text) > LONGEST_TEXT:
        return Fault(field.code, "too-long", f"At most {LONGEST_TEXT} characters are possible")
    return text


def answers_of(
    fields: Sequence[PaperField], marks: Marks, departments: Sequence[str]
) -> dict[str, Any]:
    """Turn marks into answers as `questionnaires/answers.py` describes them.

    `departments` are those printed on the form, in the order of its rows. Signs are no answers.
    """
    answers: dict[str, Any] = {}
    for field in fields:
        mark = marks.get(field.code, BLANK)
        if mark in SIGNS:
            continue
        value = _answer(field, mark)
        if field.row:
            rated = answers.setdefault(field.question.code, {})
            rated.setdefault(departments[field.row - 1], {})[field.aspect] = value
        else:
            answers[field.code] = value
    return answers


def _answer(field: PaperField, mark: str) -> Any:
    if isinstance(field.question, MultipleChoice):
        return [field.codes[code] for code in mark.split(";")]
    if field.codes:
        return field.codes[mark]
    if isinstance(field.question, NumberQuestion):
        return float(mark) if "." in mark else int(mark)
    return mark


def marks_of(
    fields: Sequence[PaperField], answers: Mapping[str, Any], departments: Sequence[str]
) -> dict[str, str]:
    """Write answers as a keyer would key them from the form: the inverse of `answers_of`."""
    marks = {}
    for field in fields:
        value = answers.get(field.question.code)
        if field.row:
            value = ((value or {}).get(departments[field.row - 1]) or {}).get(field.aspect)
        if value is None:
            continue
        printed = {answer: code for code, answer in field.codes.items()}
        if isinstance(value, list):
            marks[field.code] = ";".join(printed[one] for one in value)
        else:
            marks[field.code] = str(printed.get(value, value))
    return marks
