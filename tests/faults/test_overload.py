"""More people than the server can serve: who is refused learns it at once, who is accepted is
served, nobody is lost, and afterwards all is as before. Times are reported, not judged.

A negative control shows that the harness sees the difference where a protection is taken away.
"""

import json
import os
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.connections import raise_descriptor_limit
from app.services.participation import count_participation
from app.services.permits import Recipient, mint_invitations
from app.services.resources import Resources
from app.services.waves import Wave
from app.settings import Settings
from tests.faults.crowd import Outcome, answer_all, look_round, slow_connections
from tests.faults.sizes import TIMEOUT, size
from tests.support.servers import Server, running_server
from tests.support.surveys import answers

CITIZENS, AT_MOST = size((60, 4), (2000, 50))
SLOW, HONEST = size((1000, 10), (3000, 50))
FEW_DESCRIPTORS = 100
PATH = "/api/v1/waves/town/responses"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(TIMEOUT)]


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """One kind of database: what is tested here stands in front of it."""
    url: str = request.getfixturevalue("make_sqlite")()
    return url


@contextmanager
def serving(settings: Settings, monkeypatch: pytest.MonkeyPatch, most: int) -> Iterator[Server]:
    monkeypatch.setenv("MINYI_MOST_REQUESTS", str(most))
    monkeypatch.setenv("MINYI_LOG_FORMAT", "json")
    with running_server(settings) as server:
        yield server


def port_of(server: Server) -> int:
    return urlsplit(server.address).port or 0


def entered(server: Server) -> int:
    """How many submissions the application has seen, by its log."""
    lines = [json.loads(line) for line in server.log().splitlines() if line.startswith("{")]
    return sum(one.get("route", "").endswith("/responses") for one in lines)


def told(outcome: Outcome) -> str:
    """Say how many replies of each kind there were, and how long they took."""
    return ", ".join(
        f"{status}: {n} (p99 {outcome.slowest_of_100(status) * 1000:.0f} ms)"
        for status, n in sorted(outcome.replies.items())
    )


async def bodies(resources: Resources, wave: Wave) -> list[dict[str, object]]:
    recipients = [Recipient("residents")] * CITIZENS
    letters = await mint_invitations(resources, wave, recipients=recipients, batch="letters")
    return [{"permit": letter.typed_code, "answers": answers()} for letter in letters]


async def test_a_crowd_is_served_in_the_end_and_nobody_is_lost(
    resources: Resources,
    settings: Settings,
    town: Wave,
    monkeypatch: pytest.MonkeyPatch,
    report: Callable[[str], None],
) -> None:
    people = await bodies(resources, town)
    with serving(settings, monkeypatch, AT_MOST) as server:
        outcome = await answer_all(port_of(server), PATH, people)
        afterwards = await look_round(port_of(server), "/w/town", people=1, times=20)
        server.end()
        seen = entered(server)
    report(told(outcome))
    assert outcome.replies[503] > 0, "there was no crowd"
    assert set(outcome.replies) == {201, 503}, "refused or served, nothing else"
    assert outcome.replies[201] == CITIZENS == (await count_participation(resources, town)).counted
    assert seen == CITIZENS, "what was refused never entered"
    assert afterwards.replies == {200: 20}


async def test_negative_control_without_a_limit_nobody_is_refused(
    resources: Resources, settings: Settings, town: Wave, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = (await bodies(resources, town))[:60]
    with serving(settings, monkeypatch, 1_000_000) as server:
        outcome = await answer_all(port_of(server), PATH, people)
    assert outcome.replies == {201: 60}


async def test_honest_people_are_served_beside_slow_connections(
    settings: Settings,
    town: Wave,
    monkeypatch: pytest.MonkeyPatch,
    report: Callable[[str], None],
) -> None:
    raise_descriptor_limit()
    with serving(settings, monkeypatch, 2500) as server:
        port = port_of(server)
        async with slow_connections(port, SLOW):
            outcome = await look_round(port, "/w/town", people=HONEST, times=20)
        report(told(outcome))
        assert outcome.replies == {200: HONEST * 20}
        await _negative_control_without_descriptors(server)


async def _negative_control_without_descriptors(server: Server) -> None:
    """Where slow connections can take them all, honest people find no way in – until they go."""
    port, limits = port_of(server), (FEW_DESCRIPTORS, FEW_DESCRIPTORS)
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, limits)
    async with slow_connections(port, 2 * FEW_DESCRIPTORS):
        shut_out = await look_round(port, "/w/town", people=10, times=1, patience=2)
        assert shut_out.replies[200] < 10
        assert _processor_seconds(server) < 0.5, "it waits for descriptors, it does not spin"
    await look_round(port, "/w/town", people=1, times=1)  # it may yet meet the last of the crowd
    afterwards = await look_round(port, "/w/town", people=1, times=20)
    assert afterwards.replies == {200: 20}


def _processor_seconds(server: Server) -> float:
    """What the server uses of the processor in a second of the clock."""

    def used() -> float:
        fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    before = used()
    time.sleep(1)
    return used() - before
