"""Small surveys and open waves for tests."""

import datetime
from pathlib import Path

from app.domain.questionnaires.audience import DatesOfMode, Trust
from app.services.permits import fill_pool
from app.services.resources import Resources
from app.services.waves import Wave, create_wave, open_wave

TOWN = Path(__file__).parent / "town"
"""Three departments, one class per trust level; small enough to read at a glance."""

OPENED = datetime.date(2026, 11, 1)
CLOSED = datetime.date(2026, 11, 30)
NOVEMBER = DatesOfMode(opens=OPENED, closes=CLOSED)
NOON = datetime.datetime(2026, 11, 10, 4, tzinfo=datetime.UTC)  # noon in Shanghai


def answers(level: str = "satisfied", *departments: str) -> dict[str, object]:
    """Answer the town's questionnaire: one level for every department named."""
    return {
        "sex": "female",
        "rating": {d: {"attitude": level} for d in departments or ("D01", "D02", "D03")},
    }


async def open_town(
    resources: Resources,
    *,
    code: str = "town",
    folder: Path = TOWN,
    permits: int = 20,
    dates: DatesOfMode = NOVEMBER,
) -> Wave:
    """Open a wave of November 2026, with permits for those to be verified."""
    wave = await create_wave(resources, code=code, folder=folder, dates=dates)
    for one in wave.definition.audience.classes:
        if any(way.trust is Trust.VERIFIED for way in one.ways_in):
            await fill_pool(resources, wave, respondent_class=one.code, n=permits)
    return await open_wave(resources, wave, by="tester")
