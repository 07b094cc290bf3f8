"""Which rows count for an estimate, and with which value: domains, items, "don't know".

Three things keep an answer out and stay apart: the respondent is not of the domain, the item was
not answered (missing), or the answer is "don't know". Each is counted; none changes the weights,
so a skipped item leaves the numerator and denominator of that item only.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from app.domain.estimation.columns import (
    Columns,
    Flags,
    Floats,
    absences,
    categories,
    crossed,
    numbers,
    take,
)
from app.domain.estimation.requests import Request
from app.errors import Fault, InvalidInput


@dataclass(frozen=True, eq=False)
class Answers:
    """An item read as numbers: `values` where `answered`, and who said "don't know"."""

    values: Floats
    answered: Flags
    dont_know: Flags

    @property
    def missing(self) -> Flags:
        return ~(self.answered | self.dont_know)


def read_answers(
    columns: Columns,
    name: str,
    dont_know: tuple[str, ...] = (),
    scores: Mapping[str, float] | None = None,
) -> Answers:
    """Read an item, its labels turned into numbers by `scores` if there are any.

    Raises InvalidInput if an answer has no score, or is no number, and is not a "don't know".
    """
    unknown = has_label(columns, name, dont_know)
    if scores is None:
        kept = take(columns, name).astype(object) if unknown.any() else take(columns, name)
        kept[unknown] = None
        values = numbers({name: kept}, name)
        return Answers(np.nan_to_num(values), ~np.isnan(values), unknown)
    codes, labels = categories(columns, name)
    worth = np.array([scores.get(label, np.nan) for label in labels] + [np.nan])[codes]
    absent = absences(take(columns, name))
    if (np.isnan(worth) & ~unknown & ~absent).any():
        rule = f"Column {name!r} holds answers that have no score and are no declared don't-know"
        raise InvalidInput(rule, faults=[Fault(name, "score-missing", rule)])
    answered = ~np.isnan(worth) & ~unknown
    return Answers(np.where(answered, worth, 0.0), answered, unknown)


def has_label(columns: Columns, name: str, wanted: tuple[str, ...]) -> Flags:
    """True where the column holds one of the labels."""
    if not wanted:
        return np.zeros(len(take(columns, name)), dtype=np.bool_)
    codes, labels = categories(columns, name)
    return np.array([label in wanted for label in labels] + [False])[codes]


def domains(
    columns: Columns, request: Request, rows: int
) -> Iterator[tuple[dict[str, str], Flags]]:
    """The domains of a request, in order of their labels, and the rows of each."""
    selected = np.ones(rows, dtype=np.bool_)
    for name, wanted in request.where.items():
        selected &= has_label(columns, name, wanted)
    codes, combinations = crossed(columns, request.by, rows=rows)
    for code, labels in enumerate(combinations):
        yield dict(zip(request.by, labels, strict=True)), selected & (codes == code)
