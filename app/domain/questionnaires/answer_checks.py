"""One check for each kind of question: what was sent → the accepted answer, or faults.

`compile_check` looks the definition up once and leaves a small function for the hot path. A check
never raises: it adds faults to the reading and gives None, as it does for a skipped question.
An empty value (None, "", [], {}) is a skipped question. Checking an accepted answer again gives
the same answer.
"""

import datetime
import math
import re
from typing import Any

from app.domain.questionnaires.audience import Rates
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.grid_checks import check_of_grid, rating_codes
from app.domain.questionnaires.model import (
    DONT_KNOW,
    Comment,
    DateQuestion,
    DepartmentGrid,
    MultipleChoice,
    NumberQuestion,
    Question,
    ScaleQuestion,
    ShortText,
    SingleChoice,
    ZeroToTen,
)
from app.domain.questionnaires.reading import Check, Reading, is_empty

_NOT_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def compile_check(question: Question, definition: SurveyDefinition, rates: Rates) -> Check:
    """Build the check of one question; `rates` says which departments a grid is about."""
    field = f"answers.{question.code}"
    match question:
        case DepartmentGrid():
            return check_of_grid(question, definition, rates, field)
        case SingleChoice():
            check = _one_of([option.code for option in question.options], field)
        case ScaleQuestion():
            check = _one_of(rating_codes(definition, question.scale), field)
        case MultipleChoice():
            check = _several(question, field)
        case ZeroToTen():
            check = _zero_to_ten(question, field)
        case NumberQuestion():
            check = _number(question, field)
        case DateQuestion():
            check = _date(question, field)
        case ShortText():
            check = _text(question.max_length, field, lines=False)
        case Comment():
            check = _text(question.max_length, field, lines=True)
    return _required(check, field) if question.required else check


def _required(check: Check, field: str) -> Check:
    def check_required(value: Any, reading: Reading) -> Any:
        before = len(reading.faults)
        accepted = check(value, reading)
        if accepted is None and len(reading.faults) == before:
            reading.refuse(field, "required")
        return accepted

    return check_required


def _one_of(codes: list[str], field: str) -> Check:
    allowed = frozenset(codes)

    def check(value: Any, reading: Reading) -> str | None:
        if isinstance(value, str) and value in allowed:
            return value
        if is_empty(value):
            return None
        if isinstance(value, str):
            reading.refuse(field, "not-an-option")
        else:
            reading.refuse_type(field, "The answer must be the code of one option.")
        return None

    return check


def _several(question: MultipleChoice, field: str) -> Check:
    codes = [option.code for option in question.options]
    allowed = frozenset(codes)
    exclusive = frozenset(option.code for option in question.options if option.exclusive)

    def check(value: Any, reading: Reading) -> list[str] | None:
        if is_empty(value):
            return None
        if not isinstance(value, list) or not all(isinstance(code, str) for code in value):
            reading.refuse_type(field, "The answer must be a list of option codes.")
            return None
        chosen = frozenset(value)
        if not chosen <= allowed:
            reading.refuse(field, "not-an-option")
        elif len(chosen) > 1 and chosen & exclusive:
            reading.refuse(field, "exclusive")
        elif question.at_most is not None and len(chosen) > question.at_most:
            reading.refuse(field, "too-many", limit=question.at_most)
        else:
            return [code for code in codes if code in chosen]
        return None

    return check


def _zero_to_ten(question: ZeroToTen, field: str) -> Check:
    whole = _whole_number(0, 10, field)

    def check(value: Any, reading: Reading) -> int | str | None:
        if value == DONT_KNOW and question.dont_know is not None:
            return DONT_KNOW
        accepted: int | None = whole(value, reading)
        return accepted

    return check


def _number(question: NumberQuestion, field: str) -> Check:
    if question.decimals == 0:
        return _whole_number(question.minimum, question.maximum, field)
    decimals = question.decimals

    def check(value: Any, reading: Reading) -> float | None:
        if is_empty(value):
            return None
        if not _is_number(value):
            reading.refuse_type(field, "The answer must be a number.")
        elif not question.minimum <= value <= question.maximum:
            _refuse_range(field, question.minimum, question.maximum, reading)
        elif round(value, decimals) != value:
            reading.refuse(field, "too-precise", decimals=decimals)
        else:
            return float(value) + 0.0  # -0.0 becomes 0.0: one value, one form
        return None

    return check


def _whole_number(minimum: float, maximum: float, field: str) -> Check:
    def check(value: Any, reading: Reading) -> int | None:
        if is_empty(value):
            return None
        if not _is_number(value) or value != math.floor(value):
            reading.refuse_type(field, "The answer must be a whole number.")
        elif not minimum <= value <= maximum:
            _refuse_range(field, minimum, maximum, reading)
        else:
            return int(value)
        return None

    return check


def _is_number(value: object) -> bool:
    """Python counts True as 1; citizens don't. NaN and infinity are no answers either."""
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))


def _refuse_range(field: str, minimum: float, maximum: float, reading: Reading) -> None:
    reading.refuse(field, "out-of-range", minimum=_plain(minimum), maximum=_plain(maximum))


def _plain(number: float) -> str:
    return str(int(number) if number == math.floor(number) else number)


def _date(question: DateQuestion, field: str) -> Check:
    earliest, latest = question.earliest.isoformat(), question.latest.isoformat()

    def check(value: Any, reading: Reading) -> str | None:
        if is_empty(value):
            return None
        if not isinstance(value, str) or not _is_date(value):
            reading.refuse_type(field, "The answer must be a date written as year-month-day.")
        elif not earliest <= value <= latest:
            reading.refuse(field, "out-of-range", minimum=earliest, maximum=latest)
        else:
            return value
        return None

    return check


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):  # fromisoformat also takes 20101201 and 2010-W48-3
        return False
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _text(max_length: int, field: str, *, lines: bool) -> Check:
    def check(value: Any, reading: Reading) -> str | None:
        if is_empty(value):
            return None
        if not isinstance(value, str):
            reading.refuse_type(field, "The answer must be text.")
            return None
        text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
        if _NOT_TEXT.search(text) or (not lines and ("\n" in text or "\t" in text)):
            reading.refuse(field, "not-text")
        elif len(text) > max_length:
            reading.refuse(field, "too-long", limit=max_length)
        else:
            return text or None
        return None

    return check
