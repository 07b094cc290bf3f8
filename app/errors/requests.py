"""What can be wrong with a request, whatever it is about."""

from app.errors import MinyiError


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
