from collections.abc import Callable

import httpx
import pytest

from app.domain.clients.events import EventKind
from app.services import webhook_sender
from app.services.clients import Credentials
from app.services.events import record_event
from app.services.resources import Resources
from app.services.webhook_deliveries import deliver_due
from tests.support.clock import Clock
from tests.support.scoring import add_client, bearer

WEBHOOKS = "/api/v1/webhooks"
URL = "https://93.184.215.14/minyi"


@pytest.fixture
def database_url(make_sqlite: Callable[[], str]) -> str:
    """What differs between databases is tried with the service."""
    return make_sqlite()


@pytest.fixture
async def credentials(resources: Resources) -> Credentials:
    return await add_client(resources, "events:read", "webhooks:write")


@pytest.fixture
async def office(client: httpx.AsyncClient, credentials: Credentials) -> dict[str, str]:
    return await bearer(client, credentials)


async def register(
    client: httpx.AsyncClient, headers: dict[str, str], url: str = URL
) -> httpx.Response:
    return await client.post(WEBHOOKS, json={"url": url}, headers=headers)


async def test_a_webhook_through_its_life(
    client: httpx.AsyncClient, office: dict[str, str]
) -> None:
    made = (await register(client, office)).json()
    assert made["secret"].startswith("whsec_")
    [listed] = (await client.get(WEBHOOKS, headers=office)).json()
    assert listed == {"id": made["id"], "url": URL, "made_at": listed["made_at"]}
    gone = await client.delete(f"{WEBHOOKS}/{made['id']}", headers=office)
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await client.delete(f"{WEBHOOKS}/{made['id']}", headers=office)).status_code == 404


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://[::ffff:10.0.0.1]/", "http://93.184.215.14/", "x", ""]
)
async def test_an_address_inside_is_refused(
    client: httpx.AsyncClient, office: dict[str, str], url: str
) -> None:
    reply = await register(client, office, url)
    assert (reply.status_code, reply.json()["faults"][0]["field"]) == (422, "url")
    assert (await client.get(WEBHOOKS, headers=office)).json() == []


async def test_webhooks_of_others_are_not_there(
    client: httpx.AsyncClient, office: dict[str, str], resources: Resources
) -> None:
    made = (await register(client, office)).json()["id"]
    other = await add_client(resources, "webhooks:write", name="other")
    headers = await bearer(client, other)
    assert (await client.get(WEBHOOKS, headers=headers)).json() == []
    replies = [
        await client.delete(f"{WEBHOOKS}/{made}", headers=headers),
        await client.get(f"{WEBHOOKS}/{made}/dead-letters", headers=headers),
        await client.post(f"{WEBHOOKS}/{made}/replays", json={}, headers=headers),
    ]
    assert [one.status_code for one in replies] == [404] * 3


async def test_reading_is_no_right_to_be_pushed(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    headers = await bearer(client, await add_client(resources, "events:read"))
    assert (await register(client, headers)).status_code == 403


async def test_what_did_not_arrive_is_listed_and_sent_again(
    client: httpx.AsyncClient,
    credentials: Credentials,
    resources: Resources,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def away(*_: object, **__: object) -> str:
        return "timeout"

    monkeypatch.setattr(webhook_sender.WebhookSender, "post", away)
    made = (await register(client, await bearer(client, credentials))).json()["id"]
    async with resources.database.writing() as connection:
        await record_event(resources, connection, EventKind.WAVE_CLOSED, "town", {})
    for _ in range(10):
        await deliver_due(resources)
        clock.advance(hours=6)
    office = await bearer(client, credentials)
    found = (await client.get(f"{WEBHOOKS}/{made}/dead-letters", headers=office)).json()
    assert [(one["event"]["subject"], one["tries"], one["problem"]) for one in found] == [
        ("town", 10, "timeout")
    ]
    again = await client.post(f"{WEBHOOKS}/{made}/replays", json={"since": 0}, headers=office)
    assert (again.status_code, again.json()) == (202, {"queued": 1})
