"""The error catalogue: one class = one stable code, one HTTP status, one message key.

Rules and services raise these; `app/error_replies.py` turns them into RFC 9457 problem details on
the API and into a page for citizens, the command line into one line. A message never repeats what
the sender sent: it names the field and the rule. `code` is part of the public contract, the words
are not.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import ClassVar


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one field.

    `field` is a dotted path in the sender's own terms (`answers.q3.D01`), `code` a stable word
    for programs, `message` an English sentence that contains nothing the sender wrote.
    `parameters` fill the translated message (limits, labels of the definition).
    """

    field: str
    code: str
    message: str
    parameters: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.field}: {self.message} ({self.code})"


class MinyiError(Exception):
    """Base of the catalogue. Subclasses say what happened, not where."""

    code: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]

    def __init__(self, detail: str = "", *, faults: Sequence[Fault] = ()) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.faults = tuple(faults)


class InvalidInput(MinyiError):
    """The request, file or option is malformed; `faults` say which field and why."""

    code, status, title = "invalid-input", 422, "Some of the input is not valid"


class InfeasibleEstimation(MinyiError):
    """A sample, weighting or estimate can't be computed from this data and design.

    The detail names the margin, stratum, step or variable that stands in the way.
    """

    code, status, title = "infeasible-estimation", 422, "This can't be computed as declared"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionFault(Fault):
    """One thing wrong in a folder of definition files; `field` is the path inside `file`.

    `line` counts from 1; 0 means the file (or, with no file, the folder) as a whole.
    """

    file: str
    line: int = 0

    @property
    def path(self) -> str:
        """The dotted path inside the file, as written there (`sections.0.questions.2.code`)."""
        return self.field

    def __str__(self) -> str:
        """Write one line, `file:line: path: message (code)`, that editors can follow."""
        place = f"{self.file}:{self.line}: " if self.file else ""
        path = f"{self.path}: " if self.path else ""
        return f"{place}{path}{self.message} ({self.code})"


class InvalidDefinition(MinyiError):
    """A survey definition can't be used; `faults` has everything wrong with it, not the first."""

    code, status, title = "invalid-definition", 422, "The survey definition has faults"
    faults: tuple[DefinitionFault, ...]

    def __init__(self, faults: Sequence[DefinitionFault]) -> None:
        first = faults[0]
        detail = f"{len(faults)} faults, the first in {first.file}:{first.line}: {first.message}"
        super().__init__(detail, faults=faults)


class NotFound(MinyiError):
    """There is no such thing here, or not for this sender."""

    code, status, title = "not-found", 404, "There is nothing at this address"


class WaveNotFound(NotFound):
    """No wave has this code."""

    code, title = "wave-not-found", "There is no such survey"


class NotReleased(NotFound):
    """No release of this wave has been published, or none with this number."""

    code, title = "not-released", "There are no results here yet"


class ReceiptNotFound(NotFound):
    """No stored response has this receipt."""

    code, title = "receipt-not-found", "There is no answer with this receipt"


class WaveNotOpen(MinyiError):
    """The wave, or this way of answering, has not begun."""

    code, status, title = "wave-not-open", 409, "This survey has not begun"


class WavePaused(MinyiError):
    """The wave is paused; answers are welcome later."""

    code, status, title = "wave-paused", 409, "This survey is paused"


class WaveClosed(MinyiError):
    """The wave, or this way of answering, is over."""

    code, status, title = "wave-closed", 410, "This survey is closed"


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


class TooManyAttempts(MinyiError):
    """Too many tries in a short time."""

    code, status, title = "too-many-attempts", 429, "Too many tries: please wait a few minutes"


class BodyTooLarge(MinyiError):
    """The request has more than 64 KiB."""

    code, status, title = "body-too-large", 413, "The request is too large"


class UnsupportedMediaType(MinyiError):
    """The request's body is of a kind that this address does not read."""

    code, status, title = "unsupported-media-type", 415, "The request is not of the expected kind"


class MethodNotAllowed(MinyiError):
    """The address is there, but not for this method."""

    code, status, title = "method-not-allowed", 405, "This address does not take such a request"


class UnexpectedError(MinyiError):
    """A fault of ours."""

    code, status, title = "unexpected", 500, "Something went wrong on our side"


class ForeignOrigin(MinyiError):
    """A browser sent this request from a page of another site."""

    code, status, title = "foreign-origin", 403, "The request came from another site"


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


class TransitionRefused(MinyiError):
    """The wave can't go from its state to the one asked for."""

    code, status, title = "transition-refused", 409, "The wave can't change to this state now"


class NameTaken(MinyiError):
    """Something with this code exists already."""

    code, status, title = "name-taken", 409, "This code is in use already"


class DefinitionFrozen(MinyiError):
    """A wave with answers stands on the definition, and the change would break them."""

    code, status, title = "definition-frozen", 409, "The change would break stored answers"


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


class FindingNotFound(NotFound):
    """No signal of a scan has this key now."""

    code, title = "finding-not-found", "No such signal stands out now"


class CaseNotFound(NotFound):
    """The wave has no integrity case of this number."""

    code, title = "case-not-found", "There is no such case"


class CaseRefused(MinyiError):
    """The case, or its wave, is in a state in which this can't be done; the detail says which."""

    code, status, title = "case-refused", 409, "This can't be done about the case now"


class SecondPersonNeeded(MinyiError):
    """Whoever proposed something can't decide on it, whoever prepared a document not publish it."""

    code, status = "second-person-needed", 403
    title = "This needs another person than the one who proposed or prepared it"


class UnderEmbargo(MinyiError):
    """How people answered is not shown before the wave is closed."""

    code, status, title = "under-embargo", 403, "Answers are not shown before the wave is closed"


class ClientNotFound(NotFound):
    """No active client has this name."""

    code, title = "client-not-found", "There is no such client"


class WebhookNotFound(NotFound):
    """The client has no webhook with this id."""

    code, title = "webhook-not-found", "There is no such webhook"


class ClientRefused(MinyiError):
    """Client id or secret is wrong, or the client was revoked; which, it does not say."""

    code, status, title = "client-refused", 401, "Client id or secret is not right"


class GrantRefused(MinyiError):
    """The token endpoint was asked for something else than `client_credentials`."""

    code, status, title = "grant-refused", 400, "Only the grant type client_credentials is served"


class ScopeRefused(MinyiError):
    """The client asked for a scope that it does not have."""

    code, status, title = "scope-refused", 400, "The client does not have this scope"


class TokenMissing(MinyiError):
    """The address needs a bearer token."""

    code, status, title = "token-missing", 401, "This address needs a bearer token"


class TokenRefused(MinyiError):
    """The token is none of ours, has expired, or its client was revoked."""

    code, status, title = "token-refused", 401, "The token is not valid: get a new one"


class ScopeMissing(MinyiError):
    """The token is good and does not reach this far."""

    code, status, title = "scope-missing", 403, "The token lacks the scope that this address needs"


class NoScheme(MinyiError):
    """The survey's definition has no scheme, so nothing says what its indices are worth."""

    code, status, title = "no-scheme", 409, "This survey has no evaluation scheme"


class FiguresChanged(MinyiError):
    """Somebody else has just entered the same figures; nothing was stored."""

    code, status, title = "figures-changed", 409, "Somebody else has just entered these figures"


class EvaluationRefused(MinyiError):
    """The evaluation can't be prepared or published now; the detail says why."""

    code, status, title = "evaluation-refused", 409, "The evaluation can't be published"


class EvaluationNotFound(NotFound):
    """Nothing is prepared or published for this scheme and period."""

    code, title = "evaluation-not-found", "There is no such evaluation"


class SignatureRefused(MinyiError):
    """A signed document can't be trusted; the detail says why."""

    code, status, title = "signature-refused", 422, "The signature can't be trusted"


class ReleaseNotFound(NotFound):
    """No published release, or none prepared, has this name."""

    code, title = "release-not-found", "There is no such release"


class ReleaseRefused(MinyiError):
    """A release can't be prepared or published as things are; the detail says why."""

    code, status, title = "release-refused", 409, "This release can't be made now"


class ReleaseUnverified(MinyiError):
    """A release is malformed, altered or out of place in its chain; `faults` name each."""

    code, status, title = "release-unverified", 422, "This release can't be verified"


class StorageUnavailable(MinyiError):
    """The database is away, busy or full. Nothing was stored; the same request may be repeated."""

    code, status, title = "storage-unavailable", 503, "Please try again in a moment"
    conflict = False
    """True where only another transaction stood in the way, so that trying again at once helps."""


class Overloaded(MinyiError):
    """More requests wait than can be served soon. Nothing was stored; try again a little later."""

    code, status, title = "overloaded", 503, "Very many people are here: please try again shortly"


class BackupRefused(MinyiError):
    """A backup can't be written or restored; the detail says why. Nothing was changed."""

    code, status, title = "backup-refused", 409, "This backup can't be made or restored"


class ShuttingDown(MinyiError):
    """This server has been told to end and takes nobody new. Nothing was stored."""

    code, status, title = "shutting-down", 503, "Please try again in a moment"


class NotInstalled(MinyiError):
    """The feature needs an optional package; the detail names the extra to install."""

    code, status, title = "not-installed", 503, "An optional package is missing for this"


class SchemaOutOfDate(MinyiError):
    """The database was made for another version: run `minyi database upgrade`."""

    code, status, title = (
        "schema-out-of-date",
        503,
        "The database needs `minyi database upgrade` before this version can start",
    )


def catalogue() -> list[type[MinyiError]]:
    """List every error class that can be raised, in the order written here."""
    found: list[type[MinyiError]] = []
    pending = list(reversed(MinyiError.__subclasses__()))
    while pending:
        kind = pending.pop()
        found.append(kind)
        pending.extend(reversed(kind.__subclasses__()))
    return found
