"""What an evaluation says: one immutable document per scheme, period and state.

The models are the contract of `GET /api/v1/external-evaluation/{scheme}/{period}`: every field is
always there, computed numbers are decimals and travel as strings, without trailing zeros. A number
that can't be computed, because a figure is not there or is withheld, is None and so is whatever it
would add to; `missing` names the components that it waits for.

Points come from two kinds of source. The index of a release names release, sample and precision;
an entered figure names its office, who typed it and when.
"""

import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from app.domain.releases.document import (
    Correction,
    Digest,
    Interval,
    Names,
    Published,
    State,
    Suppression,
    Unit,
)

FORMAT = "minyi-evaluation/1"

Rule = Literal[
    "index",
    "entered",
    "nothing-entered",
    "rounded",
    "weighted",
    "limited",
    "per-event",
    "offset",
    "sum",
    "per-hundred",
    "difference",
]
"""What a step does: takes a figure, rounds it, weighs it, keeps it within limits, adds up …"""

Quantity = Literal["combined", "external"]
"""What departments are ranked by: everything, or what outsiders say of them."""


class Step(Published):
    """One step of a computation: what was done, the arithmetic in full, and what came out."""

    rule: Rule
    formula: str
    result: Decimal


class Amount(Published):
    """A sum of points and how it was made; `worth` are the points that could be had."""

    worth: Decimal
    points: Decimal | None
    steps: tuple[Step, ...]


class IndexBasis(Published):
    """The index that points come from, as a release published it.

    `kind` self-selected: whoever wanted to answer did, so `standard_error` and `interval` say
    nothing about those who did not. `value` is None where the release withholds it (`suppressed`).
    """

    release: str
    source: str
    kind: Literal["probability", "census", "self-selected"]
    trust: tuple[str, ...]
    n: int | None
    value: Decimal | None
    standard_error: Decimal | None
    degrees_of_freedom: Decimal
    interval: Interval | None
    flags: tuple[str, ...]
    suppressed: Suppression | None


class EnteredBasis(Published):
    """A figure that an office answers for, who entered it and when.

    `revision` counts corrections from 1; `reason` says why the last one was made.
    """

    figure: str
    value: Decimal
    revision: int
    entered_by: str
    entered_at: datetime.datetime
    reason: str


class ComponentPoints(Published):
    """The points of one component for one department; a component with parts has neither basis."""

    component: str
    worth: Decimal
    index: IndexBasis | None
    entered: EnteredBasis | None
    points: Decimal | None
    steps: tuple[Step, ...]


class AdjustmentPoints(Published):
    """What is deducted or added outside the components."""

    adjustment: str
    entered: tuple[EnteredBasis, ...]
    points: Decimal
    steps: tuple[Step, ...]


class GroupingPoints(Published):
    """The same points added up a second way."""

    grouping: str
    amount: Amount


class Gap(Published):
    """How much better the inside view is than the outside view, both out of a hundred."""

    internal: Decimal
    external: Decimal
    gap: Decimal
    steps: tuple[Step, ...]


class DepartmentScore(Published):
    """One department: components in the order of the scheme's tree, sums, grade."""

    department: Unit
    components: tuple[ComponentPoints, ...]
    adjustments: tuple[AdjustmentPoints, ...]
    internal: Amount
    external: Amount
    combined: Amount
    gap: Gap | None
    groupings: tuple[GroupingPoints, ...]
    band: str | None
    missing: tuple[str, ...]


class RankedPlace(Published):
    """A department's place by a score, 1 the highest; `best` … `worst` is what its rank may be.

    `sampling_error` is the standard error that the drawing of samples alone leaves.
    `root_mean_squared_error` contains the bias of self-selected polls too, and is None where no
    anchor tells it. `like` are the departments that can't be told apart from it.
    """

    department: str
    points: Decimal
    rank: int
    best: int
    worst: int
    sampling_error: Decimal | None
    root_mean_squared_error: Decimal | None
    like: tuple[str, ...]


class ComponentInfluence(Published):
    """How much a component moves the ranking (domain/estimation/influence.py)."""

    component: str
    spread: Decimal
    share_of_variance: Decimal | None
    pairs_turned: int
    largest_move: int


class Flip(Published):
    """How few answers would turn two neighbours.

    So many more respondents of average weight with the worst score for everything, counted into
    the upper department's index of this component, would put it below the lower one. None: no
    number of answers could.
    """

    above: str
    below: str
    difference: Decimal
    component: str
    answers: int | None


class Ranking(Published):
    """Departments by a score, with what is uncertain about their order.

    `group` is None where all departments are ranked together. `incomplete` have no place, because
    a figure is missing. `squared_bias` is that of the self-selected components, pooled over
    departments, in index points; `assumptions` belong in print beside the figures.
    """

    of: Quantity
    group: str | None
    ties: Literal["competition", "dense"]
    method: str | None
    confidence: Decimal
    places: tuple[RankedPlace, ...]
    groups: tuple[tuple[str, ...], ...]
    incomplete: tuple[str, ...]
    squared_bias: dict[str, Decimal]
    influence: tuple[ComponentInfluence, ...]
    flips: tuple[Flip, ...]
    assumptions: tuple[str, ...]


class ComponentRule(Published):
    """A component as the scheme declares it; `part_of` is the one above it in the tree."""

    code: str
    name: Names
    part_of: str | None
    points: Decimal
    points_by_group: dict[str, Decimal]
    external: bool
    satisfaction: bool
    source: Literal["index", "entered", "parts"]
    office: Names | None


class NamedRule(Published):
    """An adjustment or grouping by its name."""

    code: str
    name: Names


class BandRule(Published):
    """A grade, from `from_score` upwards."""

    code: str
    name: Names
    from_score: Decimal
    colour: str | None


class SchemeRules(Published):
    """The rules, from the frozen definition with this version.

    `illustrative`: something in it is invented and waits for the city's own.
    """

    code: str
    version: Digest
    name: Names
    illustrative: bool
    rounding: Literal["half-up", "half-even", "down"]
    index_decimals: int
    decimals: int
    components: tuple[ComponentRule, ...]
    adjustments: tuple[NamedRule, ...]
    groupings: tuple[NamedRule, ...]
    bands: tuple[BandRule, ...]


class ReleaseUsed(Published):
    """A release that indices were taken from, and the digest of its signed payload."""

    wave: str
    release: str
    state: State
    digest: Digest


class Evaluation(Published):
    """All that is computed; a function of scheme, releases and entered figures alone."""

    format: Literal["minyi-evaluation/1"]
    period: str
    wave: str
    scheme: SchemeRules
    releases: tuple[ReleaseUsed, ...]
    departments: tuple[DepartmentScore, ...]
    rankings: tuple[Ranking, ...]


class EvaluationBefore(Published):
    """The evaluation before this one in the chain of its scheme, and its payload's digest."""

    evaluation: str
    digest: Digest


class EvaluationHeader(Published):
    """What is added when a second person publishes.

    `evaluation` is `scheme.sequence`; the sequence counts a scheme's evaluations from 1 without
    gaps, over all its periods. `provisional`: a release used is provisional itself. `corrected`:
    it replaces an earlier final one of its period, which `correction` names.
    """

    evaluation: str
    sequence: Annotated[int, Field(ge=1)]
    state: State
    published_at: datetime.datetime
    previous: EvaluationBefore | None
    correction: Correction | None


HEADER: dict[str, object] = {
    "evaluation": "xiamen-2008.2",
    "sequence": 2,
    "state": "corrected",
    "published_at": "2009-02-02T02:00:00Z",
    "previous": {"evaluation": "xiamen-2008.1", "digest": "5e" * 32},
    "correction": {
        "corrects": "xiamen-2008.1",
        "changed": "departments: huli; releases: xm.2",
        "why": "Forms of a survey point were found",
    },
}
"""An example."""


class ExternalEvaluation(Published):
    """The signed payload."""

    header: Annotated[EvaluationHeader, Field(examples=[HEADER])]
    evaluation: Evaluation
