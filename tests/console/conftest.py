import httpx
import pytest

from app.services.resources import Resources
from app.services.waves import Wave
from tests.console.clerk import Clerk
from tests.support.clock import Clock
from tests.support.staff import make_passwords_cheap
from tests.support.surveys import open_town


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    make_passwords_cheap(monkeypatch)


@pytest.fixture
async def town(resources: Resources) -> Wave:
    """An open wave."""
    return await open_town(resources)


@pytest.fixture
async def clerk(client: httpx.AsyncClient, resources: Resources, clock: Clock) -> Clerk:
    """A browser in which somebody who reads English is about to sign in."""
    client.cookies.set("language", "en")
    return Clerk(client, resources, clock)
