"""audience.yaml: who rates what, ways in that make sense, dates."""

from collections import Counter
from zoneinfo import ZoneInfo

from app.domain.questionnaires.audience import (
    IDENTIFYING,
    Mode,
    RatesAssigned,
    RatesChosen,
    RatesFixed,
    RespondentClass,
    Trust,
    WayIn,
)
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.findings import Broken, Path, repeated, repeated_codes

_SENSIBLE = {
    Mode.WEB: {Trust.OPEN, Trust.INVITED, Trust.VERIFIED, Trust.CONFIDENTIAL},
    Mode.KIOSK: {Trust.INVITED, Trust.VERIFIED, Trust.CONFIDENTIAL},
    Mode.PHONE: {Trust.INVITED, Trust.VERIFIED, Trust.CONFIDENTIAL, Trust.FIELDWORK},
    Mode.PAPER: {Trust.FIELDWORK},
}
"""A shared kiosk or a caller's telephone is no device of one person, so they are never open; a
paper form is always a numbered one in custody. Fieldwork is what interviewers number and account
for: paper forms, and the call sheets of a call station."""


def classes_are_unique(definition: SurveyDefinition) -> Broken:
    """A class has a code and no two equal ways in."""
    yield from repeated_codes(definition.audience.classes, ("classes",))
    for number, one in enumerate(definition.audience.classes):
        for at in repeated(one.ways_in, key=lambda way: (way.mode, way.trust)):
            message = "this class has the same way in already"
            yield ("classes", number, "ways_in", at), "duplicate-way-in", message


def everyone_has_somebody_to_rate(definition: SurveyDefinition) -> Broken:
    """The rule leaves enough departments: k ≤ N, in every group where it draws by group."""
    known = {group.code for group in definition.departments.groups}
    for number, one in enumerate(definition.audience.classes):
        path: Path = ("classes", number, "rates")
        unknown = [at for at, group in enumerate(one.rates.groups) if group not in known]
        for at in unknown:
            yield (*path, "groups", at), "unknown-group", "there is no such group"
        if not unknown:
            yield from _enough(definition, one, path)


def _enough(definition: SurveyDefinition, one: RespondentClass, path: Path) -> Broken:
    groups = Counter(
        department.group
        for department in definition.departments.departments
        if not one.rates.groups or department.group in one.rates.groups
    )
    own = 1 if one.never_own else 0
    offered = groups.total() - own
    match one.rates:
        case RatesAssigned(k=k, per_group=True) if k > min(groups.values(), default=0) - own:
            yield (*path, "k"), "too-few-departments", "some group has fewer departments than k"
        case RatesAssigned(k=k, per_group=False) if k > offered:
            yield (*path, "k"), "too-few-departments", f"only {offered} departments are offered"
        case RatesChosen(at_least=least) if least > offered:
            message = f"only {offered} departments are offered"
            yield (*path, "at_least"), "too-few-departments", message
        case RatesChosen(at_least=least, at_most=most) if most and most < least:
            yield (*path, "at_most"), "empty-range", "at_most is not below at_least"
        case _ if offered < 1:
            yield path, "too-few-departments", "no department is offered"


def ways_in_make_sense(definition: SurveyDefinition) -> Broken:
    """Mode, trust level and identity check fit each other."""
    for number, one in enumerate(definition.audience.classes):
        for at, way in enumerate(one.ways_in):
            path: Path = ("classes", number, "ways_in", at)
            yield from _trust(way, path)
            yield from _identity(way, path)
            if one.never_own and way.trust in (Trust.OPEN, Trust.VERIFIED):
                message = "never_own needs a way in that knows the respondent's unit"
                yield (*path, "trust"), "unit-unknown", message
            if isinstance(one.rates, RatesFixed) and way.trust in IDENTIFYING:
                message = "fixed needs a way in that names the place: open or invited"
                yield (*path, "trust"), "place-unknown", message


def _trust(way: WayIn, path: Path) -> Broken:
    if way.trust == Trust.BLIND:
        yield (*path, "trust"), "not-available-yet", "blind is not available yet"
    elif way.trust not in _SENSIBLE[way.mode]:
        message = f"{way.mode} takes {', '.join(sorted(_SENSIBLE[way.mode]))}"
        yield (*path, "trust"), "trust-and-mode", message


def _identity(way: WayIn, path: Path) -> Broken:
    if way.trust in IDENTIFYING and not way.identify_by:
        yield (*path, "trust"), "identity-check", "this level needs identify_by"
    if way.trust not in IDENTIFYING and way.identify_by:
        message = "only verified and confidential identify anybody"
        yield (*path, "identify_by"), "identity-check", message
    for at in repeated(way.identify_by):
        yield (*path, "identify_by", at), "identity-check", "this check stands here already"


def dates_cover_the_modes(definition: SurveyDefinition) -> Broken:
    """A survey with dates has them for each mode it uses; a continuous one has none."""
    collection = definition.audience.collection
    used = {way.mode for one in definition.audience.classes for way in one.ways_in}
    for mode, dates in collection.dates.items():
        path: Path = ("collection", "dates", mode.value)
        if dates.closes < dates.opens:
            yield (*path, "closes"), "empty-range", "closes before it opens"
        if mode not in used:
            yield path, "unused-dates", "no class takes part in this mode"
        if collection.continuous:
            yield path, "dates-of-continuous", "a continuous survey has no dates"
    missing = sorted(used - collection.dates.keys())
    if collection.dates and missing and not collection.continuous:
        yield ("collection", "dates"), "missing-dates", f"no dates for {', '.join(missing)}"


def repetition_makes_sense(definition: SurveyDefinition) -> Broken:
    """Answering again the next day is for open devices in a continuous survey."""
    collection = definition.audience.collection
    trusts = {way.trust for one in definition.audience.classes for way in one.ways_in}
    if collection.once_per == "day" and not (collection.continuous and Trust.OPEN in trusts):
        message = "once per day is for continuous surveys with an open way in"
        yield ("collection", "once_per"), "once-per-day", message


def timezone_exists(definition: SurveyDefinition) -> Broken:
    """Days begin and end in it."""
    try:
        ZoneInfo(definition.audience.collection.timezone)
    except (KeyError, ValueError, OSError):
        message = "there is no such time zone; use a name like Asia/Shanghai"
        yield ("collection", "timezone"), "unknown-timezone", message


CHECKS = [
    classes_are_unique,
    everyone_has_somebody_to_rate,
    ways_in_make_sense,
    dates_cover_the_modes,
    repetition_makes_sense,
    timezone_exists,
]
