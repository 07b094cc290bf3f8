"""draft → open ⇄ paused → closed → released.

A wave never goes back to draft or reopens after it was closed: answers are rewritten in random
order at close and releases build on them.
"""

import datetime
from enum import StrEnum


class WaveState(StrEnum):
    """Where a wave stands."""

    DRAFT = "draft"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"
    RELEASED = "released"


TRANSITIONS: dict[WaveState, tuple[WaveState, ...]] = {
    WaveState.DRAFT: (WaveState.OPEN,),
    WaveState.OPEN: (WaveState.PAUSED, WaveState.CLOSED),
    WaveState.PAUSED: (WaveState.OPEN, WaveState.CLOSED),
    WaveState.CLOSED: (WaveState.RELEASED,),
    WaveState.RELEASED: (),
}


def may_follow(old: WaveState, new: WaveState) -> bool:
    """Say whether a wave may go from one state to the other."""
    return new in TRANSITIONS[old]


class Intake(StrEnum):
    """Whether a mode takes answers now, and if not, why."""

    OPEN = "open"
    NOT_YET = "not_yet"
    PAUSED = "paused"
    OVER = "over"


def intake(
    state: WaveState,
    opens_at: datetime.datetime,
    closes_at: datetime.datetime | None,
    now: datetime.datetime,
) -> Intake:
    """Say whether answers are taken at `now`: from `opens_at` until just before `closes_at`.

    No `closes_at` means a continuous wave.
    """
    if state in (WaveState.CLOSED, WaveState.RELEASED):
        return Intake.OVER
    if closes_at is not None and now >= closes_at:
        return Intake.OVER
    if state is WaveState.DRAFT or now < opens_at:
        return Intake.NOT_YET
    return Intake.PAUSED if state is WaveState.PAUSED else Intake.OPEN
