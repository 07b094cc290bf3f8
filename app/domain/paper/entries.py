"""Which entry a keyer's sheet becomes, and which forms are keyed twice.

Entries are never overwritten. The second one is by another person and blind to the first; a sheet
sent again by the same keyer is the same entry, or it is refused.
"""

import dataclasses
import hmac
from collections.abc import Sequence

from app.domain.paper.custody import KEYED_FROM, FormState
from app.domain.paper.marks import Marks
from app.domain.questionnaires.audience import Mode
from app.errors import Fault


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """One keying of one form; `ordinal` is 1 or 2."""

    ordinal: int
    by: str
    marks: Marks


@dataclasses.dataclass(frozen=True, slots=True)
class Placement:
    """The entry that a sheet is; `repeated`: it is stored already, the same."""

    ordinal: int
    repeated: bool = False


def same_person(one: str, other: str) -> bool:
    """Compare names of staff as people do."""
    return one.strip().casefold() == other.strip().casefold()


def place_entry(
    state: FormState,
    earlier: Sequence[Entry],
    *,
    by: str,
    marks: Marks,
    wanted: int,
    mode: Mode = Mode.PAPER,
) -> Placement | Fault:
    """Say which entry this is. `wanted` is 1 or 2 entries for this form."""
    for entry in earlier:
        if same_person(entry.by, by):
            if entry.marks == marks:
                return Placement(entry.ordinal, repeated=True)
            return Fault("serial", "entry-frozen", "You keyed this form before, and otherwise")
    if state not in KEYED_FROM[mode]:
        return _not_to_be_keyed(state, mode)
    if len(earlier) >= wanted:
        return Fault("serial", "already-keyed", "The form has all its entries")
    return Placement(len(earlier) + 1)


def _not_to_be_keyed(state: FormState, mode: Mode) -> Fault:
    if mode is Mode.PHONE:
        return Fault("serial", "call-settled", f"The call sheet is {state} already")
    return Fault("serial", "not-returned", f"The form is {state}, not returned")


def entries_wanted(secret: bytes, number: int, share: float) -> int:
    """Say whether a form is keyed once or twice.

    A seeded random part of all forms is keyed twice; keyers can't tell which, because the seed is
    secret (32 bytes, one per batch).
    """
    draw = int.from_bytes(hmac.digest(secret, str(number).encode(), "sha256")[:8])
    return 2 if draw < share * 2**64 else 1
