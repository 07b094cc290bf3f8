"""Why staff are not let in, or may not do what they try."""

from app.errors import MinyiError, NotFound


class NotSignedIn(MinyiError):
    """The request has no session of staff, or its session is over."""

    code, status, title = "not-signed-in", 401, "Please sign in"


class SignInRefused(MinyiError):
    """Name, password or code is wrong, or the account is disabled. Which of these is not told."""

    code, status, title = "sign-in-refused", 403, "Name, password or code is not right"


class SsoRefused(MinyiError):
    """The person of the city's provider belongs to no account, or to none that may be used now.

    Which of these is not told.
    """

    code, status, title = "sso-refused", 403, "This sign-in opens no account here"


class SsoTaken(MinyiError):
    """The person of the city's provider belongs to another account already."""

    code, status, title = "sso-taken", 409, "This sign-in is linked to another account"


class SecondFactorNeeded(MinyiError):
    """The password was right; the code of the second factor is still to come."""

    code, status, title = "second-factor-needed", 401, "Please enter the code from your device"


class EnrolmentNeeded(MinyiError):
    """The role demands a second factor, and the account has none yet."""

    code, status, title = "enrolment-needed", 401, "Please set up your second factor first"


class ProofNeeded(MinyiError):
    """The act is dangerous, and identity was not proved in the last minutes."""

    code, status, title = "proof-needed", 401, "Please confirm that it is you"


class NotAllowed(MinyiError):
    """The role has no right to this, or not to this object."""

    code, status, title = "not-allowed", 403, "Your role does not allow this"


class LinkRefused(MinyiError):
    """The one-time link is unknown, used, replaced or too old. Which of these is not told."""

    code, status, title = "link-refused", 403, "This link is used up or too old"


class StaffNotFound(NotFound):
    """No account has this name."""

    code, title = "staff-not-found", "There is no such account"


class LastAdministrator(MinyiError):
    """Nobody would be left who can change staff."""

    code, status = "last-administrator", 409
    title = "This is the last administrator: make another one first"


class AuditLogBroken(MinyiError):
    """Verification of the audit log found something; `faults` have the numbers of the entries."""

    code, status, title = "audit-log-broken", 409, "The audit log has been tampered with"


class SecondPersonNeeded(MinyiError):
    """Whoever proposed something can't decide on it, whoever prepared a document not publish it."""

    code, status = "second-person-needed", 403
    title = "This needs another person than the one who proposed or prepared it"


class UnderEmbargo(MinyiError):
    """How people answered is not shown before the wave is closed."""

    code, status, title = "under-embargo", 403, "Answers are not shown before the wave is closed"
