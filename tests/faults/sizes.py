"""The same tests in two sizes: seconds in CI, thoroughly by `make faults`.

MINYI_TEST_FAULTS is `long`, or a share of it: 0.1 breaks things a tenth as often.
"""

import os
from typing import TypeVar

T = TypeVar("T")
_GIVEN = os.environ.get("MINYI_TEST_FAULTS", "")
LONG = bool(_GIVEN)
_SHARE = float(_GIVEN.replace("long", "1")) if LONG else 0.0
TIMEOUT = 7200 if LONG else 120
"""Seconds for one test."""


def size(short: T, long: T) -> T:
    """Choose by the form of this run."""
    return long if LONG else short


def times(short: int, long: int) -> int:
    """Say how often something breaks."""
    return max(short, round(long * _SHARE))
