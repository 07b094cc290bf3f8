"""Opening, pausing and closing a wave as an act of staff: the right is asked for here."""

from enum import StrEnum

from app.domain.accounts.rules import fault
from app.domain.rights.rights import Act, Actor, require_right
from app.domain.waves.life_cycle import WaveState, may_follow
from app.errors import InvalidInput
from app.services.resources import Resources
from app.services.waves import Wave, close_wave, open_wave, pause_wave

LONGEST_REASON = 500


class Change(StrEnum):
    """What can be done to a wave from the console."""

    OPEN = "open"
    PAUSE = "pause"
    CLOSE = "close"


_LEADS_TO = {
    Change.OPEN: WaveState.OPEN,
    Change.PAUSE: WaveState.PAUSED,
    Change.CLOSE: WaveState.CLOSED,
}


def changes_possible(wave: Wave) -> list[Change]:
    """List what the wave's state allows."""
    return [change for change in Change if may_follow(wave.state, _LEADS_TO[change])]


async def change_wave(
    resources: Resources, actor: Actor, wave: Wave, change: Change, *, reason: str
) -> Wave:
    """Open, pause or close a wave, with a reason for its log.

    Raises NotAllowed, InvalidInput on field `reason`, and TransitionRefused.
    """
    require_right(actor, Act.CHANGE_WAVES)
    reason = require_reason(reason)
    match change:
        case Change.OPEN:
            return await open_wave(resources, wave, by=actor.name, reason=reason)
        case Change.PAUSE:
            return await pause_wave(resources, wave, by=actor.name, reason=reason)
        case Change.CLOSE:
            return await close_wave(resources, wave, by=actor.name, reason=reason)


def require_reason(text: str) -> str:
    """Give a reason without blanks around it. Raises InvalidInput on field `reason`."""
    reason = text.strip()
    if not reason:
        raise InvalidInput(faults=[fault("reason", "reason-missing")])
    if len(reason) > LONGEST_REASON or not reason.isprintable():
        raise InvalidInput(faults=[fault("reason", "reason-invalid")])
    return reason


def optional_reason(text: str) -> str:
    """Give a reason that need not be given, cut where it is too long. Raises InvalidInput."""
    reason = text.strip()[:LONGEST_REASON]
    return require_reason(reason) if reason else ""
