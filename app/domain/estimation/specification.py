"""What a design file may say: the sample, the steps of weighting, the estimates wanted.

These models are the YAML of `minyi weight` and `minyi estimate` and at the same time the arguments
of `build_design`, `weight` and `estimate`. They name columns; they never hold data. All faults of
a file are reported at once.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from app.domain.estimation.columns import label

Name = Annotated[str, Field(min_length=1)]
Label = Annotated[str, BeforeValidator(label)]
Share = Annotated[float, Field(gt=0, lt=1)]
LonelyPsu = Literal["fail", "remove", "certainty", "adjust", "average"]


class Declared(BaseModel):
    """Unknown keys are faults; a misspelt option must not be ignored."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, validate_by_name=True
    )


# The sample -----------------------------------------------------------------------------------


class Sample(Declared):
    """Columns that say how the sample was drawn, outermost stage first.

    Without `clusters` every respondent is a sampling unit. `population` (N_h) or `fraction`
    (n_h/N_h) give the finite-population correction per stage; without them a stage counts as drawn
    with replacement. One entry more than `clusters` has describes the respondents drawn within the
    last clusters. The base weight is `weight` divided by each of `probabilities`; without both it
    is N_h/n_h multiplied over the stages.
    """

    weight: Name | None = None
    probabilities: tuple[Name, ...] = ()
    strata: tuple[Name, ...] = ()
    clusters: tuple[Name, ...] = ()
    population: tuple[Name, ...] = ()
    fraction: tuple[Name, ...] = ()
    lonely_psu: LonelyPsu = "fail"

    @property
    def stages(self) -> int:
        """Stages of drawing that are described."""
        described = (self.clusters, self.strata, self.population, self.fraction)
        return max(1, *(len(names) for names in described))

    @model_validator(mode="after")
    def _stages_agree(self) -> Self:
        if self.stages > len(self.clusters) + 1:
            raise ValueError("more strata or populations are named than there are stages")
        if self.population and self.fraction:
            raise ValueError("give population or fraction, not both")
        return self


# Steps of weighting ---------------------------------------------------------------------------


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


# Variance -------------------------------------------------------------------------------------


class Variance(Declared):
    """How uncertainty is measured.

    `credit`: calibration margins whose residuals may shrink the variance: `auto` as many as the
    design can carry, corrected where primary units are few (few_psus.py); `all`, as R does, `none`,
    or a list of margin names, without correction. `centre`: replicates
    vary around their mean or around the full-sample estimate. `degrees_of_freedom`: of the whole
    design, or of the units and strata that the domain touches.
    """

    method: Literal["linearised", "jk1", "jkn", "bootstrap", "columns"] = "linearised"
    credit: Literal["auto", "all", "none"] | tuple[Name, ...] = "auto"
    replicates: int = Field(default=500, ge=2, le=100_000)
    seed: int = Field(default=0, ge=0)
    centre: Literal["mean", "estimate"] = "mean"
    columns: tuple[Name, ...] = ()
    scale: float | None = Field(default=None, gt=0)
    level: Share = 0.95
    degrees_of_freedom: Literal["design", "domain"] = "design"

    @model_validator(mode="after")
    def _columns_fit(self) -> Self:
        if (self.method == "columns") != bool(self.columns):
            raise ValueError("columns of replicate weights belong to the method 'columns'")
        return self


# Estimates ------------------------------------------------------------------------------------


class Request(Declared):
    """What every estimate may say: a name, the domains `by`, and a filter `where`."""

    name: Name | None = None
    by: tuple[Name, ...] = ()
    where: Mapping[Name, tuple[Label, ...]] = Field(default_factory=dict)


class Item(Declared):
    """One question. Answers in `dont_know` count apart; `scores` turns labels into numbers."""

    variable: Name
    scores: Mapping[Label, float] | None = None
    dont_know: tuple[Label, ...] = ()


class Mean(Request, Item):
    statistic: Literal["mean"]


class Total(Request, Item):
    statistic: Literal["total"]


class Count(Request):
    """The estimated size of the domain."""

    statistic: Literal["count"]


class Ratio(Request):
    statistic: Literal["ratio"]
    numerator: Name
    denominator: Name


class Proportion(Request):
    """Share of the answers that are one of `levels`; without `levels`, of every level observed."""

    statistic: Literal["proportion", "top-box"]
    variable: Name
    levels: tuple[Label, ...] = ()
    dont_know: tuple[Label, ...] = ()
    interval: Literal["t", "wilson", "korn-graubard", "logit"] = "korn-graubard"

    @model_validator(mode="after")
    def _top_box_says_which(self) -> Self:
        if self.statistic == "top-box" and not self.levels:
            raise ValueError("a top-box share must say which levels it counts")
        return self


class Quantile(Request, Item):
    statistic: Literal["quantile"]
    probabilities: tuple[Share, ...] = (0.25, 0.5, 0.75)
    rule: Literal["math", "school", "hf4", "hf5", "hf6", "hf7", "hf8", "hf9"] = "math"


class Dimension(Declared):
    """A part of an index; its items count equally unless they carry weights."""

    weight: float = Field(gt=0)
    items: Annotated[tuple[Name, ...], Field(min_length=1)]
    item_weights: tuple[Annotated[float, Field(gt=0)], ...] = ()

    @model_validator(mode="after")
    def _one_weight_each(self) -> Self:
        if self.item_weights and len(self.item_weights) != len(self.items):
            raise ValueError("item_weights must have one weight per item")
        return self


class Index(Request):
    """Σ dimension weight × mean of its scored items; the weights must sum to 1."""

    statistic: Literal["index"]
    dimensions: Annotated[Mapping[Name, Dimension], Field(min_length=1)]
    scores: Mapping[Label, float] | None = None
    dont_know: tuple[Label, ...] = ()

    @model_validator(mode="after")
    def _weights_sum_to_one(self) -> Self:
        if abs(sum(part.weight for part in self.dimensions.values()) - 1) > 1e-9:
            raise ValueError("the weights of the dimensions must sum to 1")
        return self


EstimateRequest = Annotated[
    Mean | Total | Count | Ratio | Proportion | Quantile | Index, Field(discriminator="statistic")
]


class Difference(Declared):
    """Estimate of the first domain minus that of the second, e.g. two departments or two waves.

    `of` names the request; `between` gives the labels of its `by` columns joined by " & ", or,
    where the request has no `by`, nothing, and `minus` names another request.
    """

    of: Name
    between: tuple[Label, Label] | None = None
    minus: Name | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.between is None) == (self.minus is None):
            raise ValueError("give either between or minus")
        return self


class DesignFile(Declared):
    """The whole file behind `minyi weight DATA DESIGN` and `minyi estimate DATA DESIGN`.

    `missing` lists what stands for a missing answer besides an empty cell.
    """

    missing: tuple[Label, ...] = ("NA",)
    sample: Sample = Sample()
    weighting: tuple[Step, ...] = ()
    variance: Variance = Variance()
    estimates: tuple[EstimateRequest, ...] = ()
    differences: tuple[Difference, ...] = ()
