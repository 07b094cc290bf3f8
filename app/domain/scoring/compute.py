"""From indices and entered figures to points of one department, with every step kept.

An index is rounded to the scheme's `index_decimals`, weighted, and the points are rounded to its
`decimals`; sums are of rounded points, so that a published table adds up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.domain.questionnaires.scheme import Component, EnteredSource, Scheme
from app.domain.releases.document import Unit
from app.domain.scoring.adjustments import adjust
from app.domain.scoring.arithmetic import (
    HUNDRED,
    amount,
    limiting_step,
    rounded,
    rounding_step,
    step,
    text,
    trimmed,
    weighting_step,
)
from app.domain.scoring.bands import band_of
from app.domain.scoring.external_evaluation import (
    AdjustmentPoints,
    Amount,
    ComponentPoints,
    DepartmentScore,
    EnteredBasis,
    Gap,
    GroupingPoints,
    IndexBasis,
    Step,
)


@dataclass(frozen=True, slots=True)
class Given:
    """What is known of one department: indices by component, entered figures by figure code."""

    indices: Mapping[str, IndexBasis]
    figures: Mapping[str, EnteredBasis]


def score_department(scheme: Scheme, unit: Unit, given: Given) -> DepartmentScore:
    """Compute a department's points, sums, groupings and band."""
    components = [one for top in scheme.components for one in _tree(scheme, top, unit.group, given)]
    points = {one.component: one.points for one in components}
    adjustments = tuple(
        adjust(one, given.figures, decimals=scheme.decimals, rounding=scheme.rounding)
        for one in scheme.adjustments
    )
    internal, external = _inside_and_outside(scheme, unit.group, points)
    combined = _combined(internal, external, adjustments)
    return DepartmentScore(
        department=unit,
        components=tuple(components),
        adjustments=adjustments,
        internal=internal,
        external=external,
        combined=combined,
        gap=_gap(scheme, internal, external),
        groupings=_groupings(scheme, unit.group, points),
        band=band_of(scheme.bands, combined.points),
        missing=tuple(leaf.code for leaf in scheme.leaves() if points[leaf.code] is None),
    )


def _tree(scheme: Scheme, component: Component, group: str, given: Given) -> list[ComponentPoints]:
    """Compute a component and all below it, itself first."""
    if not component.parts:
        return [_leaf(scheme, component, group, given)]
    below = [_tree(scheme, part, group, given) for part in component.parts]
    whole = amount(component.points_of(group), [part[0].points for part in below])
    itself = ComponentPoints(
        component=component.code,
        worth=whole.worth,
        index=None,
        entered=None,
        points=whole.points,
        steps=whole.steps,
    )
    return [itself, *(one for part in below for one in part)]


def _leaf(scheme: Scheme, leaf: Component, group: str, given: Given) -> ComponentPoints:
    worth = leaf.points_of(group)
    index, entered = given.indices.get(leaf.code), given.figures.get(leaf.code)
    if worth == 0:
        steps = [step("weighted", "0", Decimal(0))]
    elif isinstance(leaf.feeds, EnteredSource):
        steps = _entered_steps(scheme, leaf, worth, entered) if entered else []
    else:
        steps = _index_steps(scheme, worth, index) if index else []
    return ComponentPoints(
        component=leaf.code,
        worth=trimmed(worth),
        index=index,
        entered=entered,
        points=steps[-1].result if steps else None,
        steps=tuple(steps),
    )


def _index_steps(scheme: Scheme, worth: Decimal, index: IndexBasis) -> list[Step]:
    """Show how 82.80 becomes 24.84; nothing where the index is withheld."""
    if index.value is None:
        return []
    steps = [step("index", f"{index.release} {index.source}", index.value)]
    steps += rounding_step(index.value, scheme.index_decimals, scheme.rounding)
    steps.append(weighting_step(steps[-1].result, worth))
    return steps + rounding_step(steps[-1].result, scheme.decimals, scheme.rounding)


def _entered_steps(
    scheme: Scheme, leaf: Component, worth: Decimal, entered: EnteredBasis
) -> list[Step]:
    steps = [step("entered", entered.figure, entered.value)]
    if isinstance(leaf.feeds, EnteredSource) and leaf.feeds.unit == "hundred":
        steps.append(weighting_step(entered.value, worth))
    steps += limiting_step(steps[-1].result, leaf.at_least, leaf.at_most)
    return steps + rounding_step(steps[-1].result, scheme.decimals, scheme.rounding)


def _inside_and_outside(
    scheme: Scheme, group: str, points: Mapping[str, Decimal | None]
) -> tuple[Amount, Amount]:
    external = scheme.external_leaves()
    internal = [leaf for leaf in scheme.leaves() if leaf not in external]
    return _added(internal, group, points), _added(external, group, points)


def _added(leaves: list[Component], group: str, points: Mapping[str, Decimal | None]) -> Amount:
    worth = sum((leaf.points_of(group) for leaf in leaves), Decimal(0))
    return amount(worth, [points[leaf.code] for leaf in leaves])


def _combined(
    internal: Amount, external: Amount, adjustments: tuple[AdjustmentPoints, ...]
) -> Amount:
    terms = [internal.points, external.points, *(one.points for one in adjustments)]
    return amount(internal.worth + external.worth, terms)


def _gap(scheme: Scheme, internal: Amount, external: Amount) -> Gap | None:
    """Compare the views out of a hundred; None where one is unknown or worth nothing."""
    views = []
    for view in (internal, external):
        if view.points is None or not view.worth:
            return None
        share = HUNDRED * view.points / view.worth
        result = rounded(share, scheme.index_decimals, scheme.rounding)
        views.append(step("per-hundred", f"100 × {text(view.points)} ÷ {text(view.worth)}", result))
    inside, outside = (view.result for view in views)
    gap = step("difference", f"{text(inside)} − {text(outside)}", inside - outside)
    return Gap(internal=inside, external=outside, gap=gap.result, steps=(*views, gap))


def _groupings(
    scheme: Scheme, group: str, points: Mapping[str, Decimal | None]
) -> tuple[GroupingPoints, ...]:
    known = {one.code: one for one in scheme.walk()}
    return tuple(
        GroupingPoints(
            grouping=one.code,
            amount=_added([known[code] for code in one.components], group, points),
        )
        for one in scheme.groupings
    )
