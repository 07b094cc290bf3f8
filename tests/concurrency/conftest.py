"""The places where a race is run.

    sqlite, postgresql   this process, on one database or the other: always
    nginx                several servers on one PostgreSQL, behind nginx
    pgbouncer            this process, PostgreSQL behind PgBouncer in transaction mode

The last two cost time. In every run they get the tests marked `everywhere`, with smaller crowds;
`make scale` (`MINYI_TEST_PLACES=all`) gives them the whole suite at full size. Tests marked
`places(…)` run there and nowhere else: so do negative controls, which break the rules of this
process.
"""

import itertools
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import anyio
import httpx
import pytest

from app.services.resources import Resources, system_clock
from app.services.waves import Wave
from app.settings import Settings
from tests.conftest import IN_CI, settings_for
from tests.support.cities import City, running_city
from tests.support.databases import postgres_maker
from tests.support.doors import Doors, Inside, OverHttp
from tests.support.nginx import NoNginx
from tests.support.pgbouncer import NoPgBouncer, running_pgbouncer
from tests.support.servers import around_now
from tests.support.surveys import open_town

ALL = os.environ.get("MINYI_TEST_PLACES") == "all"
HERE, PLACES = ("sqlite", "postgresql"), ("sqlite", "postgresql", "nginx", "pgbouncer")
SERVERS = 3 if ALL else 2
TOWNS = itertools.count()
UNKNOWN_SECONDS = 1.2
"""For a second other processes may think that a wave is not there, or not open (scale.md)."""

OpenWave = Callable[..., Awaitable[Wave]]
Crowd = Callable[[int], int]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "everywhere: also behind nginx and PgBouncer, in every run")
    config.addinivalue_line("markers", "places(*names): in these places only")
    config.addinivalue_line("markers", "leaves_out(*names): not in these")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test its places."""
    if "place" in metafunc.fixturenames:
        everywhere = ALL or metafunc.definition.get_closest_marker("everywhere")
        only = metafunc.definition.get_closest_marker("places")
        without = metafunc.definition.get_closest_marker("leaves_out")
        left_out = without.args if without else ()
        wanted = only.args if only else [one for one in PLACES if one not in left_out]
        places = [one for one in wanted if everywhere or one in HERE]
        metafunc.parametrize("place", places, indirect=True)


@pytest.fixture
def place(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def missing(name: str) -> None:
    if IN_CI:
        pytest.fail(f"{name} is not installed")
    pytest.skip(f"NO {name.upper()}: install Debian's package to run the races through it")


@pytest.fixture(scope="session")
def city(
    postgresql_server: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[City]:
    """Servers that many towns are opened on, one after the other."""
    with postgres_maker(postgresql_server, f"{worker_id}_city") as make:
        try:
            with running_city(settings_for(make()), SERVERS) as found:
                yield found
        except NoNginx:
            missing("nginx")


@pytest.fixture(scope="session")
def pooled(postgresql_server: str) -> Iterator[Callable[[str], str]]:
    try:
        with running_pgbouncer(postgresql_server) as through:
            yield through
    except NoPgBouncer:
        missing("pgbouncer")


@pytest.fixture
def database_url(place: str, request: pytest.FixtureRequest) -> str:
    """The place's database: a fresh one, but for the city's."""
    if place == "nginx":
        found: City = request.getfixturevalue("city")
        return found.settings.database_url
    make: Callable[[], str] = request.getfixturevalue(
        "make_sqlite" if place == "sqlite" else "make_postgresql"
    )
    return request.getfixturevalue("pooled")(make()) if place == "pgbouncer" else make()


@pytest.fixture
def settings(place: str, database_url: str) -> Settings:
    pooler = "transaction" if place == "pgbouncer" else "none"
    return settings_for(database_url, database_pooler=pooler)


@pytest.fixture
def clock() -> Callable[[], object]:
    """The clock that goes: servers have no other."""
    return system_clock


@pytest.fixture
def open_wave(place: str, resources: Resources) -> OpenWave:
    """Open a wave that no other test knows."""

    async def open_it(**more: object) -> Wave:
        code = f"town-{next(TOWNS)}"
        wave = await open_town(resources, code=code, dates=around_now(), **more)
        if place == "nginx":
            await anyio.sleep(UNKNOWN_SECONDS)
        return wave

    return open_it


@pytest.fixture
def crowd(place: str) -> Crowd:
    """Say how many come where the test would like so many."""

    def size(wanted: int) -> int:
        if place == "sqlite":
            return wanted // 8  # writers queue by themselves
        return wanted if place == "postgresql" or ALL else wanted // 10

    return size


@pytest.fixture
async def client(
    place: str, resources: Resources, request: pytest.FixtureRequest
) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client of the place's servers, or of the application in this process."""
    if place == "nginx":
        address = request.getfixturevalue("city").address
        transport: httpx.AsyncBaseTransport = httpx.AsyncHTTPTransport(
            verify=False, limits=httpx.Limits(max_connections=40)
        )
    else:
        address = "http://testserver"
        app = request.getfixturevalue("app")
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=address, timeout=60) as client:
        yield client


@pytest.fixture
async def doors(
    place: str, resources: Resources, request: pytest.FixtureRequest
) -> AsyncIterator[Doors]:
    """The ways of citizens into the place."""
    if place != "nginx":
        yield Inside(resources)
        return
    outside = OverHttp(request.getfixturevalue("city").address, resources)
    yield outside
    await outside.close()
