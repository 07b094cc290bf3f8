"""The figures of paper fieldwork: issued = all outcomes; distributed, returned and valid.

Three figures that are often mixed up and are kept apart here: *distributed* 发放 forms left the
survey point, *returned* 回收 forms came back filled in, *valid* 有效 forms are counted answers.
"""

import dataclasses
from collections.abc import Iterable
from enum import StrEnum

from app.domain.paper.custody import FormState


class FormResult(StrEnum):
    """What a keyed form became; `pending` while entries or a decision are missing.

    `void`: nothing on it could be counted as an answer.
    """

    PENDING = ""
    COUNTED = "counted"
    DUPLICATE = "duplicate"
    VOID = "void"


class BatchState(StrEnum):
    """How far a batch is."""

    IN_FIELD = "in_field"
    KEYING = "keying"
    READY = "ready"
    CLOSED = "closed"


@dataclasses.dataclass(frozen=True, slots=True)
class FormCount:
    """How many forms share a place; `was_out`: they had been handed to an interviewer."""

    state: FormState
    was_out: bool
    result: FormResult
    n: int


@dataclasses.dataclass(frozen=True, slots=True)
class Balance:
    """Where the forms of a batch, point or wave are. `issued` comes from the ranges issued."""

    issued: int
    in_stock: int = 0
    in_field: int = 0
    to_key: int = 0
    to_settle: int = 0
    valid: int = 0
    duplicate: int = 0
    void: int = 0
    spoiled: int = 0
    refused: int = 0
    lost: int = 0
    blank: int = 0
    distributed: int = 0

    @property
    def returned(self) -> int:
        """Forms that came back filled in."""
        return self.to_key + self.to_settle + self.valid + self.duplicate + self.void + self.spoiled

    @property
    def settled(self) -> int:
        """Forms of which everything is known."""
        return (
            self.valid
            + self.duplicate
            + self.void
            + self.spoiled
            + self.refused
            + self.lost
            + self.blank
        )

    @property
    def balances(self) -> bool:
        """Whether issued = all outcomes: the condition for closing a batch."""
        return self.issued == self.settled


_PLACES = {
    FormState.ISSUED: "in_stock",
    FormState.HANDED_OUT: "in_field",
    FormState.RETURNED: "to_key",
    FormState.SPOILED: "spoiled",
    FormState.REFUSED: "refused",
    FormState.LOST: "lost",
    FormState.BLANK: "blank",
}
_RESULTS = {
    FormResult.PENDING: "to_settle",
    FormResult.COUNTED: "valid",
    FormResult.DUPLICATE: "duplicate",
    FormResult.VOID: "void",
}


def balance(issued: int, counts: Iterable[FormCount]) -> Balance:
    """Add up where the forms are; `issued` is the length of the ranges, not a sum of the rest."""
    figures: dict[str, int] = {}
    for one in counts:
        keyed = one.state is FormState.KEYED
        place = _RESULTS[one.result] if keyed else _PLACES[one.state]
        figures[place] = figures.get(place, 0) + one.n
        if one.was_out:
            figures["distributed"] = figures.get("distributed", 0) + one.n
    return Balance(issued, **figures)


def batch_state(found: Balance, *, closed: bool) -> BatchState:
    """Say how far a batch is."""
    if closed:
        return BatchState.CLOSED
    if found.balances:
        return BatchState.READY
    return BatchState.IN_FIELD if found.in_stock + found.in_field else BatchState.KEYING
