"""What goes wrong with forms, calls and their batches."""

from app.errors import MinyiError, NotFound


class FormNotFound(NotFound):
    """No form of this wave (or of this survey point) has the serial."""

    code, title = "form-not-found", "There is no such form here"


class BatchNotFound(NotFound):
    """No batch of this wave has this code."""

    code, title = "batch-not-found", "There is no such batch"


class CustodyRefused(MinyiError):
    """Forms can't make the moves asked for; `faults` name each form and the rule."""

    code, status, title = "custody-refused", 409, "Some forms can't be moved so"


class EntryRefused(MinyiError):
    """Sheets can't be stored as entries; `faults` name each form and the rule."""

    code, status, title = "entry-refused", 409, "Some forms can't be keyed so"


class CallRefused(MinyiError):
    """The call sheet can't be called, or the call can't end so; `faults` say why."""

    code, status, title = "call-refused", 409, "This call can't be made or ended so"


class NoCallLeft(MinyiError):
    """Every call sheet of the batch has its outcome, or somebody is calling it."""

    code, status, title = "no-call-left", 409, "There is no number left to call here"


class EntryHidden(MinyiError):
    """Somebody else's entry: second entry is blind to the first."""

    code, status, title = "entry-hidden", 403, "Entries of others are not shown"


class OtherKeyer(MinyiError):
    """The form was keyed by one person and sent in another's session."""

    code, status, title = "other-keyer", 403, "Somebody else keyed this form on this computer"


class SamePerson(MinyiError):
    """Whoever keyed a form can't decide on it."""

    code, status, title = "same-person", 403, "This needs a person who did not key the form"


class NothingToAdjudicate(MinyiError):
    """The form's entries are not both there, agree, or have been decided on."""

    code, status, title = "nothing-to-adjudicate", 409, "There is nothing to decide on this form"


class BatchClosed(MinyiError):
    """The batch is closed: its forms can't be moved or keyed."""

    code, status, title = "batch-closed", 409, "This batch is closed"


class BatchOutOfBalance(MinyiError):
    """Issued is not the sum of all outcomes; `faults` say how many forms are where."""

    code, status, title = "batch-out-of-balance", 409, "Not all forms are accounted for"
