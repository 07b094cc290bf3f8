"""The lines of docs/recompute.md, run as they stand there, give the index of a release."""

import json
import re
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import update

from app.domain.releases.document import IndexFigure
from app.services.exports import Format, Options, export_responses
from app.services.release_figures import compute_figures
from app.services.resources import Resources
from app.services.waves import create_wave, find_wave
from app.tables import waves
from tests.support.responses import City, store_rows
from tests.support.results import PAPER, SHENZHEN, shenzhen

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "recompute.md").read_text(encoding="utf-8")
ROUNDING = Decimal("0.0001")
FORMS = 1200


def block(language: str) -> str:
    [found] = re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    return str(found)


@pytest.fixture
async def published(resources: Resources, tmp_path: Path) -> IndexFigure:
    """The index of D05 from a release; the export lies in the folder as `autumn.csv`."""
    city = City(shenzhen(), seed=5)
    await create_wave(resources, code="autumn", folder=SHENZHEN)
    wave = await find_wave(resources, "autumn")
    rows = [city.paper() for _ in range(FORMS)] + [city.paper(status="set_aside")]
    await store_rows(resources, wave, [*rows, city.poll()])
    async with resources.database.writing() as connection:
        await connection.execute(update(waves).values(state="closed"))
    resources.waves.forget()
    wave = await find_wave(resources, "autumn")
    options = Options(Format.CSV, source=PAPER)
    n = await export_responses(resources, wave, tmp_path / "autumn.csv", options, by="ana")
    assert n == FORMS
    figures = await compute_figures(resources, wave)
    [found] = [
        one
        for one in figures.indices
        if (one.source, one.department, one.stratum, one.trust) == (PAPER, "D05", None, None)
    ]
    return found


def near(printed: object, figure: Decimal | None) -> bool:
    assert figure is not None
    return abs(Decimal(str(printed)) - figure) <= ROUNDING


async def test_by_python_from_the_file_alone(published: IndexFigure, tmp_path: Path) -> None:
    done = run([sys.executable, "-I", "-c", block("python")], tmp_path)
    assert near(done, published.value)


async def test_by_r(published: IndexFigure, tmp_path: Path) -> None:
    if not shutil.which("Rscript"):
        pytest.skip("NO R: install r-cran-survey to test the lines for R")
    (tmp_path / "lines.R").write_text(block("r"))
    assert near(run(["Rscript", "--vanilla", "lines.R"], tmp_path), published.value)


async def test_by_the_estimator_with_standard_error_and_interval(
    published: IndexFigure, tmp_path: Path
) -> None:
    (tmp_path / "design.yaml").write_text(block("yaml"))
    command = [sys.executable, "-m", "app", "estimate"]
    files = [str(tmp_path / "autumn.csv"), str(tmp_path / "design.yaml")]
    [estimate] = json.loads(run([*command, *files], ROOT))["estimates"]
    assert near(estimate["value"], published.value)
    assert near(estimate["standard_error"], published.standard_error)
    assert published.interval is not None
    assert near(estimate["lower"], published.interval.low)
    assert near(estimate["upper"], published.interval.high)


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip().splitlines()[-1] if "estimate" not in command else done.stdout
