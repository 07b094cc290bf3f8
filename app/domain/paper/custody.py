"""Where a form is, which moves are allowed, and what became of every contact.

    issued ─→ handed out ─→ returned ─→ keyed
       │           │            └─→ spoiled
       │           ├─→ refused
       └─→ blank ←─┘         and «lost» from anywhere before it was keyed

`issued`: with the survey point. `blank`: came back unused, or the contact failed otherwise than by
refusal. `keyed` is reached by keying only. Other moves are corrections of a wrong scan and need a
reason; a form that was keyed never moves again, because its answers are stored.
"""

from collections.abc import Mapping
from enum import StrEnum

from app.domain.questionnaires.audience import Mode
from app.errors import Fault


class FormState(StrEnum):
    """Where a form is."""

    ISSUED = "issued"
    HANDED_OUT = "handed_out"
    RETURNED = "returned"
    KEYED = "keyed"
    SPOILED = "spoiled"
    REFUSED = "refused"
    LOST = "lost"
    BLANK = "blank"


class Outcome(StrEnum):
    """What became of the contact with a respondent; `none` while nothing is known, or no try."""

    NONE = ""
    COMPLETED = "completed"
    REFUSED = "refused"
    NO_CONTACT = "no_contact"
    INELIGIBLE = "ineligible"
    LANGUAGE = "language"


OUTCOME_CODES = {
    "1": Outcome.COMPLETED,
    "2": Outcome.REFUSED,
    "3": Outcome.NO_CONTACT,
    "4": Outcome.INELIGIBLE,
    "5": Outcome.LANGUAGE,
}
"""As printed on the contact sheet."""

_FAILED = (Outcome.NO_CONTACT, Outcome.INELIGIBLE, Outcome.LANGUAGE)

STATE_AFTER = {
    Outcome.COMPLETED: FormState.RETURNED,
    Outcome.REFUSED: FormState.REFUSED,
    Outcome.NO_CONTACT: FormState.BLANK,
    Outcome.INELIGIBLE: FormState.BLANK,
    Outcome.LANGUAGE: FormState.BLANK,
}
"""Where a form comes back to, by the outcome on the contact sheet."""

MOVES: dict[FormState, frozenset[FormState]] = {
    FormState.ISSUED: frozenset({FormState.HANDED_OUT, FormState.BLANK, FormState.LOST}),
    FormState.HANDED_OUT: frozenset(
        {FormState.RETURNED, FormState.REFUSED, FormState.BLANK, FormState.LOST}
    ),
    FormState.RETURNED: frozenset({FormState.SPOILED, FormState.LOST}),
    FormState.LOST: frozenset({FormState.RETURNED}),
}

CORRECTIONS: dict[FormState, frozenset[FormState]] = {
    FormState.HANDED_OUT: frozenset({FormState.ISSUED}),
    FormState.RETURNED: frozenset({FormState.HANDED_OUT}),
    FormState.SPOILED: frozenset({FormState.RETURNED}),
    FormState.REFUSED: frozenset({FormState.HANDED_OUT}),
    FormState.BLANK: frozenset({FormState.ISSUED, FormState.HANDED_OUT}),
    FormState.LOST: frozenset({FormState.ISSUED, FormState.HANDED_OUT}),
}
"""Taking back a wrong scan; the reason stands in the custody log."""


NEEDS_INTERVIEWER = frozenset({FormState.HANDED_OUT, FormState.RETURNED, FormState.REFUSED})
"""States that a form reaches in somebody's hands only."""

KEYED_FROM: Mapping[Mode, frozenset[FormState]] = {
    Mode.PAPER: frozenset({FormState.RETURNED, FormState.KEYED}),
    Mode.PHONE: frozenset({FormState.ISSUED, FormState.HANDED_OUT, FormState.KEYED}),
}
"""Paper is keyed when it is back; a call sheet while the interviewer talks."""

SCANNED_TO: Mapping[Mode, frozenset[FormState]] = {
    Mode.PAPER: frozenset(FormState) - {FormState.KEYED},
    Mode.PHONE: frozenset({FormState.ISSUED, FormState.HANDED_OUT, FormState.BLANK}),
}
"""Of call sheets a supervisor can say that they stay uncalled, or take back an outcome."""


def outcome_after(new: FormState, given: Outcome) -> Outcome | Fault:
    """Give the contact's outcome after a move; only a blank form leaves a choice."""
    if new in (FormState.RETURNED, FormState.SPOILED):
        fixed = Outcome.COMPLETED
    elif new is FormState.REFUSED:
        fixed = Outcome.REFUSED
    elif new is FormState.BLANK and given in (Outcome.NONE, *_FAILED):
        return given
    else:
        fixed = Outcome.NONE
    if given in (Outcome.NONE, fixed):
        return fixed
    return Fault("outcome", "outcome-refused", f"The outcome does not go with a form {new}")


def fault_of_move(old: FormState, new: FormState, *, reason: str) -> Fault | None:
    """Say what is wrong with a move; None where it is allowed."""
    if new in MOVES.get(old, ()):
        return None
    if new in CORRECTIONS.get(old, ()):
        if reason.strip():
            return None
        return Fault("reason", "reason-missing", "Taking back a scan needs a reason")
    return Fault("state", "move-refused", f"A form that is {old} can't become {new}")
