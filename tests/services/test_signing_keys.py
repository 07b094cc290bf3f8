import dataclasses

import anyio
import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, update

from app.domain.deduplication.keys import Keys
from app.domain.deduplication.sealing import SealBroken
from app.domain.releases.signing import sign, verify
from app.services import signing_keys
from app.services.audit import verify_log
from app.services.resources import Resources
from app.tables import signing_keys as table


async def test_the_first_key_is_made_once_however_many_need_it(resources: Resources) -> None:
    found: list[Ed25519PrivateKey] = []

    async def need() -> None:
        found.append(await signing_keys.current_private_key(resources))

    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(need)
    assert len({one.private_bytes_raw() for one in found}) == 1
    assert len(await signing_keys.list_keys(resources)) == 1


async def test_old_signatures_stay_good_after_a_rotation(
    resources: Resources, client: httpx.AsyncClient
) -> None:
    before = sign(b"before", await signing_keys.current_private_key(resources))
    made = await signing_keys.rotate(resources, by="li.na")
    after = sign(b"after", await signing_keys.current_private_key(resources))
    keys = await signing_keys.public_keys(resources)
    assert (verify(before, keys), verify(after, keys)) == (b"before", b"after")
    assert list(keys)[-1] == made.key_id
    listed = (await client.get("/.well-known/jwks.json")).json()["keys"]
    assert [one["kid"] for one in listed] == [made.key_id, next(iter(keys))]
    assert all("d" not in one for one in listed), "no private part"
    _, entries = await verify_log(resources, {})
    assert [(one.done.actor, one.done.act) for one in entries] == [
        ("system", "keys.made"),
        ("li.na", "keys.made"),
    ]


async def test_before_the_first_signature_no_key_is_published(client: httpx.AsyncClient) -> None:
    reply = await client.get("/.well-known/jwks.json")
    assert reply.json() == {"keys": []}
    assert reply.headers["cache-control"] == "public, max-age=300"


async def test_the_database_alone_can_not_sign(resources: Resources) -> None:
    key = await signing_keys.current_private_key(resources)
    async with resources.database.writing() as connection:
        sealed = (await connection.execute(select(table.c.sealed_private_key))).scalar_one()
        assert key.private_bytes_raw() not in sealed
        await connection.execute(update(table).values(key_id="of another"))
    with pytest.raises(SealBroken):
        await signing_keys.current_private_key(resources)


async def test_another_master_secret_can_not_sign_either(resources: Resources) -> None:
    await signing_keys.current_private_key(resources)
    with pytest.raises(SealBroken):
        await signing_keys.current_private_key(dataclasses.replace(resources, keys=Keys(bytes(32))))
