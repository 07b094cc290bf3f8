"""What goes wrong with evaluations."""

from app.errors import MinyiError, NotFound


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
