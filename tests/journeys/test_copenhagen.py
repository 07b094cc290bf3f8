"""Real input: 1,681 residents of Copenhagen answer, up to the signed release.

Each resident gets a letter for the kind of housing they rent, answers by HTTP, and is read back
from storage. The 72 counts are those of R's `MASS::housing` (`counts.R` beside the definition); the
indices and standard errors by type of housing are those of R's survey package.
"""

import datetime
import json
from collections import Counter
from collections.abc import Sequence

import anyio
import httpx
import pytest

from app.services.participation import count_participation
from app.services.permits import Recipient, mint_invitations
from app.services.releases import read_release
from app.services.resources import Resources
from app.services.waves import Wave, close_wave, find_wave
from app.store.responses import stream_responses, stream_rows
from tests.support.copenhagen import (
    HOUSING,
    Cell,
    answers_of,
    assert_estimates_are_those_of_r,
    assert_figures_are_those_of_r,
    published,
)
from tests.support.releases import release
from tests.support.surveys import open_town

RESIDENTS = 1681
AT_ONCE = 41  # of which 1,681 is the square


async def answer(client: httpx.AsyncClient, permit: str, cell: Cell) -> int:
    """Send the answers of one resident; give the status."""
    body = {"permit": permit, "answers": answers_of(cell)}
    return (await client.post("/api/v1/waves/housing/responses", json=body)).status_code


async def answer_together(
    client: httpx.AsyncClient, those: Sequence[tuple[str, Cell]]
) -> Counter[int]:
    """Let residents answer at the same time; count the statuses."""
    statuses: Counter[int] = Counter()

    async def one(permit: str, cell: Cell) -> None:
        statuses[await answer(client, permit, cell)] += 1

    async with anyio.create_task_group() as group:
        for permit, cell in those:
            group.start_soon(one, permit, cell)
    return statuses


async def stored(resources: Resources, wave: Wave) -> Counter[Cell]:
    """Count the answers as they stand in the database."""
    found: Counter[Cell] = Counter()
    async with resources.database.reading() as connection:
        async for record in stream_responses(connection, wave.id):
            sheet = json.loads(record.answers)
            [kind] = sheet["offered"]
            given = sheet["answers"]
            satisfaction = given["satisfaction"][kind]["housing"]
            found[satisfaction, given["influence"], kind, given["contact"]] += 1
    return found


@pytest.mark.slow
async def test_answers_come_back_as_counts_and_as_the_indices_of_r(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    wave = await open_town(resources, code="housing", folder=HOUSING)
    residents = list(published().elements())
    assert (len(published()), len(residents)) == (72, RESIDENTS)
    letters = await mint_invitations(
        resources,
        wave,
        recipients=[Recipient("residents", department=kind) for _, _, kind, _ in residents],
        batch="madsen-1976",
    )
    those = list(zip((letter.permit for letter in letters), residents, strict=True))
    statuses: Counter[int] = Counter()
    for start in range(0, RESIDENTS, AT_ONCE):
        statuses += await answer_together(client, those[start : start + AT_ONCE])
    assert statuses == {201: RESIDENTS}
    assert await stored(resources, wave) == published()
    found = await count_participation(resources, wave)
    assert (found.returned, found.counted, found.distributed) == (RESIDENTS,) * 3
    await close_wave(resources, wave, by="tester")
    async with resources.database.snapshot() as connection:
        every = stream_rows(connection, wave.id, datetime.date.min, datetime.date.max)
        assert_estimates_are_those_of_r([row async for stretch in every for row in stretch])
    record = await release(resources, await find_wave(resources, "housing"))
    assert_figures_are_those_of_r(read_release(record.payload).figures)
