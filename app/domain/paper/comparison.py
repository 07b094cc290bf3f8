"""Where two entries of a form differ, field by field."""

import dataclasses
from collections.abc import Sequence

from app.domain.paper.entries import Entry
from app.domain.paper.marks import BLANK, Marks


@dataclasses.dataclass(frozen=True, slots=True)
class Discrepancy:
    """One field that two keyers read differently."""

    field: str
    first: str
    second: str


def compare(first: Marks, second: Marks) -> list[Discrepancy]:
    """List the fields that differ, in the order of the first entry and then of the second."""
    codes = dict.fromkeys((*first, *second))
    return [
        Discrepancy(code, first.get(code, BLANK), second.get(code, BLANK))
        for code in codes
        if first.get(code, BLANK) != second.get(code, BLANK)
    ]


def agreed_marks(entries: Sequence[Entry], wanted: int) -> Marks | None:
    """Give what the form says where all entries wanted are there and agree; None before that."""
    if len(entries) < wanted:
        return None
    first = entries[0].marks
    return first if all(entry.marks == first for entry in entries[1:]) else None
