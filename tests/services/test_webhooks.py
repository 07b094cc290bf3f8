import base64
import dataclasses
import hmac
import json
from collections.abc import Mapping

import anyio
import pytest

from app.domain.clients.deliveries import MOST_TRIES
from app.domain.clients.events import EventKind
from app.domain.deduplication.keys import Keys
from app.errors import InvalidInput
from app.main import create_app
from app.services import clients, webhook_deliveries, webhooks
from app.services.events import record_event
from app.services.resources import Resources
from app.services.webhook_deliveries import LEASE, deliver_due
from app.services.webhooks import NewWebhook
from tests.conftest import settings_for
from tests.support.clock import Clock
from tests.support.gateway import running_gateway
from tests.support.scoring import add_client
from tests.support.staff import ROOT

URL = "https://scores.example/minyi"
HOUR = 3600


class Receiver:
    """Stands where posts go: notes them and answers with `problem`."""

    def __init__(self) -> None:
        self.problem = ""
        self.posts: list[tuple[Mapping[str, str], bytes]] = []

    async def require_acceptable(self, url: str) -> None:
        pass

    async def post(self, url: str, *, headers: Mapping[str, str], content: bytes) -> str:
        self.posts.append((headers, content))
        await anyio.sleep(0.01)
        return self.problem

    @property
    def sequences(self) -> list[int]:
        return [json.loads(body)["sequence"] for _, body in self.posts]


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
async def resources(resources: Resources, receiver: Receiver) -> Resources:
    return dataclasses.replace(resources, webhook_sender=receiver)


async def registered(resources: Resources, *scopes: str) -> NewWebhook:
    made = await add_client(resources, *(scopes or ("events:read", "webhooks:write")))
    return await webhooks.register(resources, client_id=made.client_id, url=URL)


async def publish(
    resources: Resources, *, scheme: str = "", kind: EventKind = EventKind.RELEASE_PUBLISHED
) -> int:
    async with resources.database.writing() as connection:
        return await record_event(resources, connection, kind, "r1", {"scheme": scheme})


async def test_an_event_is_pushed_once_and_signed(resources: Resources, receiver: Receiver) -> None:
    made = await registered(resources)
    await publish(resources)
    assert (await deliver_due(resources), await deliver_due(resources)) == (1, 0)
    [(headers, body)] = receiver.posts
    secret = base64.b64decode(made.secret.removeprefix("whsec_"))
    signed = f"event-1.{int(resources.now().timestamp())}.".encode() + body
    mac = base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()
    assert headers["webhook-signature"] == f"v1,{mac}"
    assert json.loads(body)["kind"] == "release.published"


async def test_only_what_a_client_may_see_is_pushed(
    resources: Resources, receiver: Receiver
) -> None:
    await registered(resources, "events:read", "webhooks:write", "scheme:xiamen-2008")
    for scheme in ("beijing", "xiamen-2008"):
        await publish(resources, scheme=scheme, kind=EventKind.EVALUATION_PUBLISHED)
    other = await add_client(resources, "webhooks:write", "scheme:beijing", name="blind")
    await webhooks.register(resources, client_id=other.client_id, url=URL)
    await publish(resources)
    await deliver_due(resources)
    assert sorted(receiver.sequences) == [2, 3]


async def test_an_event_given_up_by_its_transaction_is_not_pushed(
    resources: Resources, receiver: Receiver
) -> None:
    await registered(resources)

    async def give_up() -> None:
        async with resources.database.writing() as connection:
            await record_event(resources, connection, EventKind.WAVE_CLOSED, "w", {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await give_up()
    assert await deliver_due(resources) == 0


async def test_a_failure_is_tried_again_later_and_given_up_in_the_end(
    resources: Resources, receiver: Receiver, clock: Clock
) -> None:
    made = await registered(resources)
    receiver.problem = "status-500"
    await publish(resources)
    assert (await deliver_due(resources), await deliver_due(resources)) == (1, 0)
    clock.advance(seconds=10)
    assert await deliver_due(resources) == 1
    for _ in range(MOST_TRIES):
        clock.advance(seconds=6 * HOUR)
        await deliver_due(resources)
    assert receiver.sequences == [1] * MOST_TRIES
    found = await webhooks.find_webhook(resources, made.id)
    [dead] = await webhooks.list_dead(resources, found)
    assert (dead.event.sequence, dead.tries, dead.problem) == (1, MOST_TRIES, "status-500")
    receiver.problem = ""
    assert await webhooks.replay(resources, found) == 1
    assert await deliver_due(resources) == 1
    assert await webhooks.list_dead(resources, found) == []


async def test_what_arrived_is_sent_again_on_demand(
    resources: Resources, receiver: Receiver
) -> None:
    made = await registered(resources)
    for _ in range(3):
        await publish(resources)
    await publish(resources, scheme="beijing", kind=EventKind.EVALUATION_PUBLISHED)
    await deliver_due(resources)
    found = await webhooks.find_webhook(resources, made.id)
    assert await webhooks.replay(resources, found) == 0
    assert await webhooks.replay(resources, found, since=1) == 2
    assert await webhooks.replay(resources, found, since=1) == 0, "they are on their way"
    await deliver_due(resources)
    assert sorted(receiver.sequences) == [1, 2, 2, 3, 3]


async def test_of_many_processes_one_delivers(resources: Resources, receiver: Receiver) -> None:
    await registered(resources)
    for _ in range(4):
        await publish(resources)
    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(deliver_due, resources)
    assert sorted(receiver.sequences) == [1, 2, 3, 4]


async def test_what_a_dying_process_had_taken_is_tried_again(
    resources: Resources, receiver: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await registered(resources)
    await publish(resources)

    async def die(*_: object) -> str:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(webhook_deliveries, "_post", die)
        with pytest.raises(ZeroDivisionError):
            await deliver_due(resources)
    assert await deliver_due(resources) == 0
    clock.advance(seconds=LEASE.total_seconds())
    assert await deliver_due(resources) == 1
    assert receiver.sequences == [1]


async def test_a_revoked_client_is_told_nothing_more(
    resources: Resources, receiver: Receiver
) -> None:
    await registered(resources)
    await publish(resources)
    await clients.revoke(resources, ROOT, name="performance-office")
    await publish(resources)
    assert await deliver_due(resources) == 0
    assert await webhooks.list_webhooks(resources) == []


async def test_a_secret_that_can_not_be_read_holds_nothing_up(
    resources: Resources, receiver: Receiver
) -> None:
    made = await registered(resources)
    await publish(resources)
    other = dataclasses.replace(resources, keys=Keys(bytes(32)))
    client_id = (await webhooks.find_webhook(resources, made.id)).client_id
    await webhooks.register(other, client_id=client_id, url=URL)
    await publish(resources)
    assert await deliver_due(other) == 3
    assert receiver.sequences == [2]


async def test_a_client_has_ten_webhooks_at_most(resources: Resources) -> None:
    made = await add_client(resources, "events:read", "webhooks:write")
    for _ in range(10):
        await webhooks.register(resources, client_id=made.client_id, url=URL)
    with pytest.raises(InvalidInput):
        await webhooks.register(resources, client_id=made.client_id, url=URL)


async def test_a_running_server_delivers_by_itself(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_deliveries, "LOOK_EVERY_SECONDS", 0.05)
    app = create_app(settings_for(database_url, webhook_allow_private=True))
    resources: Resources = app.state.resources
    with running_gateway() as gateway:
        async with app.router.lifespan_context(app):
            made = await add_client(resources, "events:read", "webhooks:write")
            await webhooks.register(resources, client_id=made.client_id, url=gateway.url)
            await publish(resources)
            for _ in range(400):
                if not gateway.requests:
                    await anyio.sleep(0.05)
    [(headers, _)] = gateway.requests
    assert headers["webhook-id"] == "event-1"
