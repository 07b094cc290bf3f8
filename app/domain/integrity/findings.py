"""What a signal finds: a set of responses picked by a rule, never one by one.

A finding says which set, how large, and how unusual. It does not say how anybody answered.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Signal(StrEnum):
    """The kinds of trace."""

    STRAIGHT_LINES = "straight-lines"
    COPIES = "copies"
    BURSTS = "bursts"
    DEPARTURES = "departures"
    CONCENTRATION = "concentration"


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """A signal about the objects named.

    `members` are places among the ballots, ascending. `usual` is how many responses would be usual
    there, None where not the number is unusual. `strength` is 1 at the threshold.
    """

    signal: Signal
    objects: Mapping[str, str]
    members: NDArray[np.intp]
    strength: float
    usual: float | None = None

    @property
    def key(self) -> str:
        """Name the finding: the same signal about the same objects has the same key."""
        return key_of(self.signal, self.objects)


def key_of(signal: Signal, objects: Mapping[str, str]) -> str:
    """Name a signal about objects, in 12 hexadecimal digits."""
    text = json.dumps([signal, dict(objects)], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
