"""Why the server itself can do nothing for anybody now."""

from app.errors import MinyiError


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
