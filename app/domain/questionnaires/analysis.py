"""How answers become an index: sample design, population margins, weighting, index.

Declared with the questionnaire and frozen with it, so that nobody can choose the method after
seeing the answers. The computing is done in `domain/sampling` and `domain/estimation`.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.domain.questionnaires.audience import Mode
from app.domain.questionnaires.text import Code, DefinitionModel, Text

MOST_PEOPLE = 10_000_000_000


class Stratum(DefinitionModel):
    """A part of the population sampled on its own; `population` counts its people."""

    code: Code
    name: Text
    population: Annotated[int, Field(gt=0, le=MOST_PEOPLE)]


class SurveyPoint(DefinitionModel):
    """A primary sampling unit: a place where paper questionnaires are handed out."""

    code: Code
    name: Text
    stratum: Code


class Allocation(DefinitionModel):
    """How many questionnaires, and by which rule they are spread over the strata."""

    total: Annotated[int, Field(gt=0, le=MOST_PEOPLE)]
    method: Literal["equal", "proportional", "neyman", "cost", "power"] = "proportional"
    minimum: Annotated[int, Field(ge=0, le=MOST_PEOPLE)] = 0


class Margin(DefinitionModel):
    """Known population totals by the options of a single-choice question, or by stratum."""

    question: Code | Literal["stratum"]
    totals: Annotated[
        dict[Code, Annotated[float, Field(gt=0, le=MOST_PEOPLE)]], Field(min_length=2)
    ]
    illustrative: bool = False
    source: str = ""


class Sample(DefinitionModel):
    """sample.yaml: the probability sample, where there is one, and the population it speaks for."""

    strata: list[Stratum] = []
    points: list[SurveyPoint] = []
    allocation: Allocation | None = None
    margins: list[Margin] = []
    illustrative: bool = False
    source: str = ""


class Calibration(DefinitionModel):
    """Adjust the weights to the margins named (all declared ones if none is)."""

    method: Literal["poststratification", "raking", "linear", "truncated_linear", "logit"]
    margins: list[str] = []
    lower: Annotated[float, Field(gt=0, lt=1)] | None = None
    upper: Annotated[float, Field(gt=1)] | None = None


class Trimming(DefinitionModel):
    """Cap weights at `limit` times their median; `recalibrate` meets the margins again."""

    limit: Annotated[float, Field(gt=1)]
    recalibrate: bool = True


class Weighting(DefinitionModel):
    """How the answers of one respondent class, in the modes named, are weighted together.

    `base` is `stratum` for a probability sample (N_h/n_h) and `equal` for anything else. Where
    departments are assigned at random, the inverse of that probability is a factor of either.
    """

    respondent_class: Code
    modes: Annotated[list[Mode], Field(min_length=1)]
    base: Literal["equal", "stratum"] = "equal"
    calibration: Calibration | None = None
    trimming: Trimming | None = None


class IndexItem(DefinitionModel):
    """A scored rating: a scale or 0–10 question, or one aspect of a department grid."""

    question: Code
    aspect: Code | None = None


class Dimension(DefinitionModel):
    """A weighted part of the index; its value is the mean of its items' scores.

    `classes` limits it to respondent classes, as it does a section; empty means every class. The
    weights of the dimensions that count for a class sum to 1.
    """

    code: Code
    name: Text
    classes: list[Code] = []
    weight: Annotated[float, Field(gt=0, le=1)]
    items: Annotated[list[IndexItem], Field(min_length=1)]


class EarlierFigure(DefinitionModel):
    """A figure of one year, written as published: `"75.47"` and `"70.1"` stay as they are."""

    year: Annotated[int, Field(ge=1900, le=2200)]
    value: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,6}(\.[0-9]{1,6})?$")]


class EarlierFigures(DefinitionModel):
    """What was published before the survey came here. Results pages show it as it is.

    Other questions and methods may lie behind, so nothing is computed from it.
    """

    name: Text
    source: str
    figures: Annotated[list[EarlierFigure], Field(min_length=2)]


class Index(DefinitionModel):
    """index.yaml: satisfaction index = Σ dimension weight × mean item score, from 0 to 100."""

    dimensions: Annotated[list[Dimension], Field(min_length=1)]
    weighting: list[Weighting] = []
    minimum_n: Annotated[int, Field(ge=10)] = 10
    earlier: list[EarlierFigures] = []
    illustrative: bool = False
