"""What a design file may ask for (`estimates:`, `differences:`)."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from app.domain.estimation.declared import Declared, Label, Name, Share


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
