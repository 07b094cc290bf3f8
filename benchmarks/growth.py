"""Intake, participation and the console when millions of responses are stored.

    .venv/bin/python -m benchmarks.growth [--rows 10000000] [--database postgresql] [--rounds 5]

Two databases in one place: one with 10,000 stored responses, one with many, each response with its
spent permit. Both are served at once and take turns, so that a ratio is of one run. Filling goes
past the application; 10,000,000 rows take about 15 GB and some minutes.
"""

import argparse
import asyncio
import datetime
import os
import shutil
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import msgspec

from app.domain.accounts.sessions import Stage
from app.domain.rights.rights import Scope, command_line
from app.domain.rights.roles import Role
from app.services import staff, staff_accounts
from app.services.resources import open_resources
from app.services.staff_sessions import begin_session
from app.services.waves import find_wave
from app.store.staff import find_by_name
from benchmarks.load import Outcome, Script, get, run
from benchmarks.support import campaign
from benchmarks.support.campaign import CLASS, WAVE, Citizens, json_scripts
from benchmarks.support.filling import Row as Filled
from benchmarks.support.filling import count, fill
from benchmarks.support.report import Row, options_of, parser_of, tell
from benchmarks.support.servers import Server, Store, minyi, serving, store

FEW = 10_000
SHEETS = 5000  # different sheets to draw from
BYTES_EACH = 3000  # with indexes and the log of changes, generously
WORKERS = {"postgresql": 2, "sqlite": 1}
LOOKS = 40
RESPONSES = (
    "wave_id, response_id, status, mode, trust, respondent_class, received_on, own_unit, stratum, "
    'point, "window", answers, sealed_person'
)
PERMITS = (
    "wave_id, permit_hash, state, trust, mode, respondent_class, own_unit, department, "
    '"window", stratum, point, batch'
)
PASSWORD = "correct horse battery"  # noqa: S105 – of a database that is thrown away


# Filling --------------------------------------------------------------------------------------


async def prepare(url: str, rows: int) -> None:
    """Open a wave and store so many responses with their spent permits."""
    await campaign.prepare(url)
    resources = open_resources(campaign.settings_for(url))
    wave = await find_wave(resources, WAVE)
    offered = [one.code for one in wave.definition.departments.departments]
    fill(url, "responses", RESPONSES, _responses(wave.id, rows, Citizens(wave.definition), offered))
    fill(url, "permits", PERMITS, _permits(wave.id, rows))
    await count(resources, wave.id)
    await resources.close()


def _responses(wave_id: int, rows: int, citizens: Citizens, offered: list[str]) -> Iterator[Filled]:
    sheets = [
        msgspec.json.encode({"answers": sheet, "offered": offered}).decode()
        for sheet, _ in zip(citizens.sheets(), range(min(SHEETS, rows)), strict=False)
    ]
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    kind = ("counted", "kiosk", "invited", CLASS, today, "", "", "", "")
    for number, name in enumerate(_names(rows, 16)):
        yield (wave_id, name, *kind, sheets[number % len(sheets)], b"")


def _permits(wave_id: int, rows: int) -> Iterator[Filled]:
    kind = ("spent", "invited", "kiosk", CLASS, "", "", "", "", "", "filled")
    return ((wave_id, name, *kind) for name in _names(rows, 32))


def _names(rows: int, size: int) -> Iterator[bytes]:
    """Random keys, evenly spread and in order, as a bulk load wants them."""
    step = 2**32 // rows
    for number in range(rows):
        yield (number * step).to_bytes(4, "big") + os.urandom(size - 4)


async def sign_in(url: str) -> str:
    """Give the session of an administrator."""
    resources = open_resources(campaign.settings_for(url))
    rights = staff.Rights(Role.ADMINISTRATOR, Scope())
    link = await staff.invite(
        resources, command_line("root"), name="bench", full_name="Bench", rights=rights
    )
    await staff_accounts.accept_invitation(
        resources, link.rsplit("/", 1)[-1], password=PASSWORD, repeated=PASSWORD
    )
    async with resources.database.writing() as connection:
        account = await find_by_name(connection, "bench")
        if account is None:
            raise LookupError
        session = await begin_session(connection, resources, account.id, Stage.FULL)
    await resources.close()
    return session.token


# Measuring ------------------------------------------------------------------------------------


@dataclass
class Wave:
    """A served wave with so many stored responses; what was measured on it."""

    rows: int
    url: str
    server: Server
    session: str
    scripts: Iterator[Script]
    seconds_to_fill: float
    intake: list[Outcome] = field(default_factory=list)
    looks: dict[str, list[Outcome]] = field(default_factory=dict)

    def measure(self, place: Store, requests: int) -> None:
        """Put a load on it, then look at the figures, one after the other."""
        place.settle()
        scripts = [next(self.scripts) for _ in range(requests)]
        self.intake.append(run(self.server.port, scripts, seconds=60))
        for name, request in self.looked_at().items():
            found = run(self.server.port, [[request]], connections=1, times=LOOKS, seconds=60)
            if found.answered(200) != LOOKS:
                raise SystemExit(f"{name} was not shown")
            self.looks.setdefault(name, []).append(found)

    def looked_at(self) -> dict[str, bytes]:
        """What shows how many took part."""
        return {
            "participation": get(f"/api/v1/waves/{WAVE}/participation"),
            "dashboard": get("/console", cookie=f"staff={self.session}"),
        }


def serve_wave(running: ExitStack, place: Store, rows: int, needed: int) -> Wave:
    """Fill a database and serve it."""
    url = place.database(f"rows-{rows}")
    began = time.perf_counter()
    asyncio.run(prepare(url, rows))
    filled = time.perf_counter() - began
    permits = asyncio.run(campaign.invited_permits(url, needed))
    citizens = Citizens(asyncio.run(campaign.definition_of(url)))
    session = asyncio.run(sign_in(url))
    environment = minyi(campaign.settings_for(url))
    server = running.enter_context(serving(["app", "serve"], WORKERS[place.kind], environment))
    return Wave(rows, url, server, session, json_scripts(permits, citizens), filled)


def rows_of(place: Store, few: Wave, many: Wave) -> Iterator[Row]:
    """Intake by second, and milliseconds of each look; then at many against at few."""
    yield {
        "database": place.kind,
        "what": "intake /s",
        f"{few.rows:,} stored": round(statistics.median(one.rate for one in few.intake)),
        f"{many.rows:,} stored": round(statistics.median(one.rate for one in many.intake)),
        "ratio": _ratio([one.rate for one in few.intake], [one.rate for one in many.intake]),
    }
    for name in few.looks:
        at_few, at_many = ([found.accepted.p50 for found in of.looks[name]] for of in (few, many))
        yield {
            "database": place.kind,
            "what": f"{name}, ms",
            f"{few.rows:,} stored": round(statistics.median(at_few), 1),
            f"{many.rows:,} stored": round(statistics.median(at_many), 1),
            "ratio": _ratio(at_few, at_many),
        }


def _ratio(few: list[float], many: list[float]) -> float:
    return round(statistics.median(b / a for a, b in zip(few, many, strict=True)), 2)


def check(wave: Wave) -> None:
    """Exit unless participation says what was filled in and what was acknowledged since."""
    expected = wave.rows + sum(one.answered(201) for one in wave.intake)
    found = asyncio.run(campaign.counted(wave.url))
    if found != expected:
        raise SystemExit(f"{expected} responses were stored, participation says {found}")


def main() -> None:
    """Fill, serve, measure in turn, tell."""
    parser = parser_of(__doc__, rounds=5)
    parser.add_argument("--rows", type=int, default=1_000_000, help="stored where there are many")
    parser.add_argument("--requests", type=int, default=2000, help="in a load")
    given = options_of(parser)
    needed = given.rows * BYTES_EACH
    if shutil.disk_usage(given.folder).free < needed:
        raise SystemExit(f"{given.folder} has less than {needed / 1e9:.0f} GB free")
    tables: dict[str, list[Row]] = {"Growth": []}
    for kind in given.database:
        with store(kind, given.folder) as place, ExitStack() as running:
            tables["Growth"] += grow(running, place, given)
    tell("growth", tables, given)


def grow(running: ExitStack, place: Store, given: argparse.Namespace) -> list[Row]:
    """Measure a wave with few and one with many responses, in turn."""
    needed = (given.rounds + 1) * given.requests
    waves = [serve_wave(running, place, rows, needed) for rows in (FEW, given.rows)]
    for _ in range(given.rounds + 1):
        for one in waves:
            one.measure(place, given.requests)
    for one in waves:
        check(one)
        del one.intake[0]  # warmed up
    return list(rows_of(place, *waves))


if __name__ == "__main__":
    main()
