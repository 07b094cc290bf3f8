"""Invariant 1: acknowledged = durable. `kill -9` loses no answer, stores none twice."""

from collections.abc import Callable

import anyio
import httpx
import pytest

from app.errors import ReceiptNotFound
from app.services.participation import count_participation
from app.services.permits import Recipient, mint_invitations
from app.services.resources import Resources
from app.services.responses import find_receipt
from app.services.waves import Wave
from app.settings import Settings
from tests.concurrency.conftest import OpenWave
from tests.support.cities import running_city
from tests.support.servers import running_server
from tests.support.surveys import answers

CITIZENS = 300
AT_ONCE = 16
ENOUGH = 40
"""So many answers are acknowledged before the process is killed."""

pytestmark = pytest.mark.slow


class Load:
    """Citizens who answer until the server is gone. `acknowledged` are permits and receipts."""

    def __init__(self, permits: list[str]) -> None:
        self.waiting = list(permits)
        self.sent: list[str] = []
        self.acknowledged: dict[str, str] = {}

    async def run(self, address: str, wave: Wave, kill: Callable[[], None]) -> None:
        """Answer at this address; in the middle, kill."""
        async with (
            httpx.AsyncClient(base_url=address, timeout=30, trust_env=False) as client,
            anyio.create_task_group() as group,
        ):
            for _ in range(AT_ONCE):
                group.start_soon(self._citizens, client, wave, kill)

    async def _citizens(
        self, client: httpx.AsyncClient, wave: Wave, kill: Callable[[], None]
    ) -> None:
        while self.waiting:
            permit = self.waiting.pop()
            self.sent.append(permit)
            try:
                reply = await send(client, wave, permit)
            except httpx.TransportError:
                return
            assert reply.status_code in (200, 201), "200: a proxy asked twice"
            self.acknowledged[permit] = reply.json()["id"]
            if len(self.acknowledged) == ENOUGH:
                kill()


async def send(client: httpx.AsyncClient, wave: Wave, permit: str) -> httpx.Response:
    body = {"permit": permit, "answers": answers()}
    return await client.post(f"/api/v1/waves/{wave.code}/responses", json=body)


async def citizens(resources: Resources, wave: Wave) -> Load:
    letters = await mint_invitations(
        resources, wave, recipients=[Recipient("residents")] * CITIZENS, batch="b"
    )
    return Load([letter.permit for letter in letters])


async def kill_under_load(settings: Settings, load: Load, wave: Wave, module: str = "app") -> None:
    with running_server(settings, module=module) as server:
        await load.run(server.address, wave, server.process.kill)
    assert load.waiting, "it was killed in the middle"


async def lost(resources: Resources, load: Load) -> int:
    """Count the receipts that were given and prove nothing."""
    missing = 0
    for receipt in load.acknowledged.values():
        try:
            await find_receipt(resources, receipt)
        except ReceiptNotFound:
            missing += 1
    return missing


async def test_no_acknowledged_answer_is_lost_and_none_stored_twice(
    settings: Settings, resources: Resources, open_wave: OpenWave
) -> None:
    wave = await open_wave()
    load = await citizens(resources, wave)
    await kill_under_load(settings, load, wave)
    assert await lost(resources, load) == 0
    returned = (await count_participation(resources, wave)).returned
    assert len(load.acknowledged) <= returned <= len(load.sent)
    with running_server(settings) as server:
        async with httpx.AsyncClient(base_url=server.address, trust_env=False) as client:
            retried = {permit: await send(client, wave, permit) for permit in load.sent}
    for permit, receipt in load.acknowledged.items():
        assert (retried[permit].status_code, retried[permit].json()["id"]) == (200, receipt)
    found = await count_participation(resources, wave)
    assert found.returned == found.counted == len(load.sent)


async def test_a_reply_before_the_commit_would_lose_some(
    settings: Settings, resources: Resources, open_wave: OpenWave
) -> None:
    wave = await open_wave()
    load = await citizens(resources, wave)
    await kill_under_load(settings, load, wave, "tests.concurrency.hasty")
    assert await lost(resources, load) > 0


@pytest.mark.places("nginx")
async def test_citizens_do_not_notice_that_one_of_several_servers_is_killed(
    settings: Settings, resources: Resources, open_wave: OpenWave
) -> None:
    """nginx asks another one; where the first had stored the answer, the receipt is the same."""
    wave = await open_wave()
    load = await citizens(resources, wave)
    with running_city(settings, 2) as city:
        await load.run(city.address, wave, city.servers[0].process.kill)
    assert len(load.acknowledged) == CITIZENS
    assert await lost(resources, load) == 0
    found = await count_participation(resources, wave)
    assert found.returned == found.counted == CITIZENS
