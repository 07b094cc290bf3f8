"""A closed wave of the town, and the two people who release it."""

import random
from collections.abc import Sequence

from app.domain.questionnaires.audience import DatesOfMode
from app.domain.releases.document import State
from app.domain.releases.response_rows import ResponseRow
from app.domain.rights.rights import Actor
from app.domain.rights.roles import Role
from app.services.release_preparation import prepare_release
from app.services.releases import publish_release
from app.services.resources import Resources
from app.services.waves import Wave, close_wave, find_wave
from app.store.releases import ReleaseRecord
from tests.support.responses import response, store_rows
from tests.support.surveys import NOON, NOVEMBER, open_town

ANALYST = Actor("lin", Role.ANALYST)
ADMINISTRATOR = Actor("wu", Role.ADMINISTRATOR)
LEVELS = ("very_satisfied", "satisfied", "neutral", "dissatisfied", "very_dissatisfied")
DEPARTMENTS = ("D01", "D02", "D03")


def townspeople(n: int = 60, seed: int = 1) -> list[ResponseRow]:
    """Draw residents; every third answers by invitation, few know the water bureau."""
    draw = random.Random(seed)
    return [_resident(draw, "invited" if number % 3 == 0 else "open") for number in range(n)]


def _resident(draw: random.Random, trust: str) -> ResponseRow:
    known = [one for one in DEPARTMENTS if one != "D03" or draw.random() < 0.1]
    rating = {one: {"attitude": draw.choice(LEVELS)} for one in known}
    answers = {"sex": draw.choice(("female", "male")), "rating": rating}
    row = response("residents", answers, DEPARTMENTS, draw.randbytes(16), trust=trust)
    return row._replace(received_on=NOON.date())


async def closed_town(
    resources: Resources,
    rows: Sequence[ResponseRow],
    code: str = "town",
    dates: DatesOfMode = NOVEMBER,
) -> Wave:
    """A wave that these answers came in for before it was closed."""
    wave = await open_town(resources, code=code, dates=dates)
    if rows:
        await store_rows(resources, wave, rows)
    return await close_wave(resources, wave, by="wu")


async def release(
    resources: Resources, wave: Wave, state: State = "final", *, why: str = ""
) -> ReleaseRecord:
    """Prepare and publish, each by one of two people."""
    wave = await find_wave(resources, wave.code)
    prepared = await prepare_release(resources, ANALYST, wave)
    return await publish_release(
        resources, ADMINISTRATOR, wave, prepared=prepared.id, state=state, why=why
    )
