"""What a release says: one immutable document per wave (or period of a continuous wave) and state.

The models are the contract of `GET /api/v1/releases/{id}`: every field is always there, numbers
that were computed are decimals and travel as strings. `canonical.py` turns a document into bytes.

A *source* is what is weighted together: one respondent class in some of its modes. Its code is
`class/mode+mode`. Every table names the source it belongs to.

A figure that must not be shown is None, and `suppressed` says why: `minimum-n` too few people,
`complementary` it would give another one away, `few-changed` so few people tell it from an
earlier release that the difference would show their answers.
"""

import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

FORMAT = "minyi-release/1"

State = Literal["provisional", "final", "corrected"]
Suppression = Literal["minimum-n", "complementary", "few-changed"]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256, hexadecimal")]


class Published(BaseModel):
    """Base: frozen, and nothing beside the fields declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Names(Published):
    """A name in both languages."""

    zh: str
    en: str


class Period(Published):
    """First and last day of collection, both included, in the survey's time zone."""

    first: datetime.date
    last: datetime.date


class Predecessor(Published):
    """The release before this one in the chain of its wave, and the digest of its payload."""

    release: str
    digest: Digest


class Correction(Published):
    """Which release is corrected, what changed (changed.py works it out), and why."""

    corrects: str
    changed: str
    why: str


class Header(Published):
    """What is added when a second person publishes the figures.

    `release` is `wave.sequence`; the sequence counts a wave's releases from 1 without gaps.
    """

    release: str
    sequence: Annotated[int, Field(ge=1)]
    state: State
    published_at: datetime.datetime
    previous: Predecessor | None
    correction: Correction | None


HEADER = {
    "release": "shenzhen-2010.2",
    "sequence": 2,
    "state": "corrected",
    "published_at": "2011-01-20T02:00:00Z",
    "previous": {"release": "shenzhen-2010.1", "digest": "5e" * 32},
    "correction": {
        "corrects": "shenzhen-2010.1",
        "changed": "indices: D07; counts; sources; ranking",
        "why": "Forms of one survey point had been counted twice",
    },
}
"""An example of a header."""


class Survey(Published):
    """Which survey, under which frozen version of its definition."""

    code: str
    version: Digest
    title: Names
    organiser: Names


class Unit(Published):
    """A department that is rated."""

    code: str
    group: str
    name: Names


class Counts(Published):
    """How many people and answers, by class, mode and trust level.

    `distributed`: permits or forms handed out, None where nobody hands any out (trust `open`).
    They balance: returned = valid + duplicate + set_aside + void. `void` are paper forms that came
    back without a usable answer.
    """

    respondent_class: str
    mode: str
    trust: str
    distributed: int | None
    returned: int
    valid: int
    duplicate: int
    set_aside: int
    void: int


class WeightingStep(Published):
    """What one step of the weighting reported (domain/estimation)."""

    step: str
    converged: bool
    rounds: int
    worst_margin_error: Decimal | None
    smallest_factor: Decimal
    largest_factor: Decimal
    design_effect: Decimal
    effective_n: Decimal
    notes: tuple[str, ...]


class Category(Published):
    """A category of a population margin: who lives there, who answered, who answered weighted.

    Shares sum to 1 over a margin. `n` and the shares of respondents may be suppressed.
    """

    margin: str
    category: str
    name: Names
    population: Decimal
    n: int | None
    unweighted: Decimal | None
    weighted: Decimal | None
    suppressed: Suppression | None


class Source(Published):
    """A sample that was weighted together, and how.

    `n` are its valid answers; `primary_units` the survey points, None where people were drawn one
    by one. `degrees_of_freedom` may be a fraction where calibration has used some up.
    `kind`: `probability` drawn at random, `census` everybody was asked, `self-selected` whoever
    wanted to: its interval says nothing about those who did not want to.
    """

    code: str
    respondent_class: str
    name: Names
    modes: tuple[str, ...]
    trust: tuple[str, ...]
    kind: Literal["probability", "census", "self-selected"]
    n: int
    base: Literal["equal", "stratum"]
    strata: int
    primary_units: int | None
    degrees_of_freedom: Decimal
    variance: str
    credited_margins: tuple[str, ...]
    steps: tuple[WeightingStep, ...]
    notes: tuple[str, ...]


class Interval(Published):
    """A confidence interval and how it was made."""

    low: Decimal
    high: Decimal
    level: Decimal
    method: str


class Part(Published):
    """A dimension of the index."""

    dimension: str
    value: Decimal | None
    standard_error: Decimal | None


class Change(Published):
    """Against the previous wave's release; `p` is adjusted for the number of departments."""

    release: str
    value: Decimal
    difference: Decimal
    standard_error: Decimal | None
    p: Decimal | None
    significant: bool | None


class SetAside(Published):
    """The index had the answers that were set aside been counted, and `n` with them."""

    n: int
    value: Decimal


class IndexFigure(Published):
    """One department's index, whole (stratum and trust None) or by stratum or by trust level.

    `n` are respondents with at least one scored answer; `unweighted` is the plain mean.
    `dont_know` said so and rated nothing, `missing` were asked about the department and left it
    blank. `design_effect` is None where the population's size is not known. `with_set_aside` is
    None where nothing was set aside or too little to be shown, and in strata and trust levels.
    """

    source: str
    department: str
    stratum: str | None
    trust: str | None
    n: int | None
    dont_know: int | None
    missing: int | None
    effective_n: Decimal | None
    value: Decimal | None
    standard_error: Decimal | None
    interval: Interval | None
    design_effect: Decimal | None
    unweighted: Decimal | None
    with_set_aside: SetAside | None
    parts: tuple[Part, ...]
    change: Change | None
    flags: tuple[str, ...]
    suppressed: Suppression | None


class Share(Published):
    """The weighted share of one level among those who rated."""

    level: str
    share: Decimal


class Distribution(Published):
    """How the answers to one rated item are spread; department None: about the city as a whole.

    `n` rated it. `dont_know` is the weighted share of those who said so among all who answered.
    """

    source: str
    department: str | None
    question: str
    aspect: str | None
    n: int | None
    shares: tuple[Share, ...]
    dont_know: Decimal | None
    suppressed: Suppression | None


class Place(Published):
    """A department's place by its index, 1 the best, with a simultaneous interval of ranks.

    Only departments with at least the minimum n are ranked.
    `like` are the departments that can't be told apart from it.
    """

    source: str
    department: str
    rank: int
    best: int
    worst: int
    like: tuple[str, ...]


class Scale(Published):
    """The levels of a rated question, from the definition."""

    question: str
    aspect: str | None
    name: Names
    levels: tuple[tuple[str, Names, Decimal], ...]


class Dimension(Published):
    """A dimension of the index, from the definition."""

    code: str
    name: Names
    weight: Decimal


class Figures(Published):
    """All that is computed; a function of the definition and the stored responses alone.

    `responses` is the digest of the wave's responses (`responses_digest`): whoever holds an export
    can see that it is the one these figures were made from.
    """

    format: Literal["minyi-release/1"]
    wave: str
    period: Period
    survey: Survey
    responses: Digest
    minimum_n: int
    departments: tuple[Unit, ...]
    dimensions: tuple[Dimension, ...]
    scales: tuple[Scale, ...]
    counts: tuple[Counts, ...]
    sources: tuple[Source, ...]
    who_answered: dict[str, tuple[Category, ...]]
    indices: tuple[IndexFigure, ...]
    distributions: tuple[Distribution, ...]
    ranking: tuple[Place, ...]
    compared_with: str | None


class Release(Published):
    """The signed payload."""

    header: Annotated[Header, Field(examples=[HEADER])]
    figures: Figures
