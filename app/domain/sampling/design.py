"""The plan behind `minyi sample`: one YAML file with the sections size, allocation and draw.

Each section is what one command needs; a file may hold one, two or all three. Unknown keys are
refused, so that a misspelt rule is an error and not a default.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.domain.sampling.allocation import Rule, Stratum
from app.domain.sampling.selection import Method

Share = Annotated[float, Field(gt=0, le=1)]
Column = Annotated[str, Field(min_length=1)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Clusters(_Section):
    """People asked at each survey point, and how alike they are (ρ)."""

    respondents_per_point: float = Field(ge=1)
    intraclass_correlation: float = Field(ge=0, le=1)


class DomainPlan(_Section):
    """A department or district that needs an estimate of its own; unset fields are the plan's."""

    code: str = Field(min_length=1)
    population: int | None = Field(default=None, ge=1)
    share: Share | None = None
    margin: float | None = Field(default=None, gt=0)
    proportion: float | None = Field(default=None, gt=0, lt=1)
    standard_deviation: float | None = Field(default=None, gt=0)
    response_rate: Share | None = None


class SizePlan(_Section):
    """How precise which estimate must be.

    `domains` that are separate (districts) add up; domains that overlap (departments rated by the
    same citizens) share one sample, and each declares its `share` of the respondents.
    """

    estimate: Literal["proportion", "mean"]
    margin: float = Field(gt=0)
    confidence: float = Field(default=0.95, gt=0, lt=1)
    proportion: float = Field(default=0.5, gt=0, lt=1)
    standard_deviation: float | None = Field(default=None, gt=0)
    population: int | None = Field(default=None, ge=1)
    response_rate: Share = 1.0
    design_effect: float = Field(default=1.0, gt=0)
    clusters: Clusters | None = None
    weights_coefficient_of_variation: float = Field(default=0.0, ge=0)
    domains: tuple[DomainPlan, ...] = ()
    domains_overlap: bool = False

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.estimate == "mean" and self.standard_deviation is None:
            raise ValueError("a mean needs standard_deviation, the spread of the answers expected")
        if self.clusters and self.design_effect != 1.0:
            raise ValueError("declare either design_effect or clusters")
        if self.domains_overlap and any(domain.share is None for domain in self.domains):
            raise ValueError("domains that overlap each need their share of the respondents")
        return self


class AllocationPlan(_Section):
    """Strata and the rule that splits a total number of respondents, or a budget, over them."""

    rule: Rule
    total: int | None = Field(default=None, ge=1)
    budget: float | None = Field(default=None, gt=0)
    power: float = Field(default=0.5, ge=0, le=1)
    strata: tuple[Stratum, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_one_aim(self) -> Self:
        if (self.total is None) == (self.budget is None):
            raise ValueError("declare either total or budget")
        return self


class StagePlan(_Section):
    """One stage of the draw.

    `unit` is the frame's column with the identifiers, `strata` the columns that form the groups
    drawn from separately, `size` the column of whole numbers for PPS. `n` is a number for every
    group or one per group (strata columns joined by " / ", from the second stage on the units of
    the stage before). `numbered_by` replaces a frame: a column of the frame before says how many
    units each has, and they are numbered 1, 2, …
    """

    unit: Column
    method: Method
    n: Annotated[int, Field(ge=0)] | dict[str, Annotated[int, Field(ge=0)]]
    strata: tuple[Column, ...] = ()
    size: Column | None = None
    numbered_by: Column | None = None

    @model_validator(mode="after")
    def _fits_its_method(self) -> Self:
        proportional = self.method in {"pps-systematic", "sampford"}
        if proportional != (self.size is not None):
            raise ValueError("the PPS methods need size, the others must not have it")
        if self.numbered_by and (self.strata or self.size):
            raise ValueError("numbered units have neither strata nor sizes")
        return self


class DrawPlan(_Section):
    """A draw in one or more stages: survey points first, then respondents."""

    seed: str = Field(min_length=1, pattern=r"^[^\n]*$")
    stages: tuple[StagePlan, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _starts_from_a_frame(self) -> Self:
        if self.stages[0].numbered_by:
            raise ValueError("the first stage needs a frame")
        if len({stage.unit for stage in self.stages}) < len(self.stages):
            raise ValueError("every stage needs a unit column of its own")
        return self


class SamplePlan(_Section):
    """The whole file."""

    size: SizePlan | None = None
    allocation: AllocationPlan | None = None
    draw: DrawPlan | None = None
