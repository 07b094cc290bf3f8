"""What goes wrong with releases and their signatures."""

from app.errors import MinyiError, NotFound


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
