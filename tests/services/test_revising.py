"""Where the definition says `revisable`, the last answer of a permit counts until the close."""

import shutil
from pathlib import Path

import pytest

from app.errors.waves import WaveClosed
from app.services.participation import count_participation
from app.services.permits import admit, issue_open_permit
from app.services.resources import Resources
from app.services.responses import accept_response, find_receipt
from app.services.waves import Wave, close_wave
from app.store.responses import find_response
from tests.support.clock import Clock
from tests.support.surveys import TOWN, answers, open_town


@pytest.fixture
async def wave(resources: Resources, tmp_path: Path) -> Wave:
    folder = shutil.copytree(TOWN, tmp_path / "revisable")
    audience = folder / "audience.yaml"
    text = audience.read_text().replace("collection:\n", "collection:\n  revisable: true\n")
    audience.write_text(text)
    return await open_town(resources, folder=folder)


async def test_the_later_answer_takes_the_place_of_the_earlier(
    resources: Resources, clock: Clock, wave: Wave
) -> None:
    permit = await issue_open_permit(resources, wave, respondent_class="residents")
    first = await accept_response(resources, wave, permit, answers("satisfied"))
    clock.advance(days=1)
    second = await accept_response(resources, wave, permit, answers("dissatisfied"))
    assert second.receipt == first.receipt
    assert not second.repeated
    assert second.received_on == (await find_receipt(resources, second.receipt)).received_on
    assert second.received_on > first.received_on
    admission = await admit(resources, wave, permit)
    async with resources.database.reading() as connection:
        stored = await find_response(connection, wave.id, admission.response_id)
    assert stored is not None
    assert '"dissatisfied"' in stored.answers
    found = await count_participation(resources, wave)
    assert (found.returned, found.counted) == (1, 1)


async def test_nothing_is_revised_after_the_close(resources: Resources, wave: Wave) -> None:
    permit = await issue_open_permit(resources, wave, respondent_class="residents")
    await accept_response(resources, wave, permit, answers("satisfied"))
    await close_wave(resources, wave, by="tester")
    with pytest.raises(WaveClosed):
        await accept_response(resources, wave, permit, answers("dissatisfied"))
