"""What goes wrong with suspicious answers and the cases about them."""

from app.errors import MinyiError, NotFound


class FindingNotFound(NotFound):
    """No signal of a scan has this key now."""

    code, title = "finding-not-found", "No such signal stands out now"


class CaseNotFound(NotFound):
    """The wave has no integrity case of this number."""

    code, title = "case-not-found", "There is no such case"


class CaseRefused(MinyiError):
    """The case, or its wave, is in a state in which this can't be done; the detail says which."""

    code, status, title = "case-refused", 409, "This can't be done about the case now"
