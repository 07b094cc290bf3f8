"""What a respondent class rates: items with their levels and scores, and what counts in its index.

An item is about a department if it is an aspect of a grid, if the class rates one fixed department,
or if the index counts it: then it speaks for every department that the respondent was asked about.
Any other rating is about the city as a whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.domain.questionnaires.analysis import IndexItem
from app.domain.questionnaires.audience import RatesFixed, RespondentClass
from app.domain.questionnaires.checks.index import dimensions_counting
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.model import (
    DepartmentGrid,
    Question,
    Scale,
    ScaleQuestion,
    ZeroToTen,
)
from app.domain.questionnaires.navigation import asked_sections
from app.domain.questionnaires.text import Text


class RatedLevel(NamedTuple):
    """One answer that has a score, from 0 (worst) to 100."""

    code: str
    name: Text
    score: float


@dataclass(frozen=True, slots=True)
class RatedItem:
    """A rated question, or one aspect of a grid. Answers are coded 0 … in the order of `levels`.

    The code after the last level is "don't know"; −1 is no answer.
    """

    question: str
    aspect: str | None
    name: Text
    levels: tuple[RatedLevel, ...]

    @property
    def dont_know(self) -> int:
        """The code of "don't know"."""
        return len(self.levels)

    @property
    def scores(self) -> NDArray[np.float64]:
        """Score by code; NaN for "don't know" and, last, for no answer (code −1)."""
        return np.array([*(level.score for level in self.levels), np.nan, np.nan])


@dataclass(frozen=True, slots=True)
class IndexPart:
    """A dimension of the index, and the places of its items among those about departments."""

    dimension: str
    weight: float
    items: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ClassItems:
    """What one class rates: `items` about `departments`, `general` about the city."""

    audience: RespondentClass
    departments: tuple[str, ...]
    items: tuple[RatedItem, ...]
    general: tuple[RatedItem, ...]
    parts: tuple[IndexPart, ...]

    @property
    def coefficients(self) -> dict[int, float]:
        """Weight of each scored item in the index; they sum to 1."""
        return {at: part.weight / len(part.items) for part in self.parts for at in part.items}


def class_items(definition: SurveyDefinition, audience: RespondentClass) -> ClassItems:
    """Read what a class rates from the definition."""
    index = definition.index
    counting = dimensions_counting(index, audience.code) if index else []
    wanted = {item for dimension in counting for item in dimension.items}
    rated = [
        item
        for section in asked_sections(definition, audience.code)
        for question in section.questions
        for item in _items_of(question, definition.questionnaire.scales)
    ]
    fixed = isinstance(audience.rates, RatesFixed)
    about = [one for one in rated if fixed or one.aspect is not None or _key(one) in wanted]
    places = {_key(one): at for at, one in enumerate(about)}
    groups = audience.rates.groups
    return ClassItems(
        audience,
        tuple(
            one.code
            for one in definition.departments.departments
            if not groups or one.group in groups
        ),
        tuple(about),
        tuple(one for one in rated if one not in about),
        tuple(
            IndexPart(one.code, one.weight, tuple(places[item] for item in one.items))
            for one in counting
        ),
    )


def _key(item: RatedItem) -> IndexItem:
    return IndexItem(question=item.question, aspect=item.aspect)


def _items_of(question: Question, scales: dict[str, Scale]) -> Iterator[RatedItem]:
    match question:
        case DepartmentGrid():
            levels = _levels(scales[question.scale])
            for aspect in question.aspects:
                yield RatedItem(question.code, aspect.code, aspect.text, levels)
        case ScaleQuestion():
            yield RatedItem(question.code, None, question.text, _levels(scales[question.scale]))
        case ZeroToTen():
            numbers = tuple(
                RatedLevel(str(number), Text(zh=str(number), en=str(number)), 10.0 * number)
                for number in range(11)
            )
            yield RatedItem(question.code, None, question.text, numbers)


def _levels(scale: Scale) -> tuple[RatedLevel, ...]:
    return tuple(RatedLevel(level.code, level.text, level.score) for level in scale.levels)
