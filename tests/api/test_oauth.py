"""Tokens for scoring systems: how they are had, how they end, what they show."""

import httpx
import pytest
from sqlalchemy import select

from app.domain.clients.events import EventKind
from app.services import clients
from app.services.clients import Credentials
from app.services.events import record_event
from app.services.resources import Resources
from app.store import clients as store
from app.tables import client_tokens, metadata
from app.tables import clients as clients_table
from tests.support.clock import Clock
from tests.support.scoring import TOKEN, add_client, ask_token, bearer
from tests.support.staff import ROOT

CHANGES = "/api/v1/changes"


@pytest.fixture
async def made(resources: Resources) -> Credentials:
    return await add_client(resources, "events:read", "scheme:xiamen-2008")


async def status(client: httpx.AsyncClient, headers: dict[str, str]) -> int:
    return (await client.get(CHANGES, headers=headers)).status_code


async def test_a_token_is_had_for_id_and_secret(
    client: httpx.AsyncClient, made: Credentials
) -> None:
    reply = await ask_token(client, made)
    assert reply.status_code == 200
    assert reply.headers["cache-control"] == "no-store"
    body = reply.json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 900)
    assert body["scope"] == "events:read scheme:xiamen-2008"
    assert await status(client, {"authorization": f"bearer {body['access_token']}"}) == 200


async def test_id_and_secret_may_stand_in_the_form(
    client: httpx.AsyncClient, made: Credentials
) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": made.client_id,
        "client_secret": made.secret,
        "scope": "",
        "audience": "ignored, as RFC 6749 says",
    }
    reply = await client.post(TOKEN, data=form)
    assert reply.json()["scope"] == "events:read scheme:xiamen-2008"


async def test_a_token_asks_for_no_more_than_it_needs(
    client: httpx.AsyncClient, made: Credentials
) -> None:
    narrow = await bearer(client, made, scope="scheme:xiamen-2008")
    reply = await client.get(CHANGES, headers=narrow)
    assert (reply.status_code, reply.json()["code"]) == (403, "scope-missing")
    assert 'error="insufficient_scope"' in reply.headers["www-authenticate"]


async def test_a_token_ends_by_itself(
    client: httpx.AsyncClient, made: Credentials, clock: Clock
) -> None:
    headers = await bearer(client, made)
    clock.advance(seconds=899)
    assert await status(client, headers) == 200
    clock.advance(seconds=1)
    assert await status(client, headers) == 401


async def test_a_revocation_holds_at_once(
    client: httpx.AsyncClient, made: Credentials, resources: Resources
) -> None:
    headers = await bearer(client, made)
    await clients.revoke(resources, ROOT, name="performance-office")
    assert await status(client, headers) == 401
    assert (await ask_token(client, made)).json()["error"] == "invalid_client"


async def test_a_new_secret_ends_the_old_one_and_its_tokens(
    client: httpx.AsyncClient, made: Credentials, resources: Resources
) -> None:
    headers = await bearer(client, made)
    new = await clients.rotate(resources, ROOT, name="performance-office")
    assert new.client_id == made.client_id
    assert await status(client, headers) == 401
    assert (await ask_token(client, made)).status_code == 401
    assert await status(client, await bearer(client, new)) == 200


async def test_scopes_taken_from_the_client_are_gone_from_its_tokens(
    client: httpx.AsyncClient, made: Credentials, resources: Resources
) -> None:
    headers = await bearer(client, made)
    async with resources.database.writing() as connection:
        await connection.execute(clients_table.update().values(scopes="scheme:xiamen-2008"))
    assert await status(client, headers) == 403


async def test_neither_secret_nor_token_stands_in_the_database(
    client: httpx.AsyncClient, made: Credentials, resources: Resources
) -> None:
    token = (await bearer(client, made))["authorization"].split()[1]
    async with resources.database.reading() as connection:
        rows = [
            repr(tuple(row))
            for table in metadata.sorted_tables
            for row in await connection.execute(select(table))
        ]
    for hidden in (made.secret, token):
        assert not [row for row in rows if hidden in row or repr(bytes.fromhex(hidden)) in row]


async def test_a_client_that_asks_on_and_on_fills_no_table(
    client: httpx.AsyncClient,
    made: Credentials,
    resources: Resources,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(store, "MOST_TOKENS", 3)
    for _ in range(5):
        clock.advance(seconds=1)
        last = await bearer(client, made)
    async with resources.database.reading() as connection:
        kept = (await connection.execute(select(client_tokens))).all()
    assert len(kept) == 3
    assert await status(client, last) == 200


async def test_changes_show_evaluations_of_the_tokens_schemes_only(
    client: httpx.AsyncClient, made: Credentials, resources: Resources
) -> None:
    async with resources.database.writing() as connection:
        for scheme in ("beijing", "xiamen-2008"):
            await record_event(
                resources, connection, EventKind.EVALUATION_PUBLISHED, scheme, {"scheme": scheme}
            )
        await record_event(resources, connection, EventKind.RELEASE_PUBLISHED, "r1", {"n": 1681})
    headers = await bearer(client, made)
    first = (await client.get(f"{CHANGES}?limit=1", headers=headers)).json()
    assert [one["subject"] for one in first["events"]] == ["xiamen-2008"]
    assert (first["next"], first["more"]) == (2, True)
    rest = (await client.get(f"{CHANGES}?since={first['next']}", headers=headers)).json()
    assert rest == {
        "events": [
            {
                "sequence": 3,
                "kind": "release.published",
                "subject": "r1",
                "at": resources.now().isoformat().replace("+00:00", "Z"),
                "data": {"n": 1681},
            }
        ],
        "next": 3,
        "more": False,
    }
    assert (await client.get(f"{CHANGES}?since=3", headers=headers)).json()["next"] == 3
    for query in ("since=-1", "since=x", "limit=0", "limit=501", f"since={2**40}"):
        assert (await client.get(f"{CHANGES}?{query}", headers=headers)).status_code == 422
