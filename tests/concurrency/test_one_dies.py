"""Of several servers one is killed under load: nginx asks another, and nobody notices."""

import anyio
import httpx
import pytest

from app.services.participation import count_participation
from app.services.permits import Recipient, mint_invitations
from app.services.resources import Resources
from app.services.responses import find_receipt
from app.settings import Settings
from tests.concurrency.conftest import OpenWave
from tests.support.cities import City, running_city
from tests.support.surveys import answers

CITIZENS, AT_ONCE, ENOUGH = 300, 16, 40
"""Who answers; how many at a time; so many have their receipt when the server is killed."""


@pytest.mark.places("nginx")
async def test_citizens_do_not_notice_that_a_server_is_killed(
    settings: Settings, resources: Resources, open_wave: OpenWave
) -> None:
    """Where it had stored the answer before it died, the other one gives the same receipt."""
    wave = await open_wave()
    letters = await mint_invitations(
        resources, wave, recipients=[Recipient("residents")] * CITIZENS, batch="b"
    )
    waiting = [letter.permit for letter in letters]
    receipts: list[str] = []

    async def citizens(client: httpx.AsyncClient, city: City) -> None:
        while waiting:
            body = {"permit": waiting.pop(), "answers": answers()}
            reply = await client.post(f"/api/v1/waves/{wave.code}/responses", json=body)
            assert reply.status_code in (200, 201), "200: a server had stored it and died"
            receipts.append(reply.json()["id"])
            if len(receipts) == ENOUGH:
                city.servers[0].process.kill()

    with running_city(settings, 2) as city:
        async with (
            httpx.AsyncClient(base_url=city.address, timeout=60, trust_env=False) as client,
            anyio.create_task_group() as group,
        ):
            for _ in range(AT_ONCE):
                group.start_soon(citizens, client, city)
    assert len(set(receipts)) == CITIZENS
    for receipt in receipts:
        await find_receipt(resources, receipt)
    found = await count_participation(resources, wave)
    assert found.returned == found.counted == CITIZENS
