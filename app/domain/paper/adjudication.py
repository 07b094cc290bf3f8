"""The third person's decision on the fields that two keyers read differently.

Whoever keyed the form does not decide on it. All discrepancies are decided and nothing else; the
decision may be the first mark, the second, or what the paper really says.
"""

from collections.abc import Mapping, Sequence

from app.domain.paper.comparison import Discrepancy
from app.domain.paper.entries import Entry, same_person
from app.domain.paper.fields import PaperField
from app.domain.paper.marks import BLANK, Marks, read_mark
from app.errors import Fault, InvalidInput
from app.errors.paper import SamePerson


def require_third_person(by: str, entries: Sequence[Entry]) -> None:
    """Raise SamePerson where the adjudicator keyed the form."""
    if any(same_person(by, entry.by) for entry in entries):
        raise SamePerson


def read_decisions(
    fields: Sequence[PaperField],
    discrepancies: Sequence[Discrepancy],
    decisions: Mapping[str, str],
) -> dict[str, str]:
    """Give the decided mark of every field in dispute. Raises InvalidInput with all faults."""
    by_code = {field.code: field for field in fields}
    decided: dict[str, str] = {}
    faults: list[Fault] = []
    for one in discrepancies:
        if one.field not in decisions:
            faults.append(Fault(one.field, "undecided", "This field is in dispute"))
            continue
        mark = read_mark(by_code[one.field], decisions[one.field])
        if isinstance(mark, Fault):
            faults.append(mark)
        else:
            decided[one.field] = mark
    if decisions.keys() - {one.field for one in discrepancies}:
        faults.append(Fault("fields", "not-in-dispute", "Both entries agree on a field decided"))
    if faults:
        raise InvalidInput(faults=faults)
    return decided


def final_marks(first: Marks, decided: Marks) -> dict[str, str]:
    """Put the decisions in the place of the first entry's marks."""
    marks = {**first, **decided}
    return {code: mark for code, mark in marks.items() if mark != BLANK}
