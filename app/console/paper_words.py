"""What staff read about paper forms: places, outcomes, faults of scans and entries."""

from collections.abc import Mapping
from typing import Any

from app.domain.paper.balance import BatchState
from app.domain.paper.calls import CallResult
from app.domain.paper.custody import FormState, Outcome
from app.domain.questionnaires.audience import Mode
from app.errors import Fault, MinyiError
from app.rendering import N_, Page

STATES: Mapping[str, str] = {
    FormState.ISSUED: N_("At the survey point"),
    FormState.HANDED_OUT: N_("Handed out"),
    FormState.RETURNED: N_("Returned"),
    FormState.KEYED: N_("Keyed"),
    FormState.SPOILED: N_("Spoiled"),
    FormState.REFUSED: N_("Refused"),
    FormState.LOST: N_("Lost"),
    FormState.BLANK: N_("Back unused"),
}
OUTCOMES: Mapping[str, str] = {
    Outcome.COMPLETED: N_("Completed"),
    Outcome.REFUSED: N_("Refused"),
    Outcome.NO_CONTACT: N_("No contact"),
    Outcome.INELIGIBLE: N_("Not eligible"),
    Outcome.LANGUAGE: N_("Language"),
}
CALL_RESULTS: Mapping[str, str] = {
    CallResult.COMPLETED: N_("Begin the interview"),
    CallResult.REFUSED: N_("Refused"),
    CallResult.NO_CONTACT: N_("No contact, given up"),
    CallResult.INELIGIBLE: N_("Not eligible, or took part"),
    CallResult.LANGUAGE: N_("Language"),
    CallResult.CALL_BACK: N_("Call back later"),
}
"""In the order of their keys, which are those of the contact sheet."""

CALL_COUNTS: Mapping[str, str] = {
    CallResult.OPEN: N_("Going on or broken off"),
    CallResult.COMPLETED: N_("Completed"),
    CallResult.REFUSED: N_("Refused"),
    CallResult.NO_CONTACT: N_("No contact"),
    CallResult.INELIGIBLE: N_("Not eligible"),
    CallResult.LANGUAGE: N_("Language"),
    CallResult.CALL_BACK: N_("Call back later"),
}
MODES: Mapping[str, str] = {Mode.PAPER: N_("Paper forms"), Mode.PHONE: N_("Call sheets")}
SLIP_CHECKS: Mapping[str, str] = {
    "phone": N_("Mobile number"),
    "national_id": N_("Identity card number"),
}
BATCH_STATES: Mapping[str, str] = {
    BatchState.IN_FIELD: N_("In the field"),
    BatchState.KEYING: N_("Being keyed"),
    BatchState.READY: N_("Ready to close"),
    BatchState.CLOSED: N_("Closed"),
}
FIGURES: Mapping[str, str] = {
    "issued": N_("Issued"),
    "distributed": N_("Distributed"),
    "returned": N_("Returned filled in"),
    "valid": N_("Valid"),
}
"""The figures that are reported."""

PLACES: Mapping[str, str] = {
    "in_stock": N_("At the survey point"),
    "in_field": N_("With interviewers"),
    "to_key": N_("To be keyed"),
    "to_settle": N_("To be settled"),
    "valid": N_("Valid"),
    "duplicate": N_("Duplicate"),
    "void": N_("Nothing to count"),
    "spoiled": N_("Spoiled"),
    "refused": N_("Refused"),
    "lost": N_("Lost"),
    "blank": N_("Back unused"),
}
"""Where forms are: these add up to the forms issued."""

FAULTS: Mapping[str, str] = {
    "serial-misread": N_("The serial is misread: its digits don't fit together."),
    "other-wave": N_("This form belongs to another wave."),
    "other-batch": N_("This form belongs to another batch."),
    "other-point": N_("This form belongs to another survey point."),
    "form-not-found": N_("No form with this serial has been issued."),
    "batch-closed": N_("The form's batch is closed."),
    "not-returned": N_("This form has not been scanned as returned."),
    "entry-frozen": N_("You keyed this form before, and otherwise. What was stored stays."),
    "already-keyed": N_("This form has all its entries."),
    "call-settled": N_("This call sheet has its outcome already."),
    "no-such-call": N_("You have not made this call."),
    "no-call-left": N_("There is no number left to call here."),
    "slip-read": N_("The slip of this form has been read."),
    "format": N_("The number is mistyped."),
    "checksum": N_("The number is mistyped: its last character does not fit."),
    "slip-unread": N_("The reading of the form's slip broke off: read it again."),
    "keyed-here": N_("You have keyed this form on this computer."),
    "not-printed": N_("No such code is printed beside this question."),
    "not-a-number": N_("This is not a number."),
    "not-a-date": N_("This is not a date written as year-month-day."),
    "not-text": N_("The text has characters that can't be stored."),
    "too-long": N_("The text is too long."),
    "unknown-field": N_("There is a mark for no field of the form."),
    "undecided": N_("This field has not been decided."),
    "not-in-dispute": N_("Both entries agree on a field that was decided."),
    "interviewer-missing": N_("Say whose hands the form is in."),
    "interviewer-unknown": N_("The form's survey point has no such interviewer."),
    "outcome-refused": N_("This outcome does not go with where the form went."),
    "move-refused": N_("A form can't go there from where it is."),
    "reason-missing": N_("Taking back a scan needs a reason."),
    "wave-closed": N_("The wave is closed."),
    "wave-paused": N_("The wave is paused."),
    "wave-not-open": N_("The wave has not begun."),
    "column-missing": N_("This column is missing."),
    "unknown-column": N_("There is a column for no field."),
    "column-twice": N_("A column stands there twice."),
    "no-serial": N_("There is no column `serial`."),
    "ragged": N_("The row has not as many cells as the header."),
    "serial-twice": N_("The serial stands in another row too."),
}
"""Sentence by code of a fault."""


def say_fault(page: Page, fault: Fault) -> str:
    """Say a fault of paper work; codes of other subjects are said as everywhere."""
    return page.say(FAULTS[fault.code]) if fault.code in FAULTS else page.say_fault(fault)


def say_error(page: Page, error: MinyiError) -> list[str]:
    """Say everything that an error tells, each with the field where that helps."""
    if not error.faults:
        return [page.say(error.title)]
    return [say_fault(page, fault) for fault in error.faults]


def say_all(page: Page, words: Mapping[str, Any]) -> dict[str, Any]:
    """Translate words for a script, also nested ones."""
    return {
        name: say_all(page, value) if isinstance(value, Mapping) else page.say_raw(value)
        for name, value in words.items()
    }


KEYING: Mapping[str, Any] = {
    "serial": N_("Serial of the form"),
    "scan": N_("Scan the QR code, or type the serial and press Enter."),
    "nextSerial": N_("Scan or type the serial. Enter alone takes the next one: {serial}"),
    "kept": N_("Kept on this computer"),
    "lastLook": N_("All keyed. Enter: done."),
    "leave": N_("Press Escape again to put this form away unkeyed."),
    "notReadable": N_("This can't stand here. ? is illegible, * two marks."),
    "diskFull": N_("This computer can't store forms. Stop keying and call for help."),
    "row": N_("Row {n}"),
    "blank": N_("blank"),
    "illegible": N_("illegible"),
    "twoMarks": N_("two marks"),
    "correct": N_("Correct"),
    "remove": N_("Remove"),
    "removeForGood": N_("Remove for good?"),
    "connected": N_("Connected"),
    "help": {
        "choice": N_("? illegible · * two marks · - blank · Backspace back"),
        "several": N_("Each tick, then Enter · ? illegible · * two marks · - blank"),
        "code": N_("Printed code, then Enter · ? illegible · * two marks"),
        "number": N_("Number, then Enter · Enter alone: blank · ? illegible · * two marks"),
        "date": N_("Year, month, day, then Enter · Enter alone: blank · ? illegible"),
        "text": N_("Words, then Enter · Enter alone: blank · ? illegible"),
        "lastLook": N_("Backspace: back to the fields. Warnings need no change."),
    },
    "warnings": {
        "not-asked": N_("by the routing this is not asked"),
        "required": N_("blank, though an answer is expected"),
        "too-many": N_("more ticks than allowed"),
        "out-of-range": N_("outside the range"),
    },
    "states": {
        "waiting": N_("waiting to be sent"),
        "stored": N_("stored"),
        "refused": N_("refused"),
    },
    "obstacles": {
        "offline": N_("No connection: forms are kept here and sent later."),
        "signed-out": N_("Your session is over: sign in again. Forms are kept here."),
        "not-allowed": N_("The server does not take these forms from you. They are kept here."),
        "busy": N_("The server is busy: forms are kept here and sent later."),
    },
    "faults": FAULTS,
}
"""What the keying page's script says."""

_ON_THE_TELEPHONE: Mapping[str, Any] = {
    "serial": N_("Call sheet"),
    "scan": N_("Enter: the next number to call. Or type the serial of a call sheet."),
    "attempt": N_("call {n}"),
    "introduction": N_("Introduction, to be read out"),
    "again": N_("{outcome}? Press the key once more."),
    "needsOutcome": N_("A call that was begun needs an outcome."),
    "noCallOffline": N_("No connection: no new call can begin. Try again in a moment."),
    "lastLook": N_("All asked: thank the person. Enter: done."),
    "notReadable": N_("This is no answer to the question."),
    "blank": N_("no answer"),
    "help": {
        "introduction": N_("1: begin · others: press twice · busy or not now: 6"),
        "choice": N_("- no answer · Backspace back · Escape: other outcome"),
        "several": N_("Each answer, then Enter · - no answer · Escape: other outcome"),
        "code": N_("Code, then Enter · Enter alone: no answer"),
        "number": N_("Number, then Enter · Enter alone: no answer"),
        "date": N_("Year, month, day, then Enter · Enter alone: no answer"),
        "text": N_("Words, then Enter · Enter alone: no answer"),
        "lastLook": N_("Backspace: back to the questions. Warnings need no change."),
    },
}
CALLING: Mapping[str, Any] = {**KEYING, **_ON_THE_TELEPHONE}
"""What it says at a call station."""
