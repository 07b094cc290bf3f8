"""Keying: the page made for speed, the address that takes its forms, the plain page without script.

The serial makes sending safe to repeat. Nothing of anybody else's entry is told: not whether there
is one, nor whether the two agree.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import Field

from app.console.access import SignedIn, staff_may
from app.console.pages import ThisConsolePage
from app.console.paper_words import CALLING, KEYING, say_all, say_error
from app.dependencies import AnyWave, ResourcesOfApp
from app.domain.questionnaires.audience import Mode
from app.domain.rights.rights import Act
from app.errors import InvalidInput, MinyiError
from app.errors.paper import BatchNotFound, EntryRefused, OtherKeyer
from app.form_data import PostedForm, only
from app.json_body import InputModel, json_body
from app.rendering import STATIC_FILES
from app.security import ANYONE
from app.services.paper_batches import Batch, find_batch
from app.services.paper_keying import KeyedSheet, key_form, sheet_to_key
from app.services.paper_sheets import Sheets
from app.services.resources import Resources
from app.services.waves import Wave

router = APIRouter(prefix="/paper/{wave_id}/batches/{batch_id}")
worker = APIRouter()
KEY = staff_may(Act.KEY_FORMS)


class EntryBody(InputModel):
    """One form as keyed: marks by field code. `keyer` is who keyed it, on a shared computer."""

    keyer: str = Field(max_length=100)
    serial: str = Field(max_length=40)
    marks: dict[str, str] = Field(max_length=1000)
    seconds: float = Field(ge=0, le=86_400)


async def batch_in_path(resources: ResourcesOfApp, wave: AnyWave, batch_id: str) -> Batch:
    """Load the batch named in the path; raises BatchNotFound."""
    return await find_batch(resources, wave, batch_id)


BatchInPath = Annotated[Batch, Depends(batch_in_path)]


async def paper_batch_in_path(batch: BatchInPath) -> Batch:
    """Give the batch of paper forms named in the path; raises BatchNotFound for call sheets."""
    if batch.mode is not Mode.PAPER:
        raise BatchNotFound
    return batch


PaperBatchInPath = Annotated[Batch, Depends(paper_batch_in_path)]


@worker.get("/keying-worker.js", dependencies=[ANYONE])
async def serve_worker() -> Response:
    """Serve the script that opens the keying page without a network; it must live up here."""
    found = STATIC_FILES["keying-worker.js"]
    headers = {"Cache-Control": "no-cache"}
    return Response(found.content, media_type=found.content_type, headers=headers)


@router.get("/keying", dependencies=[KEY])
async def show_keying(
    console: ThisConsolePage, resources: ResourcesOfApp, wave: AnyWave, batch: BatchInPath
) -> Response:
    """Show the keying page; for a call station, each sheet comes with its call."""
    by_phone = batch.mode is Mode.PHONE
    return console.show(
        "keying.html",
        wave=wave,
        batch=batch,
        plan=[] if by_phone else Sheets(resources, wave).plan(batch, console.page.language),
        range={"wave": wave.id, "first": batch.first, "last": batch.last},
        said=say_all(console.page, CALLING if by_phone else KEYING),
    )


@router.post("/entries", dependencies=[KEY], status_code=201)
async def take_entry(
    resources: ResourcesOfApp,
    session: SignedIn,
    wave: AnyWave,
    batch_id: str,
    body: Annotated[EntryBody, Depends(json_body(EntryBody))],
) -> Response:
    """Store one form; 200 where the same was stored before. The reply follows the commit."""
    if body.keyer != session.actor.name:
        raise OtherKeyer
    keyed = KeyedSheet(body.serial, body.marks, body.seconds)
    stored = await key_form(resources, wave, keyed, by=session.actor.name, batch=batch_id)
    status = 200 if stored.repeated else 201
    return JSONResponse({"serial": stored.serial, "repeated": stored.repeated}, status)


@router.get("/form", dependencies=[KEY])
async def show_plain_form(
    console: ThisConsolePage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    batch: PaperBatchInPath,
    serial: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """Show one form as a plain page, for browsers without script; first ask for its serial."""
    if not serial:
        return _plain(console, resources, wave, batch)
    try:
        sheet = await sheet_to_key(
            resources, wave, serial=serial, by=console.actor.name, batch=batch.batch
        )
    except (EntryRefused, InvalidInput) as refused:
        return _plain(console, resources, wave, batch, refused=refused)
    return _plain(console, resources, wave, batch, serial=str(sheet.serial))


def _plain(
    console: ThisConsolePage,
    resources: Resources,
    wave: Wave,
    batch: Batch,
    *,
    serial: str = "",
    marks: dict[str, str] | None = None,
    refused: MinyiError | None = None,
    stored: str = "",
) -> Response:
    return console.show(
        "keying_plain.html",
        status=refused.status if refused else 200,
        wave=wave,
        batch=batch,
        plan=Sheets(resources, wave).plan(batch, console.page.language) if serial else [],
        serial=serial,
        marks=marks or {},
        refusals=say_error(console.page, refused) if refused else [],
        stored=stored,
    )


@router.post("/form", dependencies=[KEY])
async def take_plain_form(
    console: ThisConsolePage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    batch: PaperBatchInPath,
    form: PostedForm,
) -> Response:
    """Store one form from the plain page."""
    plan = Sheets(resources, wave).plan(batch, console.page.language)
    marks = only(form, "serial", *(field["code"] for field in plan))
    serial = marks.pop("serial", "")
    try:
        await key_form(
            resources,
            wave,
            KeyedSheet(serial, marks),
            by=console.actor.name,
            batch=batch.batch,
        )
    except (EntryRefused, InvalidInput) as refused:
        return _plain(console, resources, wave, batch, serial=serial, marks=marks, refused=refused)
    return RedirectResponse(console.page.path, 303)
