"""Releases over the API: the signed bytes, kept by readers, and nothing before publication."""

import hashlib
import json

import httpx
import pytest

from app.domain.releases.chain import verify_chain
from app.domain.releases.key_set import read_key_set
from app.services.release_preparation import prepare_release
from app.services.resources import Resources
from tests.support.releases import ANALYST, closed_town, release, townspeople

API = "/api/v1"


@pytest.fixture
def database_url(make_sqlite) -> str:  # type: ignore[no-untyped-def]
    """Which database it is makes no difference here."""
    return make_sqlite()


@pytest.fixture
async def published(resources: Resources) -> None:
    """A final release and its correction."""
    wave = await closed_town(resources, townspeople())
    await release(resources, wave)
    await release(resources, wave, "corrected", why="counted twice")


async def got(client: httpx.AsyncClient, path: str) -> httpx.Response:
    reply = await client.get(API + path)
    assert reply.status_code == 200, reply.text
    return reply


@pytest.mark.usefixtures("published")
async def test_whoever_has_the_keys_can_verify_what_is_served(client: httpx.AsyncClient) -> None:
    keys = read_key_set((await client.get("/.well-known/jwks.json")).content)
    listed = (await got(client, "/waves/town/releases")).json()
    assert [(one["id"], one["state"]) for one in listed["releases"]] == [
        ("town.1", "final"),
        ("town.2", "corrected"),
    ]
    signed = [await got(client, f"/releases/{one['id']}/jws") for one in listed["releases"]]
    assert {one.headers["content-type"] for one in signed} == {"application/jose"}
    links = verify_chain([one.text for one in signed], keys)
    document = await got(client, "/releases/town.2")
    assert document.content == links[1].payload
    assert hashlib.sha256(document.content).hexdigest() == listed["releases"][1]["digest"]


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("name", ["town.01", "town.0", "town.9", "town.x", "town.", "town.²"])
async def test_a_release_has_one_name(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"{API}/releases/{name}")).status_code == 404


@pytest.mark.usefixtures("published")
async def test_a_reader_asks_again_for_nothing(client: httpx.AsyncClient) -> None:
    for path in ("/releases/town.1", "/releases/town.1/jws", "/waves/town/indices"):
        etag = (await got(client, path)).headers["etag"]
        again = await client.get(API + path, headers={"if-none-match": etag})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.usefixtures("published")
async def test_indices_are_those_of_the_newest_release(client: httpx.AsyncClient) -> None:
    found = (await got(client, "/waves/town/indices")).json()
    document = (await got(client, "/releases/town.2")).json()
    whole = [
        one
        for one in document["figures"]["indices"]
        if one["stratum"] is None and one["trust"] is None
    ]
    assert (found["release"], found["state"]) == ("town.2", "corrected")
    assert found["indices"] == whole
    assert isinstance(found["indices"][0]["value"], str)


@pytest.mark.usefixtures("published")
async def test_indices_are_chosen_by_class_department_and_table(client: httpx.AsyncClient) -> None:
    path = "/waves/town/indices?respondent_class=residents&department=D01&by=trust"
    found = (await got(client, path)).json()
    assert {(one["department"], one["trust"]) for one in found["indices"]} == {
        ("D01", "open"),
        ("D01", "invited"),
    }
    assert (await got(client, "/waves/town/indices?respondent_class=nobody")).json()[
        "sources"
    ] == []
    for wrong in ("by=age", "departments=D01", "department=" + "D" * 41):
        assert (await client.get(f"{API}/waves/town/indices?{wrong}")).status_code == 422


@pytest.mark.usefixtures("published")
async def test_a_list_comes_in_pages_and_by_period(client: httpx.AsyncClient) -> None:
    first = (await got(client, "/waves/town/releases?limit=1")).json()
    second = (await got(client, f"/waves/town/releases?limit=1&cursor={first['next']}")).json()
    assert [one["releases"][0]["id"] for one in (first, second)] == ["town.1", "town.2"]
    assert second["next"] == ""
    assert (await got(client, "/waves/town/releases?first=2027-01-01")).json()["releases"] == []


async def test_what_is_only_prepared_is_nowhere(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    wave = await closed_town(resources, townspeople())
    prepared = await prepare_release(resources, ANALYST, wave)
    assert json.loads(prepared.figures)["indices"]
    assert (await got(client, "/waves/town/releases")).json()["releases"] == []
    for path in ("/waves/town/indices", "/releases/town.1", "/releases/town.1/jws"):
        assert (await client.get(API + path)).status_code == 404
