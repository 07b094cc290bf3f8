"""Results for staff: a department's own page, and the responses as files for analysts."""

import shutil
import tempfile
from pathlib import Path
from typing import Literal

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from app.console.access import staff_may
from app.console.pages import ThisConsolePage
from app.dependencies import AnyWave, ResourcesOfApp
from app.domain.rights.rights import Act, Target, may
from app.domain.waves.life_cycle import WaveState
from app.plots import numbers
from app.plots.profile import profile
from app.services.evaluations import list_readable
from app.services.exports import Format, Options, export_responses, write_codebook
from app.services.results import find_results, labels_of, list_results
from app.services.waves import Wave, list_waves

router = APIRouter(prefix="/results")
EXPORT = staff_may(Act.EXPORT_RESPONSES)
_MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
    "sav": "application/x-spss-sav",
    "json": "application/json",
}


@router.get("", dependencies=[staff_may(Act.SEE_OWN_RESULTS)])
async def show_results(console: ThisConsolePage, resources: ResourcesOfApp) -> Response:
    """List what one may read: published results by department, and files of closed waves."""
    own = [
        (
            release,
            [
                unit
                for unit in release.figures.departments
                if may(console.actor, Act.READ_RESULTS, Target(department=unit.code))
            ],
        )
        for release in await list_results(resources)
    ]
    closed = [
        wave
        for wave in await list_waves(resources)
        if wave.state in (WaveState.CLOSED, WaveState.RELEASED)
    ]
    may_export = may(console.actor, Act.EXPORT_RESPONSES)
    return console.show(
        "results.html",
        own=own,
        scores=await list_readable(resources, console.actor),
        closed=closed if may_export else [],
        formats=list(Format),
    )


@router.get("/{wave_id}/departments/{department_id}", dependencies=[staff_may(Act.READ_RESULTS)])
async def show_department(
    console: ThisConsolePage, resources: ResourcesOfApp, wave_id: str, department_id: str
) -> Response:
    """Show what the newest release says of one department."""
    results = await find_results(resources, wave_id)
    return console.show(
        "department_results.html",
        results=results,
        view=profile(results.release, department_id, results.earlier),
        labels=await labels_of(resources, wave_id),
        numbers=numbers,
    )


@router.get("/{wave_id}/responses.{kind}", dependencies=[EXPORT])
async def give_responses(
    console: ThisConsolePage, resources: ResourcesOfApp, wave: AnyWave, kind: Format
) -> Response:
    """Give every response of a closed wave as a file."""
    path = _new_file(wave, "responses", kind)
    options = Options(kind, console.page.language)
    try:
        await export_responses(resources, wave, path, options, by=console.actor.name)
    except BaseException:
        shutil.rmtree(path.parent)
        raise
    return _download(path)


@router.get("/{wave_id}/codebook.{kind}", dependencies=[EXPORT])
async def give_codebook(wave: AnyWave, kind: Literal["csv", "xlsx", "json"]) -> Response:
    """Give what columns and values of the files mean."""
    path = _new_file(wave, "codebook", kind)
    await write_codebook(wave, path)
    return _download(path)


def _new_file(wave: Wave, what: str, kind: str) -> Path:
    """Name a file in a folder of its own, which goes when it has been sent."""
    return Path(tempfile.mkdtemp(prefix="minyi-export-")) / f"{wave.code}-{what}.{kind}"


def _download(path: Path) -> FileResponse:
    return FileResponse(
        path,
        media_type=_MEDIA_TYPES[path.suffix[1:]],
        filename=path.name,
        background=BackgroundTask(shutil.rmtree, path.parent),
    )
