"""A case: a finding on its way from proposal to decision, and back. Two persons, always.

    proposed ─ agree ─▶ set aside ─ propose ─▶ restoring ─ agree ─▶ restored
        └── refuse ─▶ kept   ▲───────── refuse ─────────┘

Steps are only ever added; the state is what they come to. Whoever proposed can't decide.
"""

import dataclasses
import datetime
from collections.abc import Sequence
from enum import StrEnum

from app.errors.integrity import CaseRefused
from app.errors.staff import SecondPersonNeeded


class Move(StrEnum):
    """What somebody does about a case."""

    PROPOSE = "propose"
    AGREE = "agree"
    REFUSE = "refuse"


class CaseState(StrEnum):
    """Where a case stands."""

    PROPOSED = "proposed"
    KEPT = "kept"
    SET_ASIDE = "set aside"
    RESTORING = "restoring"
    RESTORED = "restored"


_LEADS_TO: dict[tuple[CaseState | None, Move], CaseState] = {
    (None, Move.PROPOSE): CaseState.PROPOSED,
    (CaseState.PROPOSED, Move.AGREE): CaseState.SET_ASIDE,
    (CaseState.PROPOSED, Move.REFUSE): CaseState.KEPT,
    (CaseState.SET_ASIDE, Move.PROPOSE): CaseState.RESTORING,
    (CaseState.RESTORING, Move.AGREE): CaseState.RESTORED,
    (CaseState.RESTORING, Move.REFUSE): CaseState.SET_ASIDE,
}
ASIDE = frozenset({CaseState.SET_ASIDE, CaseState.RESTORING})
"""States in which the members of a case don't count."""
UNDECIDED = frozenset({CaseState.PROPOSED, CaseState.RESTORING})


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """One entry of a case's story. `n`: how many responses the finding had then."""

    number: int
    move: Move
    by: str
    at: datetime.datetime
    reason: str
    n: int


def state_of(steps: Sequence[Step]) -> CaseState | None:
    """Go through the steps; None before the first. Raises CaseRefused where one can't follow."""
    state: CaseState | None = None
    for step in steps:
        state = next_state(state, step.move)
    return state


def next_state(state: CaseState | None, move: Move) -> CaseState:
    """Say where a move leads. Raises CaseRefused."""
    if (state, move) not in _LEADS_TO:
        raise CaseRefused(f"The case is {state}")
    return _LEADS_TO[state, move]


def require_second_person(steps: Sequence[Step], by: str) -> None:
    """Raise SecondPersonNeeded where somebody would decide on what they proposed themselves."""
    proposed = [step.by for step in steps if step.move is Move.PROPOSE]
    if proposed and proposed[-1] == by:
        raise SecondPersonNeeded
