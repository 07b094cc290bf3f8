"""The same tests in two sizes: seconds in CI, thoroughly by `make faults`."""

import os
from typing import TypeVar

T = TypeVar("T")
LONG = os.environ.get("MINYI_TEST_FAULTS") == "long"
TIMEOUT = 7200 if LONG else 120
"""Seconds for one test."""


def size(short: T, long: T) -> T:
    """Choose by the form of this run."""
    return long if LONG else short
