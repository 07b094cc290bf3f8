"""Invariant 1: acknowledged = durable. `kill -9` loses no answer, stores none twice."""

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
from tests.support.servers import Server, around_now, running_server
from tests.support.surveys import answers, open_town

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

    async def run(self, server: Server) -> None:
        async with (
            httpx.AsyncClient(base_url=server.address, timeout=30, trust_env=False) as client,
            anyio.create_task_group() as group,
        ):
            for _ in range(AT_ONCE):
                group.start_soon(self._citizens, client, server)

    async def _citizens(self, client: httpx.AsyncClient, server: Server) -> None:
        while self.waiting:
            permit = self.waiting.pop()
            self.sent.append(permit)
            try:
                reply = await send(client, permit)
            except httpx.TransportError:
                return
            assert reply.status_code == 201
            self.acknowledged[permit] = reply.json()["id"]
            if len(self.acknowledged) == ENOUGH:
                server.process.kill()


async def send(client: httpx.AsyncClient, permit: str) -> httpx.Response:
    body = {"permit": permit, "answers": answers()}
    return await client.post("/api/v1/waves/town/responses", json=body)


async def kill_under_load(
    settings: Settings, resources: Resources, module: str = "app"
) -> tuple[Wave, Load]:
    wave = await open_town(resources, dates=around_now())
    letters = await mint_invitations(
        resources, wave, recipients=[Recipient("residents")] * CITIZENS, batch="b"
    )
    load = Load([letter.permit for letter in letters])
    with running_server(settings, module=module) as server:
        await load.run(server)
    assert load.waiting, "it was killed in the middle"
    return wave, load


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
    settings: Settings, resources: Resources
) -> None:
    wave, load = await kill_under_load(settings, resources)
    assert await lost(resources, load) == 0
    returned = (await count_participation(resources, wave)).returned
    assert len(load.acknowledged) <= returned <= len(load.sent)
    with running_server(settings) as server:
        async with httpx.AsyncClient(base_url=server.address, trust_env=False) as client:
            retried = {permit: await send(client, permit) for permit in load.sent}
    for permit, receipt in load.acknowledged.items():
        assert (retried[permit].status_code, retried[permit].json()["id"]) == (200, receipt)
    found = await count_participation(resources, wave)
    assert found.returned == found.counted == len(load.sent)


async def test_a_reply_before_the_commit_would_lose_some(
    settings: Settings, resources: Resources
) -> None:
    _wave, load = await kill_under_load(settings, resources, "tests.concurrency.hasty")
    assert await lost(resources, load) > 0
