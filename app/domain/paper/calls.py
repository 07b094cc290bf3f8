"""Call sheets: numbered forms that an interviewer fills in on the telephone, number by number.

    issued ─→ handed out (being called, or to be called back) ─→ keyed, refused or blank

The number of a sheet stands beside a telephone number in the call station's own list; here is no
telephone number. Every attempt is a call with a result; the last result is the sheet's outcome.
"""

import dataclasses
from enum import StrEnum

from app.domain.paper.custody import STATE_AFTER, FormState, Outcome


class CallResult(StrEnum):
    """What became of one call; `open` while it goes on, or broke off unnoticed.

    `call_back`: nobody answered yet, the line was busy, or another time was agreed. `no_contact` is
    for sheets that are given up after the attempts agreed.
    """

    OPEN = ""
    COMPLETED = "completed"
    REFUSED = "refused"
    NO_CONTACT = "no_contact"
    INELIGIBLE = "ineligible"
    LANGUAGE = "language"
    CALL_BACK = "call_back"


@dataclasses.dataclass(frozen=True, slots=True)
class Call:
    """One attempt; they count from 1 for every sheet."""

    attempt: int
    by: str
    result: CallResult = CallResult.OPEN


def sheet_after(result: CallResult) -> tuple[FormState, Outcome]:
    """Say where a sheet is after a call, and the outcome of the contact."""
    if result in (CallResult.OPEN, CallResult.CALL_BACK):
        return FormState.HANDED_OUT, Outcome.NONE
    outcome = Outcome(result.value)
    state = FormState.KEYED if outcome is Outcome.COMPLETED else STATE_AFTER[outcome]
    return state, outcome
