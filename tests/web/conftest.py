import httpx
import pytest

from app.services.resources import Resources
from app.services.waves import Wave
from tests.support.surveys import open_town
from tests.web.citizen import KINDS, Citizen


@pytest.fixture
async def kinds(resources: Resources) -> Wave:
    """An open wave of the survey with every kind of question."""
    return await open_town(resources, code="kinds", folder=KINDS)


@pytest.fixture
async def citizen(client: httpx.AsyncClient, kinds: Wave) -> Citizen:
    """Somebody who reads English and is about to answer."""
    client.cookies.set("language", "en")
    return Citizen(client)
