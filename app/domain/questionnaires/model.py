"""The questionnaire: scales, sections and the kinds of question."""

import datetime
from typing import Annotated, Literal

from pydantic import Field

from app.domain.questionnaires.conditions import Condition
from app.domain.questionnaires.text import Code, DefinitionModel, Text

Order = Literal["fixed", "random", "rotated"]
"""`rotated` keeps the cyclic order and draws the start; `random` draws the whole order."""

Side = Literal["good", "middle", "bad"]

DONT_KNOW = "dont_know"
"""The answer «don't know this department»: an answer of its own, neither neutral nor missing."""


class Level(DefinitionModel):
    """One step of a rating scale. `score` runs from 0 (worst) to 100 (best)."""

    code: Code
    text: Text
    score: Annotated[float, Field(ge=0, le=100)]
    side: Side


class Scale(DefinitionModel):
    """A labelled rating scale. `dont_know` is the text of that answer, where it is offered."""

    levels: Annotated[list[Level], Field(min_length=2, max_length=11)]
    dont_know: Text | None = None

    def scores(self) -> dict[str, float]:
        """Give each level's score by its code; «don't know» has none."""
        return {level.code: level.score for level in self.levels}


class Option(DefinitionModel):
    """One choice. An `exclusive` one («none of these») can't be combined with others."""

    code: Code
    text: Text
    exclusive: bool = False


class _Question(DefinitionModel):
    code: Code
    text: Text
    help: Text | None = None
    required: bool = False
    show_if: Condition | None = None


class SingleChoice(_Question):
    """One of several options. Answer: the option's code."""

    kind: Literal["single"]
    options: Annotated[list[Option], Field(min_length=2, max_length=200)]
    order: Order = "fixed"


class MultipleChoice(_Question):
    """Any of several options. Answer: a list of codes."""

    kind: Literal["multiple"]
    options: Annotated[list[Option], Field(min_length=2, max_length=200)]
    order: Order = "fixed"
    at_most: Annotated[int, Field(ge=1)] | None = None


class ScaleQuestion(_Question):
    """One rating that is not about a department. Answer: a level's code or `dont_know`."""

    kind: Literal["scale"]
    scale: Code


class ZeroToTen(_Question):
    """A number from 0 to 10 with labelled ends. Answer: an integer or `dont_know`."""

    kind: Literal["zero_to_ten"]
    lowest: Text
    highest: Text
    dont_know: Text | None = None


class NumberQuestion(_Question):
    """A number. Answer: an integer, or a float where `decimals` is above 0."""

    kind: Literal["number"]
    minimum: float
    maximum: float
    decimals: Annotated[int, Field(ge=0, le=6)] = 0
    unit: Text | None = None


class DateQuestion(_Question):
    """A calendar date. Answer: `YYYY-MM-DD`."""

    kind: Literal["date"]
    earliest: datetime.date
    latest: datetime.date


class ShortText(_Question):
    """One line of text. Answer: the text."""

    kind: Literal["short_text"]
    max_length: Annotated[int, Field(ge=1, le=500)] = 100


class Comment(_Question):
    """Free text in several lines. Answer: the text."""

    kind: Literal["comment"]
    max_length: Annotated[int, Field(ge=1, le=5000)] = 1000


class Aspect(DefinitionModel):
    """One side of a department's service that is rated."""

    code: Code
    text: Text


class DepartmentGrid(_Question):
    """Several aspects of several departments on one scale.

    Answer: `{department: {aspect: level or dont_know}}` for the departments offered. `required`
    asks for every aspect of every department offered (all, assigned, fixed) or chosen (choose).
    """

    kind: Literal["department_grid"]
    aspects: Annotated[list[Aspect], Field(min_length=1, max_length=20)]
    scale: Code
    order: Order = "fixed"


Question = Annotated[
    SingleChoice
    | MultipleChoice
    | ScaleQuestion
    | ZeroToTen
    | NumberQuestion
    | DateQuestion
    | ShortText
    | Comment
    | DepartmentGrid,
    Field(discriminator="kind"),
]

RATING_KINDS = ("scale", "zero_to_ten", "department_grid")
"""Kinds that say how satisfied someone is; no rule may depend on them (invariant 4)."""


class Section(DefinitionModel):
    """One page. `classes` limits it to respondent classes; empty means everyone."""

    code: Code
    title: Text
    introduction: Text | None = None
    classes: list[Code] = []
    show_if: Condition | None = None
    questions: Annotated[list[Question], Field(min_length=1, max_length=100)]


class Questionnaire(DefinitionModel):
    """questionnaire.yaml"""

    scales: dict[Code, Scale] = {}
    sections: Annotated[list[Section], Field(min_length=1, max_length=50)]

    def questions(self) -> list[Question]:
        """List all questions in the order asked."""
        return [question for section in self.sections for question in section.questions]
