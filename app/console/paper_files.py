"""Keyed files in and out, and the figures about keyers, questions and interviewers."""

import asyncio
import tempfile
from pathlib import Path
from typing import Literal

from fastapi import APIRouter, Request, Response
from python_multipart.multipart import parse_options_header
from starlette.datastructures import UploadFile

from app.console.access import staff_may
from app.console.keying import BatchInPath
from app.console.pages import ConsolePage, ThisConsolePage
from app.console.paper_words import say_fault
from app.dependencies import AnyWave, ResourcesOfApp
from app.domain.rights.rights import Act
from app.errors import Fault, InvalidInput, MinyiError
from app.errors.paper import EntryRefused
from app.security import body_of_at_most
from app.services.paper_batches import Batch
from app.services.paper_files import export_entries, import_file, write_template
from app.services.paper_keying import Outcome
from app.services.paper_quality import interviewer_likeness, keying_quality
from app.services.waves import Wave

router = APIRouter(prefix="/paper/{wave_id}")
KEY, QUALITY = staff_may(Act.KEY_FORMS), staff_may(Act.SEE_KEYING_QUALITY)
LARGEST_FILE = 21 * 2**20
FAULTS_SHOWN = 200
SEED = 1
"""Of the resamples: whoever looks twice sees the same figures."""
_MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@router.get("/batches/{batch_id}/import", dependencies=[KEY])
async def show_import(console: ThisConsolePage, wave: AnyWave, batch: BatchInPath) -> Response:
    """Ask for a keyed file."""
    return _page(console, wave, batch)


def _page(
    console: ConsolePage,
    wave: Wave,
    batch: Batch,
    *,
    outcome: Outcome | None = None,
    refused: MinyiError | None = None,
) -> Response:
    faults = refused.faults if refused else outcome.faults if outcome else ()
    return console.show(
        "paper_import.html",
        status=refused.status if refused else 200,
        wave=wave,
        batch=batch,
        outcome=outcome,
        refused=bool(refused),
        n_faults=len(faults),
        faults=[(one.field, say_fault(console.page, one)) for one in faults[:FAULTS_SHOWN]],
    )


@router.post("/batches/{batch_id}/import", dependencies=[KEY, body_of_at_most(LARGEST_FILE)])
async def take_file(
    request: Request,
    console: ThisConsolePage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    batch: BatchInPath,
) -> Response:
    """Key every form of a file; with faults nothing, unless the good part is wanted."""
    await _require_whole(request)
    async with request.form(max_files=1, max_fields=1) as form:
        file, good_part = form.get("file"), form.get("good_part") == "yes"
        content = await file.read() if isinstance(file, UploadFile) else b""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "keyed"
        await asyncio.to_thread(path.write_bytes, content)
        try:
            outcome = await import_file(
                resources,
                wave,
                path,
                by=console.actor.name,
                respondent_class=batch.respondent_class,
                batch=batch.batch,
                accept_good_part=good_part,
            )
        except (InvalidInput, EntryRefused) as refused:
            return _page(console, wave, batch, refused=refused)
    return _page(console, wave, batch, outcome=outcome)


async def _require_whole(request: Request) -> None:
    """Raise InvalidInput for a form with files that ends before its last boundary (RFC 2046 5.1.1).

    The parser would take it for one without a file, and leave the file open.
    """
    media_type, options = parse_options_header(request.headers.get("content-type"))
    if media_type == b"multipart/form-data":
        end = b"--" + options.get(b"boundary", b"") + b"--"
        if not (await request.body()).rstrip().endswith(end):
            raise InvalidInput(faults=[Fault("form", "not-a-form", "The form can't be read.")])


@router.get("/batches/{batch_id}/template.{kind}", dependencies=[KEY])
async def give_template(
    resources: ResourcesOfApp, wave: AnyWave, batch: BatchInPath, kind: Literal["csv", "xlsx"]
) -> Response:
    """Give a file to key into: the columns, and the serials of the batch."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{batch.batch}.{kind}"
        await write_template(
            resources, wave, path, batch=batch.batch, respondent_class=batch.respondent_class
        )
        return await _download(path)


async def _download(path: Path) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{path.name}"'}
    content = await asyncio.to_thread(path.read_bytes)
    return Response(content, media_type=_MEDIA_TYPES[path.suffix[1:]], headers=headers)


@router.get("/keyed.{kind}", dependencies=[staff_may(Act.EXPORT_KEYED)])
async def export(
    console: ThisConsolePage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    kind: Literal["csv", "xlsx"],
) -> Response:
    """Give everything keyed, once the wave is closed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{wave.code}-keyed.{kind}"
        await export_entries(resources, wave, path, by=console.actor.name)
        return await _download(path)


@router.get("/quality", dependencies=[QUALITY])
async def show_quality(
    console: ThisConsolePage, resources: ResourcesOfApp, wave: AnyWave
) -> Response:
    """Show error rates with intervals, keyers' speed and hours, and how alike forms are."""
    return console.show(
        "paper_quality.html",
        wave=wave,
        quality=await keying_quality(resources, wave),
        likeness=await interviewer_likeness(resources, wave, seed=SEED),
    )
