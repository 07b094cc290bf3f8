"""What happens to an answer whose permit or person may have been here before.

The database finds the facts by its unique constraints; this page decides. No rule looks at what
the answer says (symmetry, invariant 4): only whether it is the same one.
"""

from enum import StrEnum


class ResponseStatus(StrEnum):
    """Where a stored response counts. `returned = counted + duplicate + set_aside`."""

    COUNTED = "counted"
    DUPLICATE = "duplicate"
    SET_ASIDE = "set_aside"


class Verdict(StrEnum):
    """What to do with an answer that came in."""

    ACCEPT = "accept"
    RETURN_RECEIPT = "return_receipt"
    REPLACE = "replace"
    REFUSE = "refuse"
    FILE_AS_DUPLICATE = "file_as_duplicate"


def decide(
    *, permit_spent: bool, same_answers: bool, revisable: bool, person_took_part: bool
) -> Verdict:
    """Decide on one answer.

    - A spent permit with the same answers is a retry: the same receipt again.
    - A spent permit with other answers replaces them where the definition says `revisable`,
      and is refused elsewhere.
    - A fresh permit of a person who took part by another route is kept as a duplicate:
      the earliest durable acceptance counts, the later one is never lost.
    """
    if permit_spent:
        if same_answers:
            return Verdict.RETURN_RECEIPT
        return Verdict.REPLACE if revisable else Verdict.REFUSE
    return Verdict.FILE_AS_DUPLICATE if person_took_part else Verdict.ACCEPT
