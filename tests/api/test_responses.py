"""The status of every way that an answer by API can go."""

import httpx

from app.services.participation import count_participation
from app.services.resources import Resources
from app.services.waves import close_wave, create_wave, pause_wave
from tests.support.clock import Clock
from tests.support.surveys import NOVEMBER, TOWN, answers, open_town

API = "/api/v1/waves/town"


async def permit_of(client: httpx.AsyncClient) -> str:
    reply = await client.post(f"{API}/permits", json={"respondent_class": "residents"})
    assert reply.status_code == 201
    return str(reply.json()["permit"])


async def send(client: httpx.AsyncClient, permit: str, level: str = "satisfied") -> httpx.Response:
    return await client.post(f"{API}/responses", json={"permit": permit, "answers": answers(level)})


async def test_first_again_and_otherwise(client: httpx.AsyncClient, resources: Resources) -> None:
    wave = await open_town(resources)
    permit = await permit_of(client)
    first, again = await send(client, permit), await send(client, permit)
    other = await send(client, permit, "dissatisfied")
    assert [one.status_code for one in (first, again, other)] == [201, 200, 409]
    assert first.json() == again.json()
    assert other.json()["code"] == "already-took-part"
    found = await client.get(f"/api/v1/receipts/{first.json()['id']}")
    assert found.json() == first.json()
    assert "satisfied" not in found.text
    assert (await count_participation(resources, wave)).returned == 1


async def test_a_wave_that_takes_nothing_says_why(
    client: httpx.AsyncClient, resources: Resources, clock: Clock
) -> None:
    wave = await open_town(resources)
    permit = await permit_of(client)
    wave = await pause_wave(resources, wave, by="tester", reason="x")
    paused = await send(client, permit)
    clock.advance(days=-30)
    early = await send(client, permit)
    await close_wave(resources, wave, by="tester")
    closed = await send(client, permit)
    codes = [(one.status_code, one.json()["code"]) for one in (paused, early, closed)]
    assert codes == [(409, "wave-paused"), (409, "wave-not-open"), (410, "wave-closed")]


async def test_a_draft_is_not_listed(client: httpx.AsyncClient, resources: Resources) -> None:
    await create_wave(resources, code="draft", folder=TOWN, dates=NOVEMBER)
    await open_town(resources)
    assert [one["id"] for one in (await client.get("/api/v1/waves")).json()] == ["town"]


async def test_participation_balances_and_tells_no_answer(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await open_town(resources)
    for level in ("satisfied", "dissatisfied"):
        await send(client, await permit_of(client), level)
    reply = await client.get(f"{API}/participation")
    found = reply.json()
    assert found["returned"] == found["counted"] + found["duplicate"] + found["set_aside"] == 2
    assert sum(one["n"] for one in found["responses"]) == 2
    assert "satisfied" not in reply.text
    assert (await client.get("/api/v1/waves/nowhere/participation")).status_code == 404
