"""External evaluations over the API: for clients of the scheme, byte for byte as signed."""

import hashlib
import json

import httpx
import pytest

from app.domain.releases.key_set import read_key_set
from app.domain.releases.signing import verify
from app.domain.rights.rights import Actor
from app.domain.rights.roles import Role
from app.services.entered_figures import enter_figures
from app.services.evaluation_preparation import prepare_evaluation
from app.services.evaluations import publish_evaluation
from app.services.resources import Resources
from tests.support.evaluations import publish_made_up
from tests.support.scoring import add_client, bearer
from tests.support.xiamen import ENTERED, SAMPLES, TABLE, xiamen_wave

EVALUATION = "/api/v1/external-evaluation/xiamen-2008"
ANALYST = Actor("li.na", Role.ANALYST)
HEAD = Actor("wang.wei", Role.ADMINISTRATOR)


@pytest.fixture
def database_url(make_sqlite) -> str:  # type: ignore[no-untyped-def]
    """Which database it is makes no difference here."""
    return make_sqlite()


@pytest.fixture
async def headers(client: httpx.AsyncClient, resources: Resources) -> dict[str, str]:
    """A token for the scheme; two periods are published, the first of them corrected."""
    wave = await xiamen_wave(resources)
    await publish_made_up(resources, wave, SAMPLES)
    for period, table, why in [
        ("2008", ENTERED, ""),
        ("2009", ENTERED, ""),
        ("2008", [ENTERED[0], ["huli", "indicators", "86"]], "misread"),
    ]:
        await enter_figures(resources, ANALYST, wave, period=period, table=table, reason="misread")
        await prepare_evaluation(resources, ANALYST, wave, period=period)
        await publish_evaluation(resources, HEAD, wave, period=period, why=why)
    return await bearer(client, await add_client(resources, "scheme:xiamen-2008"))


async def test_what_is_served_was_signed_and_is_the_newest(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    keys = read_key_set((await client.get("/.well-known/jwks.json")).content)
    signed = await client.get(f"{EVALUATION}/2008/jws", headers=headers)
    assert signed.headers["content-type"] == "application/jose"
    document = await client.get(f"{EVALUATION}/2008", headers=headers)
    assert verify(signed.text, keys) == document.content
    assert document.json()["header"]["correction"]["corrects"] == "xiamen-2008.1"
    first = await client.get(f"{EVALUATION}/2008?sequence=1", headers=headers)
    totals = {
        one["department"]["code"]: one["combined"]["points"]
        for one in first.json()["evaluation"]["departments"]
    }
    assert totals == {code: row["total"] for code, row in TABLE.items()}


async def test_the_list_is_the_chain(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    listed = (await client.get(EVALUATION, headers=headers)).json()["evaluations"]
    assert [(one["id"], one["period"], one["state"]) for one in listed] == [
        ("xiamen-2008.1", "2008", "final"),
        ("xiamen-2008.2", "2009", "final"),
        ("xiamen-2008.3", "2008", "corrected"),
    ]
    previous = None
    for one in listed:
        path = f"{EVALUATION}/{one['period']}?sequence={one['sequence']}"
        content = (await client.get(path, headers=headers)).content
        named = json.loads(content)["header"]["previous"]
        assert (named and named["digest"]) == previous
        previous = one["digest"]
        assert hashlib.sha256(content).hexdigest() == previous


async def test_a_reader_asks_again_for_nothing(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    etag = (await client.get(f"{EVALUATION}/2008", headers=headers)).headers["etag"]
    again = await client.get(f"{EVALUATION}/2008", headers=headers | {"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert "private" in again.headers["cache-control"]


async def test_only_clients_of_the_scheme_get_it(
    client: httpx.AsyncClient, resources: Resources, headers: dict[str, str]
) -> None:
    other = await add_client(resources, "scheme:beijing", "events:read", name="other")
    token = await bearer(client, other)
    for path in ("", "/2008", "/2008/jws"):
        assert (await client.get(EVALUATION + path)).status_code == 401
        assert (await client.get(EVALUATION + path, headers=token)).status_code == 403


@pytest.mark.parametrize(
    ("path", "status"), [("/2007", 404), ("/2008?sequence=2", 404), ("/2008?sequence=0", 422)]
)
async def test_what_is_not_there_is_not_found(
    client: httpx.AsyncClient, headers: dict[str, str], path: str, status: int
) -> None:
    assert (await client.get(EVALUATION + path, headers=headers)).status_code == status
