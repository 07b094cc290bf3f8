"""Real input: 1,681 residents of Copenhagen answer one by one, and the published counts come back.

Each resident gets a letter for the kind of housing they rent, answers by HTTP, and is read back
from storage. The 72 counts are those of R's `MASS::housing` (`counts.R` beside the definition).
"""

import csv
import json
from collections import Counter
from pathlib import Path

import httpx
import pytest

from app.services.participation import count_participation
from app.services.permits import Recipient, mint_invitations
from app.services.resources import Resources
from app.services.waves import Wave
from app.store.responses import stream_responses
from tests.support.surveys import open_town

HOUSING = Path(__file__).parents[1] / "questionnaires" / "copenhagen-housing"
RESIDENTS = 1681

Cell = tuple[str, str, str, str]
"""Satisfaction, influence, type of housing, contact."""


def published() -> Counter[Cell]:
    """Read the published counts."""
    with (HOUSING / "counts.csv").open() as file:
        return Counter(
            {
                (row["satisfaction"], row["influence"], row["type"], row["contact"]): int(
                    row["residents"]
                )
                for row in csv.DictReader(file)
            }
        )


async def answer(client: httpx.AsyncClient, permit: str, cell: Cell) -> int:
    """Send the answers of one resident; give the status."""
    satisfaction, influence, kind, contact = cell
    answers = {
        "satisfaction": {kind: {"housing": satisfaction}},
        "influence": influence,
        "contact": contact,
    }
    body = {"permit": permit, "answers": answers}
    return (await client.post("/api/v1/waves/housing/responses", json=body)).status_code


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
async def test_the_published_counts_come_back(
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
    statuses = Counter(
        [
            await answer(client, letter.permit, cell)
            for letter, cell in zip(letters, residents, strict=True)
        ]
    )
    assert statuses == {201: RESIDENTS}
    assert await stored(resources, wave) == published()
    found = await count_participation(resources, wave)
    assert (found.returned, found.counted, found.distributed) == (RESIDENTS,) * 3
