"""All signals at once. Thresholds stand in the signals' modules; nobody sets them at a scan."""

from app.domain.integrity import (
    robust,
    signals_bursts,
    signals_copies,
    signals_departures,
    signals_straight_lines,
)
from app.domain.integrity.ballots import Ballots
from app.domain.integrity.findings import Finding, Signal

PARAMETERS: dict[Signal, dict[str, float]] = {
    Signal.STRAIGHT_LINES: {
        "false_alarms": robust.FALSE_ALARMS,
        "long": signals_straight_lines.LONG,
        "fewest": robust.FEWEST_TO_JUDGE,
    },
    Signal.COPIES: {
        "false_alarms": robust.FALSE_ALARMS,
        "long": signals_straight_lines.LONG,
        "usual_share": signals_copies.USUAL_SHARE,
    },
    Signal.BURSTS: {
        "false_alarms": robust.FALSE_ALARMS,
        "fewest_days": signals_bursts.FEWEST_DAYS,
    },
} | {
    signal: {
        "false_alarms": robust.FALSE_ALARMS,
        "fewest": robust.FEWEST_TO_JUDGE,
        "fewest_groups": signals_departures.FEWEST_GROUPS,
    }
    for signal in (Signal.DEPARTURES, Signal.CONCENTRATION)
}
"""The rule behind each signal, as kept with a case."""


def scan(ballots: Ballots, *, key: bytes) -> list[Finding]:
    """Look for every signal, the strongest finding first; `key` blinds the names of copies."""
    if not len(ballots):
        return []
    found = [
        *signals_straight_lines.straight_lines(ballots),
        *signals_copies.copies(ballots, key=key),
        *signals_bursts.bursts(ballots),
        *signals_departures.departures(ballots),
        *signals_departures.concentration(ballots),
    ]
    return sorted(found, key=lambda one: (-one.strength, one.key))
