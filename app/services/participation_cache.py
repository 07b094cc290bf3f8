"""Participation as it was counted at most a second ago, kept in this process's memory.

The figures are public and asked for by many; no answer can be told from them. Who decides anything
by them counts anew.
"""

import dataclasses
import time
from collections import defaultdict
from functools import partial

from app.services.shared_look import SharedLook, Timer
from app.store.participation import ResponseCount


@dataclasses.dataclass(frozen=True, slots=True)
class Participation:
    """Counts of a wave. They balance: returned = counted + duplicate + set aside.

    `distributed` are permits minted and not revoked; `drawn_not_answered` are verified persons on
    the roll whose permit has not been spent.
    """

    returned: int
    counted: int
    duplicate: int
    set_aside: int
    distributed: int
    revoked: int
    drawn: int
    drawn_not_answered: int
    responses: tuple[ResponseCount, ...]


class ParticipationCache:
    """One per process: a look for each wave that there is, by its number."""

    def __init__(self, timer: Timer = time.monotonic) -> None:
        new = partial(SharedLook[Participation], timer)
        self._looks: defaultdict[int, SharedLook[Participation]] = defaultdict(new)

    def of(self, wave_id: int) -> SharedLook[Participation]:
        """Give the look at one wave."""
        return self._looks[wave_id]
