"""Steps of weighting as a design file declares them (`weighting:`), in the order they run."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from app.domain.estimation.declared import Declared, Label, Name


class UnknownEligibility(Declared):
    """Share the weight of units of unknown eligibility among those that are known."""

    step: Literal["unknown-eligibility"]
    status: Name
    unknown: tuple[Label, ...]
    classes: tuple[Name, ...] = ()


class Nonresponse(Declared):
    """Share the weight of nonrespondents among the respondents of their class.

    Units whose status is in `ineligible` keep weight 0: they are not of the population.
    """

    step: Literal["nonresponse"]
    status: Name
    respondent: tuple[Label, ...]
    nonrespondent: tuple[Label, ...]
    ineligible: tuple[Label, ...] = ()
    classes: tuple[Name, ...] = ()
    minimum: int = Field(default=1, ge=1, description="respondents that a class must have")


class Margin(Declared):
    """Population counts by one column, or by the combinations of several.

    `totals` maps a label to its count; the labels of several columns are joined by " & ".
    """

    by: Annotated[tuple[Name, ...], Field(min_length=1)]
    totals: Annotated[Mapping[Label, Annotated[float, Field(ge=0)]], Field(min_length=1)]

    @property
    def name(self) -> str:
        return " & ".join(self.by)


class Collapse(Declared):
    """Categories that are counted together as `into` once one of them is too thin."""

    into: Label
    merge: Annotated[tuple[Label, ...], Field(min_length=2, alias="from")]


class Poststratify(Margin):
    """Scale the weights of each post-stratum to its population count.

    The rules of `collapse` are tried in order: a rule applies when one of its post-strata has
    fewer respondents than `minimum`. What was merged stands in the report of the step.
    """

    step: Literal["poststratify"]
    collapse: tuple[Collapse, ...] = ()
    minimum: int = Field(default=1, ge=1)


class _Solved(Declared):
    tolerance: float = Field(default=1e-11, gt=0, description="largest relative error of a margin")
    max_rounds: int = Field(default=100, ge=1)


class Rake(_Solved):
    """Fit the weights to several margins at once (Deming-Stephan; calibration by exponentials)."""

    step: Literal["rake"]
    margins: Annotated[tuple[Margin, ...], Field(min_length=1)]


class Calibrate(_Solved):
    """Calibrate to counts (`margins`) and totals of numbers (`totals`).

    `distance`: linear (GREG), raking, truncated-linear or logit (Deville and Särndal 1992, cases
    1, 2, 7 and 6). `bounds` are the least and greatest g-weight; the last two distances need them.
    `population` adds the population size as a total of its own, for use without margins.
    """

    step: Literal["calibrate"]
    distance: Literal["linear", "raking", "truncated-linear", "logit"] = "linear"
    bounds: tuple[float, float] | None = None
    margins: tuple[Margin, ...] = ()
    totals: Mapping[Name, float] = Field(default_factory=dict)
    population: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _bounds_fit(self) -> Self:
        bounded = self.distance in ("truncated-linear", "logit")
        if bounded != (self.bounds is not None):
            raise ValueError("bounds belong to the truncated-linear and logit distances only")
        if self.bounds and not 0 <= self.bounds[0] < 1 < self.bounds[1]:
            raise ValueError("bounds must enclose 1 and may not be negative")
        if not self.margins and not self.totals and self.population is None:
            raise ValueError("calibration needs margins, totals or a population")
        return self


class Trim(Declared):
    """Cut weights to `lower` … `upper` and share the excess among the untouched.

    Bounds are weights, or multiples of the median weight (`of: median`). `strict` repeats until
    every weight lies inside; `share` says whether the untouched get equal or proportional parts.
    To trim and keep the margins, follow with the calibration again (`recalibrate`).
    """

    step: Literal["trim"]
    lower: float = Field(default=0.0, ge=0)
    upper: float = Field(gt=0)
    of: Literal["weight", "median"] = "weight"
    strict: bool = False
    share: Literal["equal", "proportional"] = "equal"
    recalibrate: bool = False

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.lower >= self.upper:
            raise ValueError("lower must be less than upper")
        return self


Step = Annotated[
    UnknownEligibility | Nonresponse | Poststratify | Rake | Calibrate | Trim,
    Field(discriminator="step"),
]
