"""The ways to take part in a wave, in plain words, for its first page."""

import dataclasses
from collections.abc import Iterator, Mapping

from app.domain.questionnaires.audience import Mode, RatesFixed, RespondentClass, Trust
from app.rendering import N_, Page
from app.services.identity import is_set_up
from app.services.resources import Resources
from app.services.waves import Wave

_TITLES: Mapping[Trust, str] = {
    Trust.OPEN: N_("Take part anonymously"),
    Trust.INVITED: N_("Take part with a code"),
    Trust.VERIFIED: N_("Take part anonymously after an identity check"),
    Trust.CONFIDENTIAL: N_("Take part by name, in confidence"),
}
_EXPLANATIONS: Mapping[Trust, str] = {
    Trust.OPEN: N_(
        "No name, no number. The site leaves a mark on this device so that it is counted once."
    ),
    Trust.INVITED: N_(
        "The code says that you are invited, not who you are. Each code can be used once."
    ),
    Trust.VERIFIED: N_(
        "We check that you are one person and take part once. The check and your answers are "
        "stored apart: nothing that we keep brings them together."
    ),
    Trust.CONFIDENTIAL: N_(
        "Your details are stored encrypted together with your answers and are kept confidential."
    ),
}
_ELSEWHERE: Mapping[Mode, str] = {
    Mode.PAPER: N_("On paper: interviewers hand out questionnaires to residents drawn at random."),
    Mode.KIOSK: N_("At a terminal in a service hall: the staff there give you a code."),
    Mode.PHONE: N_("By telephone: an interviewer calls residents drawn at random."),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Way:
    """One way to take part as shown.

    `audience` names the class where there are several; with `needs_place` the respondent rates the
    one department of the link or QR code opened.
    """

    trust: Trust
    respondent_class: str
    title: str
    explanation: str
    audience: str
    needs_place: bool


def ways_shown(
    page: Page, resources: Resources, wave: Wave, *, kiosk: bool, begun: bool
) -> list[Way]:
    """List the ways in: open first, then by code, then with an identity check.

    All classes invited share one form: the code says which class it is for. At a kiosk, where one
    device serves many people, the code is the only way. Where the device has begun already, its own
    open permit would be the same again; others of the household still have their ways.
    """
    offered = [] if kiosk else list(_by_class(page, resources, wave))
    order = list(_TITLES)
    with_code = [_way(page, Trust.INVITED, None)] if _takes_codes(wave) else []
    ways = sorted([*offered, *with_code], key=lambda way: order.index(way.trust))
    return [way for way in ways if not begun or way.trust is not Trust.OPEN or way.needs_place]


def _by_class(page: Page, resources: Resources, wave: Wave) -> Iterator[Way]:
    """A way by an identity check is shown only where this installation can make the check."""
    classes = wave.classes_by_web()
    for one in classes:
        audience = page.words(one.name) if len(classes) > 1 else ""
        for way in one.ways_in:
            if way.mode is not Mode.WEB or way.trust not in _TITLES or way.trust is Trust.INVITED:
                continue
            if way.trust is Trust.OPEN or any(is_set_up(resources, c) for c in way.identify_by):
                yield _way(page, way.trust, one, audience)


def _way(page: Page, trust: Trust, one: RespondentClass | None, audience: str = "") -> Way:
    return Way(
        trust=trust,
        respondent_class=one.code if one else "",
        title=page.say(_TITLES[trust]),
        explanation=page.say(_EXPLANATIONS[trust]),
        audience=audience,
        needs_place=one is not None and isinstance(one.rates, RatesFixed),
    )


def _takes_codes(wave: Wave) -> bool:
    return any(
        way.trust is Trust.INVITED and way.mode in (Mode.WEB, Mode.KIOSK)
        for one in wave.definition.audience.classes
        for way in one.ways_in
    )


def elsewhere(page: Page, wave: Wave) -> list[str]:
    """Say how else the survey is answered."""
    modes = {way.mode for one in wave.definition.audience.classes for way in one.ways_in}
    return [page.say(words) for mode, words in _ELSEWHERE.items() if mode in modes]
