"""Why a wave does not do what it is asked."""

from app.errors import MinyiError, NotFound


class WaveNotFound(NotFound):
    """No wave has this code."""

    code, title = "wave-not-found", "There is no such survey"


class NotReleased(NotFound):
    """No release of this wave has been published, or none with this number."""

    code, title = "not-released", "There are no results here yet"


class WaveNotOpen(MinyiError):
    """The wave, or this way of answering, has not begun."""

    code, status, title = "wave-not-open", 409, "This survey has not begun"


class WavePaused(MinyiError):
    """The wave is paused; answers are welcome later."""

    code, status, title = "wave-paused", 409, "This survey is paused"


class WaveClosed(MinyiError):
    """The wave, or this way of answering, is over."""

    code, status, title = "wave-closed", 410, "This survey is closed"


class TransitionRefused(MinyiError):
    """The wave can't go from its state to the one asked for."""

    code, status, title = "transition-refused", 409, "The wave can't change to this state now"


class NameTaken(MinyiError):
    """Something with this code exists already."""

    code, status, title = "name-taken", 409, "This code is in use already"
