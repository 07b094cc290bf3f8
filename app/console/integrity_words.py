"""Signals, objects and states of cases, as staff read them."""

from collections.abc import Mapping

from app.domain.integrity.findings import Signal
from app.domain.integrity.review import CaseState, Move
from app.rendering import N_

SIGNALS: Mapping[str, str] = {
    Signal.STRAIGHT_LINES: N_("Straight lines"),
    Signal.COPIES: N_("Copies"),
    Signal.BURSTS: N_("A burst"),
    Signal.DEPARTURES: N_("A day unlike others"),
    Signal.CONCENTRATION: N_("A place unlike others"),
}
EXPLAINED: Mapping[str, str] = {
    Signal.STRAIGHT_LINES: N_("The same level for everything, more often than elsewhere."),
    Signal.COPIES: N_("One long answer many times, and few that resemble it."),
    Signal.BURSTS: N_(
        "Far more answers than this way in usually brings, that day's rush included."
    ),
    Signal.DEPARTURES: N_(
        "Ratings that differ from those of all other days; which way is not told."
    ),
    Signal.CONCENTRATION: N_(
        "Ratings that differ from those of all other places; which way is not told."
    ),
}
OBJECTS: Mapping[str, str] = {
    "respondent_class": N_("Class"),
    "mode": N_("Mode"),
    "trust": N_("Trust level"),
    "day": N_("Day"),
    "own_unit": N_("Own unit"),
    "window": N_("Window"),
    "point": N_("Survey point"),
    "interviewer": N_("Interviewer"),
    "department": N_("Department rated"),
    "copy": N_("Copy"),
}
CASE_STATES: Mapping[str, str] = {
    CaseState.PROPOSED: N_("Proposed: set aside?"),
    CaseState.KEPT: N_("Kept: counts"),
    CaseState.SET_ASIDE: N_("Set aside: does not count"),
    CaseState.RESTORING: N_("Proposed: count again?"),
    CaseState.RESTORED: N_("Restored: counts again"),
}
MOVES: Mapping[str, str] = {
    Move.PROPOSE: N_("Proposed"),
    Move.AGREE: N_("Agreed"),
    Move.REFUSE: N_("Refused"),
}
