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


Decimals = Annotated[int, Field(ge=0, le=6)]


class IndexSource(DefinitionModel):
    """The index of one respondent class in the modes named: a share of the component's points.

    It comes from the wave that is evaluated, or from the `wave` named. `anchor` is the component
    whose probability sample asks the same population; what a self-selected poll differs from it
    tells how far the poll is off.
    """

    source: Literal["index"]
    respondent_class: Code
    modes: Annotated[list[Mode], Field(min_length=1)]
    wave: Code | None = None
    anchor: Code | None = None


class EnteredSource(DefinitionModel):
    """A figure that an office enters and answers for: out of a hundred, or points as they are."""

    source: Literal["entered"]
    by: Text
    unit: Literal["hundred", "points"] = "hundred"


class Component(DefinitionModel):
    """A part of the score: worth `points`, fed by a source or by its own parts.

    `points_by_group` says otherwise for groups of departments. `at_least` and `at_most` are the
    floor and cap of points that an office enters.
    """

    code: Code
    name: Text
    points: Annotated[Points, Field(ge=0)]
    points_by_group: dict[Code, Annotated[Points, Field(ge=0)]] = {}
    at_least: Points | None = None
    at_most: Points | None = None
    external: bool = False
    satisfaction: bool = False
    feeds: Annotated[IndexSource | EnteredSource, Field(discriminator="source")] | None = None
    parts: list["Component"] = []

    def points_of(self, group: str | None) -> Decimal:
        """Say what the component is worth for a group of departments; None is any other group."""
        return self.points if group is None else self.points_by_group.get(group, self.points)

    def walk(self) -> list["Component"]:
        """List this component and all below it."""
        return [self, *(below for part in self.parts for below in part.walk())]

    def leaves(self) -> list["Component"]:
        """List the components under this one, or itself, that have a source of their own."""
        return [leaf for part in self.parts for leaf in part.leaves()] if self.parts else [self]


class Adjustment(DefinitionModel):
    """Deductions and additions outside the components, between `at_least` and `at_most`.

    With `offset_first`, additions are set against deductions before the limits, and what exceeds
    them is lost; otherwise the deductions are limited by themselves before anything is added.
    With `per_event`, events are counted and each is worth so many points.
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
    """scheme.yaml. No bands means ranking by score only.

    An index is rounded to `index_decimals` before it is weighted, points to `decimals`; sums are
    of rounded points. `competition`: equal scores share a rank, and as many are skipped after it;
    `dense`: none are. Departments are ranked all together or each group by itself.
    """

    code: Code
    name: Text
    components: Annotated[list[Component], Field(min_length=1)]
    adjustments: list[Adjustment] = []
    groupings: list[Grouping] = []
    bands: list[Band] = []
    index_decimals: Decimals = 2
    decimals: Decimals = 2
    rounding: Literal["half-up", "half-even", "down"] = "half-up"
    ties: Literal["competition", "dense"] = "competition"
    ranked: Literal["together", "by-group"] = "together"
    minimum_external: Points = Decimal(30)
    minimum_satisfaction: Points = Decimal(15)
    illustrative: bool = False
    source: str = ""

    def walk(self) -> list[Component]:
        """List every component of the tree, each before its parts."""
        return [below for one in self.components for below in one.walk()]

    def leaves(self) -> list[Component]:
        """List all components that have a source of their own."""
        return [leaf for one in self.components for leaf in one.leaves()]

    def external_leaves(self) -> list[Component]:
        """List those of the leaves that are external, by themselves or as part of what is."""
        return _external(self.components)


def _external(components: list[Component]) -> list[Component]:
    return [
        leaf
        for one in components
        for leaf in (one.leaves() if one.external else _external(one.parts))
    ]
