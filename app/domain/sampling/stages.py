"""A draw in stages: survey points first, then respondents within each point drawn.

The overall inclusion probability is the product of the stages' and the base weight its inverse.
The result holds what is needed to repeat the draw (seed, method of the keys) and to estimate from
it (units and sizes of every group drawn from).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

from app.domain.sampling.design import DrawPlan, StagePlan
from app.domain.sampling.random_keys import METHOD
from app.domain.sampling.selection import Unit, draw
from app.errors import Fault, InvalidInput
from app.errors.definitions import InfeasibleEstimation

Row = Mapping[str, str]
Frame = Sequence[Row]
GROUP_SEPARATOR = " / "


@dataclass(frozen=True, slots=True)
class SampledUnit:
    """One unit of the last stage; identifiers, groups and probabilities go stage by stage."""

    identifiers: tuple[str, ...]
    groups: tuple[str, ...]
    probabilities: tuple[float, ...]

    @property
    def inclusion_probability(self) -> float:
        return prod(self.probabilities)

    @property
    def base_weight(self) -> float:
        return 1 / self.inclusion_probability


@dataclass(frozen=True, slots=True)
class Group:
    """What was drawn from: a stratum, or the units of one survey point."""

    stage: str
    label: str
    population: int
    drawn: int
    total_size: int


@dataclass(frozen=True, slots=True)
class Sample:
    """The draw as it is exported; `stages` are the unit columns, first stage first."""

    seed: str
    method: str
    stages: tuple[str, ...]
    groups: tuple[Group, ...]
    units: tuple[SampledUnit, ...]


@dataclass(frozen=True, slots=True)
class _Branch:
    """A unit drawn so far and its line of the frame."""

    unit: SampledUnit
    row: Row


def draw_stages(plan: DrawPlan, frames: Sequence[Frame]) -> Sample:
    """Draw by the plan, with one frame for each stage that is not numbered.

    From the second stage on a frame also holds the unit column of the stage before. Raises
    InvalidInput for frames that do not fit the plan and InfeasibleEstimation where a group holds
    fewer units than asked for.
    """
    waiting = iter(_checked_frames(plan, frames))
    branches = [_Branch(SampledUnit((), (), ()), {})]
    groups: list[Group] = []
    for depth, stage in enumerate(plan.stages):
        parent = plan.stages[depth - 1].unit if depth else None
        if stage.numbered_by:
            rows = [_numbered(stage, branch, stage.numbered_by) for branch in branches]
        else:
            rows = _by_parent(next(waiting), parent, branches)
        branches, drawn_from = _draw_stage(plan.seed, stage, depth, branches, rows)
        groups += drawn_from
    columns = tuple(stage.unit for stage in plan.stages)
    return Sample(plan.seed, METHOD, columns, tuple(groups), tuple(b.unit for b in branches))


def _checked_frames(plan: DrawPlan, frames: Sequence[Frame]) -> Sequence[Frame]:
    needed = [(i, stage) for i, stage in enumerate(plan.stages) if not stage.numbered_by]
    if len(needed) != len(frames):
        fault = Fault("frames", "count", f"the plan needs {len(needed)} frame(s), one per stage")
        raise InvalidInput("The frames don't fit the plan", faults=[fault])
    faults = []
    for (i, stage), frame in zip(needed, frames, strict=True):
        faults += _frame_faults(plan, i, stage, frame)
    if faults:
        raise InvalidInput("The frames don't fit the plan", faults=faults)
    return frames


def _frame_faults(plan: DrawPlan, i: int, stage: StagePlan, frame: Frame) -> list[Fault]:
    parent = [plan.stages[i - 1].unit] if i else []
    following = plan.stages[i + 1].numbered_by if i + 1 < len(plan.stages) else None
    numbers = [column for column in (stage.size, following) if column]
    name = f"frames.{i}"
    if not frame:
        return [Fault(name, "empty", "the frame has no rows")]
    needed = [stage.unit, *parent, *stage.strata, *numbers]
    missing = [column for column in dict.fromkeys(needed) if column not in frame[0]]
    if missing:
        return [Fault(f"{name}.{c}", "missing", "the plan names this column") for c in missing]
    checks = [(column, _is_whole, "not-whole", "a whole number") for column in numbers]
    checks += [(c, _is_filled, "empty", "anything") for c in needed if c not in numbers]
    return [
        Fault(f"{name}.{column}", code, f"row {line} does not hold {expected}")
        for column, holds, code, expected in checks
        for line, row in enumerate(frame, start=1)
        if not holds(row[column])
    ]


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _is_filled(text: str) -> bool:
    return bool(text)


def _numbered(stage: StagePlan, branch: _Branch, column: str) -> Frame:
    return [{stage.unit: str(number)} for number in range(1, int(branch.row[column]) + 1)]


def _by_parent(frame: Frame, parent: str | None, branches: Sequence[_Branch]) -> list[Frame]:
    """The rows of the frame that lie within each branch."""
    if parent is None:
        return [frame]
    within: dict[str, list[Row]] = {}
    for row in frame:
        within.setdefault(row[parent], []).append(row)
    return [within.get(branch.unit.identifiers[-1], []) for branch in branches]


def _draw_stage(
    seed: str,
    stage: StagePlan,
    depth: int,
    branches: Sequence[_Branch],
    rows: Sequence[Frame],
) -> tuple[list[_Branch], list[Group]]:
    parts = {
        (branch_number, label): members
        for branch_number, branch in enumerate(branches)
        for label, members in _split(stage, branch, rows[branch_number]).items()
    }
    _check_named(stage, depth, [label for _, label in parts])
    drawn: list[_Branch] = []
    groups: list[Group] = []
    for (branch_number, label), members in parts.items():
        new, group = _draw_group(seed, stage, branches[branch_number], label, members)
        drawn += new
        groups.append(group)
    if len({branch.unit.identifiers for branch in drawn}) < len(drawn):
        fault = Fault(f"frames.{depth}.{stage.unit}", "duplicate", "an identifier occurs twice")
        raise InvalidInput("The frames don't fit the plan", faults=[fault])
    return drawn, groups


def _split(stage: StagePlan, branch: _Branch, rows: Frame) -> dict[str, list[Row]]:
    """Groups by label: the unit of the stage before (if any), then the values of the strata."""
    parts: dict[str, list[Row]] = {} if stage.strata else {_label(branch, ()): list(rows)}
    if stage.strata:
        for row in rows:
            label = _label(branch, tuple(row[column] for column in stage.strata))
            parts.setdefault(label, []).append(row)
    return parts


def _label(branch: _Branch, values: tuple[str, ...]) -> str:
    return GROUP_SEPARATOR.join((*branch.unit.identifiers[-1:], *values))


def _check_named(stage: StagePlan, depth: int, labels: Sequence[str]) -> None:
    """Every group has its n; in the first stage, where all groups are known, none is unknown."""
    if isinstance(stage.n, int):
        return
    field = f"draw.stages.{depth}.n"
    faults = []
    if set(labels) - set(stage.n):
        faults.append(Fault(field, "missing", "some groups of the frame have no n in the plan"))
    if depth == 0 and set(stage.n) - set(labels):
        faults.append(Fault(field, "unknown", "some groups of the plan are not in the frame"))
    if faults:
        raise InvalidInput("The frames don't fit the plan", faults=faults)


def _draw_group(
    seed: str, stage: StagePlan, branch: _Branch, label: str, rows: Sequence[Row]
) -> tuple[list[_Branch], Group]:
    units = [Unit(row[stage.unit], int(row[stage.size]) if stage.size else 1) for row in rows]
    n = stage.n if isinstance(stage.n, int) else stage.n[label]
    try:
        chosen = draw(
            units,
            n,
            method=stage.method,
            seed=seed,
            group=GROUP_SEPARATOR.join((stage.unit, label)),
        )
    except InfeasibleEstimation as reason:
        raise InfeasibleEstimation(f"stage {stage.unit}, group {label}: {reason.detail}") from None
    before = branch.unit
    new = [
        _Branch(
            SampledUnit(
                (*before.identifiers, drawn.unit.identifier),
                (*before.groups, label),
                (*before.probabilities, drawn.inclusion_probability),
            ),
            rows[drawn.position],
        )
        for drawn in chosen
    ]
    total_size = sum(unit.size for unit in units)
    return new, Group(stage.unit, label, len(units), len(chosen), total_size)
