"""Compute the release of a wave of a million stored responses, from either database.

    .venv/bin/python -m benchmarks.release [--rows 1000000] [--database sqlite|postgresql]

Fills a fresh database with synthetic responses to the Shenzhen survey (half a sample on paper, half
a poll), then prints as JSON, for each database: seconds by the clock and of the processor and peak
memory of computing all figures, and of the floor, which only reads the same rows. Each runs in a
process of its own; starting it is not counted, PostgreSQL's own work is in the seconds alone.
"""

import argparse
import asyncio
import datetime
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.domain.questionnaires.audience import DatesOfMode
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.model import SingleChoice
from app.domain.questionnaires.synthetic_city import SyntheticCity
from app.services.release_figures import compute_figures
from app.services.resources import Resources, open_resources
from app.services.waves import create_wave, find_wave
from app.settings import ROOT, Settings
from app.store.responses import stream_rows
from app.store.schema import upgrade
from benchmarks.estimation import in_own_process, peak_megabytes
from benchmarks.support import filling
from benchmarks.support.filling import Row
from tests.support.postgres import running_postgres

WAVE = "million"
DATES = DatesOfMode(opens=datetime.date(2010, 12, 1), closes=datetime.date(2010, 12, 31))
COLUMNS = (
    "wave_id, response_id, status, mode, trust, respondent_class, received_on, own_unit, stratum, "
    'point, "window", answers, sealed_person'
)
LEVELS = (
    "very_satisfied",
    "satisfied",
    "average",
    "dissatisfied",
    "very_dissatisfied",
    "dont_know",
)
ASPECTS = ("attitude", "efficiency", "lawfulness", "results")
SHEETS = 20_000  # different sheets of ratings to draw from
AT_ONCE = 20_000


# The data -------------------------------------------------------------------------------------


class Generator:
    """Makes responses fast: opinions as a city has them, each about 700 bytes of JSON."""

    def __init__(self, definition: SurveyDefinition, wave_id: int) -> None:
        self.definition, self.wave_id = definition, wave_id
        self.random = random.Random(20101201)
        self.city = SyntheticCity(definition, self.random)
        self.codes = [one.code for one in definition.departments.departments]
        self.offered = json.dumps(self.codes, separators=(",", ":"))
        choices = {q.code: q for q in definition.questionnaire.questions()}
        self.asked = [q for q in choices.values() if isinstance(q, SingleChoice)]
        self.ratings = {
            code: [self._rating(code) for _ in range(SHEETS // 10)] for code in self.codes
        }

    def _rating(self, department: str) -> str:
        """What somebody says about a department: levels near to an opinion, rarely nothing."""
        opinion = self.city.levels[department] + self.random.gauss(0, 0.15)
        said = {}
        for aspect in ASPECTS:
            level = round(4 * (1 - opinion) + self.random.gauss(0, 0.6))
            unknown = self.random.random() < 0.08
            said[aspect] = LEVELS[-1] if unknown else LEVELS[min(max(level, 0), 4)]
        return f'"{department}":' + json.dumps(said, separators=(",", ":"))

    def rows(self, number: int) -> Iterator[Row]:
        """So many rows, every other one on paper."""
        points = self.definition.sample.points
        for at in range(number):
            paper = at % 2 == 0
            codes = self.random.sample(self.codes, 4 if paper else self.random.randint(1, 10))
            codes.sort(key=self.codes.index)
            point = self.random.choice(points)
            offered = json.dumps(codes, separators=(",", ":")) if paper else self.offered
            yield (
                self.wave_id,
                self.random.randbytes(16),
                self.random.choices(("counted", "duplicate", "set_aside"), (96, 3, 1))[0],
                "paper" if paper else self.random.choice(("web", "kiosk")),
                "fieldwork" if paper else self.random.choice(("open", "verified")),
                "sampled-residents" if paper else "online-residents",
                f"2010-12-{self.random.randint(1, 31):02}",
                "",
                point.stratum if paper else "",
                point.code if paper else "",
                "",
                f'{{"answers":{self._answers(codes)},"offered":{offered}}}',
                b"",
            )

    def _answers(self, codes: list[str]) -> str:
        ratings = ",".join(self.random.choice(self.ratings[code]) for code in codes)
        about = ",".join(f'"{q.code}":"{self.random.choice(q.options).code}"' for q in self.asked)
        return (
            f'{{"ratings":{{{ratings}}},"overall":"{self.random.choice(LEVELS)}",'
            f'"change":"{self.random.choice(("better", "same", "worse"))}",{about}}}'
        )


async def fill(url: str, rows: int) -> None:
    """Make the wave and put the responses into it, past all checks."""
    upgrade(url)
    resources = open_resources(settings_for(url))
    folder = ROOT / "survey_definitions" / "shenzhen-2010"
    wave = await create_wave(resources, code=WAVE, folder=folder, dates=DATES)
    filling.fill(url, "responses", COLUMNS, Generator(wave.definition, wave.id).rows(rows))
    await filling.count(resources, wave.id)
    await resources.close()


def settings_for(url: str) -> Settings:
    return Settings(_env_file=None, database_url=url, secret_key="A" * 43 + "=")


@contextmanager
def database(kind: str) -> Iterator[str]:
    """A fresh database of this kind."""
    if kind == "postgresql":
        with running_postgres() as server:
            yield server
        return
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/release.db"


# Contenders -----------------------------------------------------------------------------------


async def run_release(resources: Resources) -> dict[str, Any]:
    """Minyi: all figures."""
    stages: dict[str, float] = {}
    started = time.perf_counter()

    def told(what: str, _share: float) -> None:
        stages[what] = round(time.perf_counter() - started, 2)

    wave = await find_wave(resources, WAVE)
    figures = await compute_figures(resources, wave, progress=told)
    return {
        "figures": len(figures.indices),
        "responses": sum(one.returned for one in figures.counts),
        "done_after": stages,
    }


async def run_floor(resources: Resources) -> dict[str, Any]:
    """The least any program must do: read the rows."""
    wave = await find_wave(resources, WAVE)
    rows = size = 0
    async with resources.database.snapshot() as connection:
        every = stream_rows(connection, wave.id, datetime.date.min, datetime.date.max)
        async for stretch in every:
            rows += len(stretch)
            size += sum(len(row.answers) for row in stretch)
    return {"responses": rows, "megabytes_of_answers": round(size / 1e6)}


async def latency(worst: list[float]) -> None:
    """Notes the longest time for which the event loop did not answer."""
    while True:
        before = time.perf_counter()
        await asyncio.sleep(0.01)
        worst[0] = max(worst[0], time.perf_counter() - before - 0.01)


CONTENDERS = {"release": run_release, "floor": run_floor}


async def measure(contender: str, url: str) -> dict[str, Any]:
    """Run a contender in this process."""
    resources = open_resources(settings_for(url))
    worst = [0.0]
    watching = asyncio.create_task(latency(worst))
    started, began = time.perf_counter(), time.process_time()
    result = await CONTENDERS[contender](resources)
    seconds, busy = time.perf_counter() - started, time.process_time() - began
    watching.cancel()
    await resources.close()
    return {
        "seconds": round(seconds, 2),
        "processor_seconds": round(busy, 2),
        "peak_mb": peak_megabytes(),
        "loop_blocked_ms": round(1000 * worst[0]),
        **result,
    }


def compare(kind: str, rows: int) -> dict[str, Any]:
    """Both contenders on a database of this kind."""
    with database(kind) as url:
        started = time.perf_counter()
        asyncio.run(fill(url, rows))
        filled = time.perf_counter() - started
        floor, release = (
            in_own_process(sys.executable, "-m", "benchmarks.release", "--run", name, url)
            for name in ("floor", "release")
        )
    if floor is None or release is None:
        raise SystemExit("The benchmark itself failed: run it with --run release URL")
    return {
        "database": kind,
        "rows": rows,
        "seconds_to_fill": round(filled, 1),
        "floor": floor,
        "release": release,
        "times_the_floor": round(release["seconds"] / floor["seconds"], 1),
    }


def main() -> None:
    """Print the report as JSON."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    options.add_argument("--run", nargs=2, metavar=("CONTENDER", "URL"), help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.run:
        print(json.dumps(asyncio.run(measure(*chosen.run))))
        return
    kinds = chosen.database or ["sqlite", "postgresql"]
    for kind in kinds:
        print(json.dumps(compare(kind, chosen.rows), indent=2), flush=True)


if __name__ == "__main__":
    main()
