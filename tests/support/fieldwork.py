"""Paper fieldwork for tests: a survey with every kind of question, named people, returned forms."""

import datetime
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.domain.paper.custody import FormState
from app.domain.paper.marks import marks_of
from app.domain.paper.serials import Serial
from app.domain.questionnaires.audience import DatesOfMode
from app.services.paper_custody import Scan, record_scans
from app.services.paper_fieldwork import add_interviewer, issue_batch
from app.services.paper_keying import Keyed, KeyedSheet, key_form
from app.services.paper_sheets import Sheet, Sheets
from app.services.resources import Resources
from app.services.waves import Wave
from app.store.paper_fieldwork import BatchRecord
from tests.support.surveys import NOVEMBER, open_town

BASE = Path(__file__).parents[1] / "questionnaires" / "base"
"""Two departments of several on each form, and a question of every kind."""

ANN, BO, CHEN, DI = "ann", "bo", "chen", "di"
"""Ann and Bo key, Chen decides, Di leads the survey point p1."""

MARKS = {
    "sex": "1",
    "topics": "1;2",
    "visits": "3",
    "last": "2026-10-05",
    "grid.1.speed": "1",
    "grid.1.care": "2",
    "grid.2.speed": "9",
    "grid.2.care": "5",
    "whole": "7",
    "more": "2",
}
"""One form filled in."""

ONLINE = datetime.date(2026, 11, 1)


async def open_base(
    resources: Resources,
    *,
    code: str = "base",
    folder: Path = BASE,
    dates: DatesOfMode = NOVEMBER,
) -> Wave:
    """Open a wave of the base survey, in November 2026."""
    return await open_town(resources, code=code, folder=folder, dates=dates)


def also_by_phone(survey: Path, folder: Path) -> Path:
    """Copy a survey; whoever answers on paper may be called as well."""
    copied = Path(shutil.copytree(survey, folder / "by-phone"))
    audience = copied / "audience.yaml"
    text = audience.read_text(encoding="utf-8")
    on_paper = "      - {mode: paper, trust: fieldwork}\n"
    dates = next(line for line in text.splitlines(keepends=True) if "    paper: {" in line)
    text = text.replace(on_paper, on_paper + on_paper.replace("paper", "phone"))
    text = text.replace(dates, dates + dates.replace("paper", "phone"))
    audience.write_text(text, encoding="utf-8")
    return copied


async def issue(
    resources: Resources,
    wave: Wave,
    *,
    batch: str = "B1",
    point: str = "p1",
    n: int = 5,
    **more: float,
) -> BatchRecord:
    """Issue a batch, with an interviewer at its point."""
    names = {"p1": "I1", "p2": "I2", "p3": "I3", "p4": "I4"}
    record = await issue_batch(resources, wave, batch=batch, point=point, n=n, by=DI, **more)
    if batch == "B1" or point != "p1":
        await add_interviewer(
            resources, wave, interviewer=names[point], point=point, name="An interviewer", by="di"
        )
    return record


def serial(wave: Wave, number: int) -> str:
    """Write the serial of a form."""
    return str(Serial(wave.id, number))


def sheet(resources: Resources, wave: Wave, batch: BatchRecord, number: int) -> Sheet:
    """Give a form as printed."""
    return Sheets(resources, wave).sheet(batch, number)


async def move(
    resources: Resources, wave: Wave, numbers: Sequence[int], to: FormState, **more: str
) -> None:
    """Scan some forms."""
    scans = [Scan(serial(wave, number), to, **more) for number in numbers]  # type: ignore[arg-type]
    await record_scans(resources, wave, scans, by=DI)


async def bring_back(resources: Resources, wave: Wave, numbers: Sequence[int]) -> None:
    """Hand forms out and bring them back filled in."""
    await move(resources, wave, numbers, FormState.HANDED_OUT, interviewer="I1")
    await move(resources, wave, numbers, FormState.RETURNED)


async def key(resources: Resources, wave: Wave, number: int, by: str, **changes: str) -> Keyed:
    """Key one form; `changes` name fields with `_` for the point."""
    cells: Mapping[str, str] = MARKS | {
        name.replace("__", "."): value for name, value in changes.items()
    }
    return await key_form(
        resources, wave, KeyedSheet(serial(wave, number), cells, seconds=15.0), by=by
    )


def filled(form: Sheet, answers: Mapping[str, object]) -> dict[str, str]:
    """Fill a form in with answers."""
    return marks_of(form.fields, answers, form.departments)
