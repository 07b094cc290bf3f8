"""The first page of a wave: what it is, whether it is open, how to take part or go on."""

import dataclasses
import datetime
from typing import Any

from fastapi import Response

from app.domain.questionnaires.audience import Mode
from app.domain.waves.life_cycle import Intake, WaveState
from app.errors import NotFound
from app.errors.answering import PermitRefused
from app.errors.waves import WaveClosed, WaveNotFound, WaveNotOpen, WavePaused
from app.rendering import Page
from app.services.permits import Admission, admit
from app.services.resources import Resources
from app.services.waves import Wave
from app.web.errors_shown import ShownError
from app.web.sitting import is_final, sit_down
from app.web.ways_in import elsewhere, ways_shown


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Where a link or QR code was found: a department, or one of its service windows."""

    name: str
    department: str
    window: str = ""


def place_of_window(page: Page, wave: Wave, code: str) -> Place:
    """Find a service window. Raises NotFound."""
    department = wave.survey.windows.get(code)
    if department is None:
        raise NotFound
    window = next(one for one in department.windows if one.code == code)
    name = f"{page.words(department.name)} · {page.words(window.name)}"
    return Place(name, department.code, code)


async def landing_page(
    page: Page,
    resources: Resources,
    wave: Wave,
    *,
    held: str | None = None,
    place: Place | None = None,
    kiosk: bool = False,
    wrong_code: bool = False,
) -> Response:
    """Show the first page of a wave. Raises WaveNotFound for one that is still a draft.

    `held` is the device's permit: it goes on where it stopped. At a place or a kiosk everybody
    starts anew.
    """
    if wave.state is WaveState.DRAFT:
        raise WaveNotFound
    mode = Mode.KIOSK if kiosk else Mode.WEB
    is_open = wave.intake(mode, resources.now()) is Intake.OPEN
    anew = place or kiosk or wrong_code or not is_open
    go_on = "" if anew else await _go_on(resources, wave, held)
    here = f"/w/{wave.code}" if wrong_code else page.path  # not the address that holds the code
    ways = ways_shown(page, resources, wave, kiosk=kiosk, begun=bool(go_on)) if is_open else []
    context: dict[str, Any] = {
        "place": place,
        "notice": _notice(page, wave, mode, resources.now()),
        "closes_on": _last_day(wave, mode) if is_open else None,
        "go_on": go_on,
        "ways": tuple(ways),
        "elsewhere": () if kiosk else tuple(elsewhere(page, wave)),
        "errors": tuple(_wrong_code(page)) if wrong_code else (),
    }
    return dataclasses.replace(page, path=here).show(
        "wave.html",
        status=PermitRefused.status if wrong_code else 200,
        same_for=None
        if go_on
        else (wave.code, wave.state, wave.definition_hash, *context.values()),
        wave=wave,
        **context,
    )


async def continue_at(resources: Resources, admission: Admission, permit: str) -> str:
    """Give the address where a permit goes on: its first open page, or its receipt."""
    if is_final(admission):
        return f"/r/{admission.receipt}"
    return (await sit_down(resources, admission, permit)).journey.open_page


async def _go_on(resources: Resources, wave: Wave, permit: str | None) -> str:
    """Give the address where this device goes on; none where it can't."""
    if permit is None:
        return ""
    try:
        return await continue_at(resources, await admit(resources, wave, permit), permit)
    except (PermitRefused, WaveNotOpen, WavePaused, WaveClosed):
        return ""


def _notice(page: Page, wave: Wave, mode: Mode, now: datetime.datetime) -> str:
    match wave.intake(mode, now):
        case Intake.NOT_YET:
            opens_on = wave.survey.local_date(wave.dates[mode].opens_at)
            return page.say(
                "This survey has not begun. It opens on {date}.", date=page.day(opens_on)
            )
        case Intake.PAUSED:
            return page.say("This survey is paused. Please come back later.")
        case Intake.OVER if mode in wave.dates:
            return page.say("This survey is closed. Thank you to everyone who took part.")
        case Intake.OVER:
            return page.say("This survey does not take place online.")
    return ""


def _last_day(wave: Wave, mode: Mode) -> datetime.date | None:
    """The last day on which answers are taken; the wave closes at the midnight after it."""
    closes_at = wave.dates[mode].closes_at
    if closes_at is None:
        return None
    return wave.survey.local_date(closes_at - datetime.timedelta(microseconds=1))


def _wrong_code(page: Page) -> list[ShownError]:
    message = page.say("This code does not give access to the survey")
    return [ShownError("#code", page.say("Your code"), message)]
