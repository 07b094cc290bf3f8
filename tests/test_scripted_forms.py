"""Our script is told where a form leads; nobody else notices anything."""

import httpx
import pytest

from app.services.resources import Resources
from app.services.waves import Wave
from tests.support.surveys import open_town
from tests.web.citizen import KINDS

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def database_url(make_sqlite) -> str:  # type: ignore[no-untyped-def]
    return make_sqlite()


@pytest.fixture
async def kinds(resources: Resources) -> Wave:
    return await open_town(resources, code="kinds", folder=KINDS)


async def test_a_redirect_becomes_an_address_and_keeps_its_cookies(
    client: httpx.AsyncClient, kinds: Wave
) -> None:
    plain = await client.post("/w/kinds/start", content="class=residents", headers=FORM)
    told = await client.post(
        "/w/kinds/start", content="class=residents", headers=FORM | {"minyi-script": "1"}
    )
    assert (plain.status_code, told.status_code) == (303, 200)
    assert told.headers["minyi-location"] == plain.headers["location"] == "/w/kinds/s/all"
    assert "location" not in told.headers
    assert "permit=" in told.headers["set-cookie"]


async def test_a_page_stays_a_page_and_names_its_problem(client: httpx.AsyncClient) -> None:
    reply = await client.post("/w/none/start", headers=FORM | {"minyi-script": "1"})
    assert reply.status_code == 404
    assert reply.headers["minyi-problem"] == "wave-not-found"
