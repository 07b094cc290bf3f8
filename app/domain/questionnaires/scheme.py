"""The evaluation scheme as data: which figures become how many points.

Only the shape; `domain/scoring` computes with it in decimals.
"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from app.domain.questionnaires.audience import Mode
from app.domain.questionnaires.text import Code, DefinitionModel, Text

Points = Annotated[Decimal, Field(ge=-1000, le=1000, max_digits=10, decimal_places=6)]
"""Exact decimals, bounded so that no notation of a number can ask for gigabytes of zeros."""


class IndexSource(DefinitionModel):
    """The index of one respondent class in the modes named: a share of the component's points."""

    source: Literal["index"]
    respondent_class: Code
    modes: Annotated[list[Mode], Field(min_length=1)]


class EnteredSource(DefinitionModel):
    """A figure that an office enters and answers for."""

    source: Literal["entered"]
    by: Text


class Component(DefinitionModel):
    """A part of the score: worth `points`, fed by a source or by its own parts."""

    code: Code
    name: Text
    points: Annotated[Points, Field(ge=0)]
    external: bool = False
    satisfaction: bool = False
    feeds: Annotated[IndexSource | EnteredSource, Field(discriminator="source")] | None = None
    parts: list["Component"] = []


class Adjustment(DefinitionModel):
    """Deductions and additions outside the components.

    With `offset_first`, additions are set against deductions before the cap, and a surplus is lost.
    """

    code: Code
    name: Text
    per_event: Points | None = None
    at_least: Points
    at_most: Points
    offset_first: bool = False


class Grouping(DefinitionModel):
    """A second way to add up the same points, e.g. objective and subjective."""

    code: Code
    name: Text
    components: Annotated[list[Code], Field(min_length=1)]


class Band(DefinitionModel):
    """A grade from `from_score` upwards; a zone colour where the city uses one."""

    code: Code
    name: Text
    from_score: Points
    colour: Literal["green", "blue", "yellow", "red"] | None = None


class Scheme(DefinitionModel):
    """scheme.yaml. No bands means ranking by score only."""

    code: Code
    name: Text
    components: Annotated[list[Component], Field(min_length=1)]
    adjustments: list[Adjustment] = []
    groupings: list[Grouping] = []
    bands: list[Band] = []
    decimals: Annotated[int, Field(ge=0, le=6)] = 2
    minimum_external: Points = Decimal(30)
    minimum_satisfaction: Points = Decimal(15)
    illustrative: bool = False
    source: str = ""
