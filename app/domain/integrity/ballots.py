"""A wave's answers as arrays: facts about each response, and its ratings as codes.

A rating is the level's place on its scale, counted from one end; which end is the good one matters
nowhere. Texts, comments and facts about the respondent are not read at all.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.model import (
    DONT_KNOW,
    DepartmentGrid,
    Question,
    ScaleQuestion,
    ZeroToTen,
)

UNRATED, DOES_NOT_KNOW = -1, -2
GOVERNMENT = -1
"""In place of a department: a rating of the government as a whole."""

FACTS = (
    "respondent_class",
    "mode",
    "trust",
    "own_unit",
    "window",
    "point",
    "day",
    "interviewer",
)


@dataclasses.dataclass(frozen=True, slots=True)
class Ballot:
    """One response as stored: its id, its facts in the order of FACTS, its sheet of answers."""

    response_id: bytes
    facts: Sequence[str]
    sheet: str


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """A column of words: the place of each response's word among `words`."""

    codes: NDArray[np.intp]
    words: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Items:
    """What was rated, by column: number of levels, and place among `codes` of the department."""

    levels: NDArray[np.int16]
    departments: NDArray[np.int16]
    codes: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Ballots:
    """Responses × items; `ratings` are 0 … levels - 1, UNRATED or DOES_NOT_KNOW."""

    ids: Sequence[bytes]
    facts: Mapping[str, Labels]
    items: Items
    ratings: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.ids)


class _Sheet(msgspec.Struct):
    answers: dict[str, msgspec.Raw]


class _Part:
    """The columns of one question; equal pieces of JSON are read once."""

    def __init__(self, question: Question, first: int, definition: SurveyDefinition) -> None:
        self.first = first
        self.aspects: list[str] | None = None
        self.places: dict[str, int] = {}
        self._codes: dict[Any, int] = {DONT_KNOW: DOES_NOT_KNOW}
        self._read: dict[bytes, list[int]] = {}
        if isinstance(question, DepartmentGrid):
            self.aspects = [aspect.code for aspect in question.aspects]
            for at, department in enumerate(definition.departments.departments):
                self.places[department.code] = first + at * len(self.aspects)
        if isinstance(question, ZeroToTen):
            self.levels = 11
            self._codes |= {level: level for level in range(11)}
        elif isinstance(question, ScaleQuestion | DepartmentGrid):
            scale = definition.questionnaire.scales[question.scale]
            in_order = sorted(scale.levels, key=lambda level: level.score)
            self.levels = len(in_order)
            self._codes |= {level.code: place for place, level in enumerate(in_order)}

    @property
    def width(self) -> int:
        """How many columns the question takes."""
        return 1 if self.aspects is None else len(self.aspects) * len(self.places)

    def pieces(self, raw: msgspec.Raw) -> Iterable[tuple[int, list[int]]]:
        """Give first column and codes of each piece of an answer."""
        if self.aspects is None:
            yield self.first, self._piece(bytes(raw))
            return
        for department, piece in msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).items():
            yield self.places[department], self._piece(bytes(piece))

    def _piece(self, raw: bytes) -> list[int]:
        if raw not in self._read:
            value = msgspec.json.decode(raw)
            named = {"": value} if self.aspects is None else value
            self._read[raw] = [
                self._codes.get(named.get(aspect), UNRATED) for aspect in self.aspects or [""]
            ]
        return self._read[raw]


def read_ballots(definition: SurveyDefinition, ballots: Iterable[Ballot]) -> Ballots:
    """Code the ratings of accepted responses, in the order given."""
    parts = _parts(definition)
    ids, facts = [], []
    rows: dict[int, list[int]] = defaultdict(list)
    columns: dict[int, list[int]] = defaultdict(list)
    codes: dict[int, list[list[int]]] = defaultdict(list)
    decode = msgspec.json.Decoder(_Sheet).decode
    for row, ballot in enumerate(ballots):
        ids.append(ballot.response_id)
        facts.append(ballot.facts)
        for question, raw in decode(ballot.sheet).answers.items():
            if question in parts:
                for column, piece in parts[question].pieces(raw):
                    rows[len(piece)].append(row)
                    columns[len(piece)].append(column)
                    codes[len(piece)].append(piece)
    items = _items(parts.values(), definition)
    ratings = np.full((len(ids), len(items.levels)), UNRATED, dtype=np.int8)
    for width in rows:
        at = np.array(columns[width])[:, None] + np.arange(width)
        ratings[np.array(rows[width])[:, None], at] = codes[width]
    return Ballots(ids, _labels(facts), items, ratings)


def _parts(definition: SurveyDefinition) -> dict[str, _Part]:
    parts: dict[str, _Part] = {}
    first = 0
    for question in definition.questionnaire.questions():
        if isinstance(question, ScaleQuestion | ZeroToTen | DepartmentGrid):
            parts[question.code] = _Part(question, first, definition)
            first += parts[question.code].width
    return parts


def _items(parts: Iterable[_Part], definition: SurveyDefinition) -> Items:
    names = tuple(one.code for one in definition.departments.departments)
    levels: list[int] = []
    departments: list[int] = []
    for part in parts:
        levels += [part.levels] * part.width
        if part.aspects is None:
            departments.append(GOVERNMENT)
        else:
            departments += [at for at in range(len(names)) for _ in part.aspects]
    return Items(np.array(levels, dtype=np.int16), np.array(departments, dtype=np.int16), names)


def _labels(facts: Sequence[Sequence[str]]) -> dict[str, Labels]:
    found = {}
    for place, name in enumerate(FACTS):
        words, codes = np.unique(np.array([one[place] for one in facts], str), return_inverse=True)
        found[name] = Labels(codes, tuple(words.tolist()))
    return found
