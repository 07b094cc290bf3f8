"""Columns never shift: the names written down here are those of every version."""

import copy
import json
from typing import Any

import pytest

from app.domain.exports.columns import columns_of
from app.domain.exports.rows import ExportedResponse, RowWriter
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.parsing import parse_definition
from app.store.definitions import read_folder
from tests.web.citizen import KINDS

ABOUT = [
    *("status", "mode", "trust", "class", "stratum", "point"),
    *("base_weight", "window", "offered"),
]
FIRST = [
    *ABOUT,
    "single",
    *("multiple.a", "multiple.b", "multiple.c", "multiple.n"),
    *("ten", "number", "date", "overall"),
    *("grid.D01.s", "grid.D01.e", "grid.D02.s", "grid.D02.e", "grid.Q01.s", "grid.Q01.e"),
]
SHEET = {
    "answers": {
        "single": "b",
        "more": "=1+1 because of Mr Li",
        "multiple": ["a", "c"],
        "ten": 10,
        "number": 3,
        "date": "2010-12-01",
        "overall": "dont_know",
        "comment": "call me: 13800000000",
        "grid": {"D01": {"s": "a", "e": "dont_know"}, "Q01": {"s": "e"}},
    },
    "offered": ["Q01", "D02", "D01"],
}
ANSWERED = {
    "status": "counted",
    "mode": "web",
    "trust": "open",
    "class": "residents",
    "base_weight": 1.0,
    "offered": "D01 D02 Q01",
    "single": "b",
    "multiple.a": "1",
    "multiple.b": "0",
    "multiple.c": "1",
    "multiple.n": "0",
    "ten": "10",
    "number": 3,
    "date": "2010-12-01",
    "overall": "dont_know",
    "grid.D01.s": "a",
    "grid.D01.e": "dont_know",
    "grid.Q01.s": "e",
}


@pytest.fixture(scope="module")
def first() -> SurveyDefinition:
    return parse_definition(read_folder(KINDS))


@pytest.fixture(scope="module")
def second(first: SurveyDefinition) -> SurveyDefinition:
    """A later version: everything moved, something new before and between everything."""
    text = first.model_dump(mode="json", by_alias=True, exclude_none=True)
    sections = text["questionnaire"]["sections"]
    sections.reverse()
    questions = sections[1]["questions"]
    questions.reverse()
    questions.insert(0, _renamed(questions, "single", "status"))
    _named(questions, "multiple")["options"].insert(1, _option("z"))
    departments = text["departments"]["departments"]
    departments.insert(0, {"code": "A00", "group": "bureaus", "name": _words("new")})
    sections[0]["questions"][0]["aspects"].insert(0, {"code": "new", "text": _words("new")})
    return SurveyDefinition.model_validate(text)


def _named(questions: list[dict[str, Any]], code: str) -> dict[str, Any]:
    return next(one for one in questions if one["code"] == code)


def _renamed(questions: list[dict[str, Any]], old: str, new: str) -> dict[str, Any]:
    return copy.deepcopy(_named(questions, old)) | {"code": new}


def _option(code: str) -> dict[str, Any]:
    return {"code": code, "text": _words(code)}


def _words(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def cells(definition: SurveyDefinition, *, with_texts: bool = False) -> dict[str, Any]:
    """The cells of the one response that are not empty, by column."""
    columns = columns_of(definition, with_texts=with_texts)
    response = ExportedResponse(
        "counted", "web", "open", "residents", "", "", "", json.dumps(SHEET)
    )
    row = RowWriter(columns, "codes", {("residents", "web", ""): 1.0}).row(response)
    names = [one.name for one in columns]
    return {name: cell for name, cell in zip(names, row, strict=True) if cell is not None}


def test_the_columns_are_those_declared_in_their_order(first: SurveyDefinition) -> None:
    assert [one.name for one in columns_of(first)] == FIRST


def test_a_later_version_keeps_every_name_and_adds_its_own(
    first: SurveyDefinition, second: SurveyDefinition
) -> None:
    names = [one.name for one in columns_of(second)]
    assert set(FIRST) <= set(names)
    added = {name for name in names if name not in FIRST}
    assert {"status.answer", "multiple.z", "grid.A00.new", "grid.D01.new"} <= added
    assert len(set(names)) == len(names)
    assert [one for one in names if one in ABOUT] == ABOUT


def test_the_same_answers_stand_under_the_same_names_in_every_version(
    first: SurveyDefinition, second: SurveyDefinition
) -> None:
    assert cells(first) == ANSWERED
    assert cells(second) == ANSWERED | {"multiple.z": "0"}


def test_own_words_are_exported_only_when_asked_for(first: SurveyDefinition) -> None:
    added = cells(first, with_texts=True).keys() - cells(first).keys()
    assert added == {"more", "comment"}


def test_a_response_that_is_not_counted_has_no_base_weight(first: SurveyDefinition) -> None:
    columns = columns_of(first)
    aside = ExportedResponse("set_aside", "web", "open", "residents", "", "", "", json.dumps(SHEET))
    row = RowWriter(columns, "codes", {("residents", "web", ""): 1.0}).row(aside)
    assert row[ABOUT.index("base_weight")] is None
