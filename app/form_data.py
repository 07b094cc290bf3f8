"""A form as a browser posts it → fields, and the fields of one page → raw answers.

Strict where browsers leave no room: urlencoded only, valid UTF-8, a bounded number of fields, no
field that the page doesn't have, one value for whatever is no check box. What the answers may be
is not judged here; `AnswerChecker` does that.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import Depends, Request

from app.domain.questionnaires.model import (
    DateQuestion,
    DepartmentGrid,
    MultipleChoice,
    NumberQuestion,
    Question,
    ZeroToTen,
)
from app.errors import Fault, InvalidInput
from app.errors.requests import UnsupportedMediaType

FIELD_LIMIT = 4000
MEDIA_TYPE = "application/x-www-form-urlencoded"

Fields = Mapping[str, Sequence[str]]
"""Posted values by field name, in the order sent."""

_WHOLE = re.compile(r"-?[0-9]{1,15}")
_DECIMAL = re.compile(r"-?[0-9]{1,15}\.[0-9]{1,15}")
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")


async def read_form(request: Request) -> Fields:
    """Read a posted form. Raises UnsupportedMediaType or InvalidInput."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != MEDIA_TYPE:
        raise UnsupportedMediaType
    return parse_fields(await request.body())


PostedForm = Annotated[Fields, Depends(read_form)]


def parse_fields(body: bytes) -> Fields:
    """Decode an urlencoded body. Raises InvalidInput."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=FIELD_LIMIT,
        )
    except ValueError as error:  # UnicodeDecodeError is one
        raise InvalidInput(
            faults=[Fault("form", "not-a-form", "The form can't be read.")]
        ) from error
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


def only(fields: Fields, *names: str) -> dict[str, str]:
    """Give the values of a form that has only these fields, each at most once."""
    _refuse_strangers(fields, names)
    return {name: _single(name, values) for name, values in fields.items()}


def section_answers(
    fields: Fields, questions: Sequence[Question], departments: Sequence[str]
) -> dict[str, Any]:
    """Turn the fields of a section's page into raw answers.

    `questions` are those that may be on the page, `departments` those that its grids show. A
    department left blank is there with no ratings, so that it counts as chosen.
    """
    names = {name for one in questions for name in field_names(one, departments)}
    _refuse_strangers(fields, names)
    return {question.code: _answer(question, fields, departments) for question in questions}


def field_names(question: Question, departments: Sequence[str]) -> list[str]:
    """List the form fields of a question: its code, in a grid `question.department.aspect`."""
    if isinstance(question, DepartmentGrid):
        return [
            f"{question.code}.{department}.{aspect.code}"
            for department in departments
            for aspect in question.aspects
        ]
    return [question.code]


def _refuse_strangers(fields: Fields, names: Collection[str]) -> None:
    if not fields.keys() <= set(names):
        fault = Fault("form", "unknown-field", "The form has a field that this page doesn't have.")
        raise InvalidInput(faults=[fault])


def _single(name: str, values: Sequence[str]) -> str:
    if len(values) > 1:
        raise InvalidInput(faults=[Fault(name, "repeated", "Only one answer is possible here.")])
    return values[0]


def _answer(question: Question, fields: Fields, departments: Sequence[str]) -> Any:
    if isinstance(question, DepartmentGrid):
        return {one: _ratings(question, fields, one) for one in departments}
    if question.code not in fields:
        return None
    if isinstance(question, MultipleChoice):
        return list(fields[question.code])
    text = _single(question.code, fields[question.code])
    match question:
        case NumberQuestion() | ZeroToTen():
            return read_number(text)
        case DateQuestion():
            return read_date(text)
    return text


def _ratings(question: DepartmentGrid, fields: Fields, department: str) -> dict[str, str]:
    names = {
        aspect.code: f"{question.code}.{department}.{aspect.code}" for aspect in question.aspects
    }
    return {code: _single(name, fields[name]) for code, name in names.items() if name in fields}


def read_number(text: str) -> int | float | str:
    """Read a number as people type it, also with full-width digits; else give the text back."""
    clean = unicodedata.normalize("NFKC", text).strip()
    if _WHOLE.fullmatch(clean):
        return int(clean)
    return float(clean) if _DECIMAL.fullmatch(clean) else clean


def read_date(text: str) -> str:
    """Write a date typed by hand (2010/12/1, 2010年12月1日) as 2010-12-01; else give it back."""
    clean = unicodedata.normalize("NFKC", text).strip()
    if found := _DATE.fullmatch(clean):
        year, month, day = found.groups()
        return f"{year}-{month:0>2}-{day:0>2}"
    return clean
