"""What a design file may say: the sample, the steps of weighting, the estimates wanted.

These models are the YAML of `minyi weight` and `minyi estimate` and at the same time the arguments
of `build_design`, `weight` and `estimate`. They name columns; they never hold data. All faults of
a file are reported at once. Steps are in `steps.py`, estimates in `requests.py`.
"""

from typing import Literal, Self

from pydantic import Field, model_validator

from app.domain.estimation.declared import Declared, Label, Name, Share
from app.domain.estimation.requests import Difference, EstimateRequest
from app.domain.estimation.steps import Step

LonelyPsu = Literal["fail", "remove", "certainty", "adjust", "average"]


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
