"""Invariant 2: one permit, one counted response, however many ask at once."""

from collections import Counter

import anyio
import httpx
import pytest

from app.errors.operations import Overloaded
from app.services.participation import count_participation
from app.services.permits import Recipient, issue_open_permit, mint_invitations
from app.services.resources import Clock, Resources, open_resources
from app.services.responses import accept_response
from app.services.waves import Wave
from app.settings import Settings
from tests.concurrency.conftest import Crowd, OpenWave
from tests.concurrency.racy import without_unique_keys
from tests.support.metrics import Figures
from tests.support.servers import running_server
from tests.support.surveys import answers

Body = dict[str, object]

pytestmark = pytest.mark.slow


async def send_at_once(
    client: httpx.AsyncClient, wave: Wave, bodies: list[Body]
) -> list[httpx.Response]:
    """Post all bodies; nobody waits for another's reply."""
    replies: list[httpx.Response] = []

    async def send(body: Body) -> None:
        while True:
            reply = await client.post(f"/api/v1/waves/{wave.code}/responses", json=body)
            if reply.status_code != Overloaded.status:
                break
            await anyio.sleep(0.2)  # as patient as the pages' script
        replies.append(reply)

    async with anyio.create_task_group() as group:
        for body in bodies:
            group.start_soon(send, body)
    return replies


def statuses(replies: list[httpx.Response]) -> Counter[int]:
    return Counter(reply.status_code for reply in replies)


def identical(permit: str, n: int) -> list[Body]:
    return [{"permit": permit, "answers": answers()}] * n


def different(permit: str, n: int) -> list[Body]:
    """The same permit, and no two answers alike."""
    return [
        {"permit": permit, "answers": answers() | {"remark": f"No. {number}"}}
        for number in range(n)
    ]


async def returned(resources: Resources, wave: Wave) -> tuple[int, int]:
    found = await count_participation(resources, wave)
    return found.returned, found.counted


async def a_letter(resources: Resources, wave: Wave) -> str:
    [letter] = await mint_invitations(
        resources, wave, recipients=[Recipient("residents")], batch="b"
    )
    return letter.permit


async def a_device(resources: Resources, wave: Wave) -> str:
    return await issue_open_permit(resources, wave, respondent_class="residents")


@pytest.mark.everywhere
async def test_identical_submissions_get_one_receipt(
    client: httpx.AsyncClient, resources: Resources, open_wave: OpenWave, crowd: Crowd
) -> None:
    wave, n = await open_wave(), crowd(500)
    replies = await send_at_once(client, wave, identical(await a_device(resources, wave), n))
    assert statuses(replies) == {201: 1, 200: n - 1}
    assert len({reply.json()["id"] for reply in replies}) == 1
    assert await returned(resources, wave) == (1, 1)


@pytest.mark.everywhere
async def test_of_different_submissions_one_is_counted(
    client: httpx.AsyncClient, resources: Resources, open_wave: OpenWave, crowd: Crowd
) -> None:
    wave, n = await open_wave(), crowd(500)
    replies = await send_at_once(client, wave, different(await a_letter(resources, wave), n))
    assert statuses(replies) == {201: 1, 409: n - 1}
    assert await returned(resources, wave) == (1, 1)


@pytest.mark.places("sqlite", "postgresql")
async def test_two_processes_accept_one(
    settings: Settings, resources: Resources, open_wave: OpenWave, crowd: Crowd
) -> None:
    """The workers of one server; whichever is asked knows the figures of both."""
    wave, n = await open_wave(), crowd(500)
    bodies = different(await a_letter(resources, wave), n)
    with running_server(settings, workers=2) as server:
        async with httpx.AsyncClient(
            base_url=server.address,
            limits=httpx.Limits(max_connections=40),
            timeout=60,
            trust_env=False,
        ) as client:
            replies = await send_at_once(client, wave, bodies)
            figures = Figures((await client.get("/metrics")).text)
    assert statuses(replies) == {201: 1, 409: n - 1}
    assert await returned(resources, wave) == (1, 1)
    for status, times in statuses(replies).items():
        assert figures("minyi_requests_total", method="POST", status=str(status)) == times


class TestWithoutUniqueKeys:
    """Two processes against «look first, insert after»: these tests can fail.

    Within a process answers to one permit are judged one after the other, in one batch.
    """

    @pytest.mark.places("postgresql")
    @pytest.mark.parametrize("alike", [True, False])
    async def test_both_count_it(
        self,
        resources: Resources,
        settings: Settings,
        clock: Clock,
        monkeypatch: pytest.MonkeyPatch,
        open_wave: OpenWave,
        *,
        alike: bool,
    ) -> None:
        wave = await open_wave()
        permit = await a_device(resources, wave)
        await without_unique_keys(resources.database, monkeypatch)
        other = open_resources(settings, clock)
        async with anyio.create_task_group() as group:
            for number, process in enumerate((resources, other)):
                more = {} if alike else {"remark": f"No. {number}"}
                group.start_soon(accept_response, process, wave, permit, answers() | more)
        await other.close()
        assert await returned(resources, wave) == (2, 2)
