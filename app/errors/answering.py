"""Why somebody is not let in to answer, or does not get a receipt."""

from app.errors import MinyiError, NotFound


class ReceiptNotFound(NotFound):
    """No stored response has this receipt."""

    code, title = "receipt-not-found", "There is no answer with this receipt"


class PermitRefused(MinyiError):
    """The permit is missing, unknown here, revoked, or altered. Which of these is not told."""

    code, status, title = "permit-refused", 403, "This code does not give access to the survey"


class AlreadyTookPart(MinyiError):
    """The permit was spent on other answers, or the person holds or has used a permit."""

    code, status, title = "already-took-part", 409, "You have already taken part"


class NotEligible(MinyiError):
    """The person is not on the list of those invited."""

    code, status, title = "not-eligible", 403, "You are not on the list for this survey"


class WayInNotOffered(MinyiError):
    """The definition does not offer this class, mode and trust level together."""

    code, status, title = "way-in-not-offered", 403, "This way to take part is not offered"


class IdentityCheckFailed(MinyiError):
    """The sign-in, sent code or log-in is unknown here, altered or too old; or it was refused."""

    code, status = "identity-check-failed", 403
    title = "Your identity could not be confirmed: please start again"


class IdentityCheckUnavailable(MinyiError):
    """The gateway to phones or the log-in provider is away, refuses, or is not set up."""

    code, status = "identity-check-unavailable", 503
    title = "Your identity can't be checked at the moment: please try again later"


class NoPermitsLeft(MinyiError):
    """The pool of permits for identified respondents is empty; staff must mint more."""

    code, status, title = "no-permits-left", 503, "Please try again in a few minutes"
