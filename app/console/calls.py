"""Calls: what the keying page of a call station asks for and tells, beside the interviews."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import Field

from app.console.access import SignedIn, staff_may
from app.console.pages import ThisConsolePage
from app.dependencies import AnyWave, ResourcesOfApp
from app.domain.paper.calls import CallResult
from app.domain.rights.rights import Act
from app.errors.paper import OtherKeyer
from app.json_body import InputModel, json_body
from app.services.paper_calls import end_call, open_call
from app.services.paper_sheets import Sheets

router = APIRouter(prefix="/paper/{wave_id}/batches/{batch_id}/calls")
KEY = staff_may(Act.KEY_FORMS)


class OpenBody(InputModel):
    """Which call sheet is wanted; without a serial the next one."""

    serial: str = Field(default="", max_length=40)


class EndBody(InputModel):
    """What became of a call without an interview. `keyer` is who called."""

    keyer: str = Field(max_length=100)
    serial: str = Field(max_length=40)
    attempt: int = Field(ge=1, le=10_000)
    result: Literal["refused", "no_contact", "ineligible", "language", "call_back"]


@router.post("/open", dependencies=[KEY])
async def begin(
    console: ThisConsolePage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    batch_id: str,
    body: Annotated[OpenBody, Depends(json_body(OpenBody))],
) -> JSONResponse:
    """Give the call sheet to be called, with everything that is read out."""
    by = console.actor.name
    call = await open_call(resources, wave, batch=batch_id, by=by, serial=body.serial)
    script = Sheets(resources, wave).script(call.sheet, console.page.language)
    told = {"serial": str(call.sheet.serial), "number": call.sheet.serial.number}
    return JSONResponse(told | {"attempt": call.attempt, "plan": script})


@router.post("", dependencies=[KEY], status_code=201)
async def end(
    resources: ResourcesOfApp,
    session: SignedIn,
    wave: AnyWave,
    batch_id: str,
    body: Annotated[EndBody, Depends(json_body(EndBody))],
) -> JSONResponse:
    """Store what became of a call; 200 where the same was stored before."""
    if body.keyer != session.actor.name:
        raise OtherKeyer
    repeated = await end_call(
        resources,
        wave,
        batch=batch_id,
        serial=body.serial,
        attempt=body.attempt,
        result=CallResult(body.result),
        by=session.actor.name,
    )
    return JSONResponse({"serial": body.serial, "repeated": repeated}, 200 if repeated else 201)
