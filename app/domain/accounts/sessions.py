"""How far a sign-in has come, and when a session is over."""

import datetime
from enum import StrEnum

from app.domain.rights.roles import SECOND_FACTOR_REQUIRED, Role

IDLE = datetime.timedelta(minutes=30)
LONGEST = datetime.timedelta(hours=12)
HALF_WAY = datetime.timedelta(minutes=10)
FRESH = datetime.timedelta(minutes=10)
SEEN_AGAIN_AFTER = datetime.timedelta(minutes=1)
LINK_GOOD_FOR = datetime.timedelta(days=3)
"""How long: without a click, in all, between password and second factor, a proof of identity
stands for dangerous acts, between two notes of the last click, an invitation."""


class Stage(StrEnum):
    """How far a sign-in has come."""

    SECOND_FACTOR = "second-factor"
    ENROLMENT = "enrolment"
    FULL = "full"


class FirstFactor(StrEnum):
    """By what a session began."""

    PASSWORD = "password"  # noqa: S105 – the word, not one
    SSO = "sso"


def stage_after_first_factor(
    role: Role, *, has_second_factor: bool, multi_factor: bool = False
) -> Stage:
    """Say what comes after the first factor: a code, setting one up, or the console.

    `multi_factor`: the city's provider has asked for a second one, and is trusted with that.
    """
    if multi_factor:
        return Stage.FULL
    if has_second_factor:
        return Stage.SECOND_FACTOR
    return Stage.ENROLMENT if role in SECOND_FACTOR_REQUIRED else Stage.FULL


def is_alive(
    stage: Stage,
    started_at: datetime.datetime,
    seen_at: datetime.datetime,
    now: datetime.datetime,
) -> bool:
    """Say whether a session still stands."""
    longest = LONGEST if stage is Stage.FULL else HALF_WAY
    return now < started_at + longest and now < seen_at + IDLE


def is_fresh(proved_at: datetime.datetime, now: datetime.datetime) -> bool:
    """Say whether identity was proved lately enough for a dangerous act."""
    return now < proved_at + FRESH
