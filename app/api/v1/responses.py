"""Responses by API: the same door as the pages."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response, status
from pydantic import Field

from app.api.v1.models import PermitOut, ReceiptOut
from app.api.v1.problems import problems
from app.dependencies import (
    AnyWave,
    Attempts,
    ResourcesOfApp,
    get_attempt_guard,
    get_resources,
)
from app.errors import InvalidInput
from app.errors.answering import AlreadyTookPart, PermitRefused
from app.errors.requests import BodyTooLarge, TooManyAttempts, UnsupportedMediaType
from app.errors.waves import WaveClosed, WaveNotFound, WaveNotOpen
from app.json_body import InputModel, described_body, json_body, read_json
from app.route_table import PlainRoute
from app.security import PERMIT_HOLDER
from app.services.permits import admit
from app.services.responses import accept_response
from app.services.waves import find_wave

router = APIRouter(prefix="/waves/{wave_id}", tags=["responses"], dependencies=[PERMIT_HOLDER])
hot = APIRouter(route_class=PlainRoute)
PERMIT_PROBLEMS = (
    InvalidInput,
    UnsupportedMediaType,
    BodyTooLarge,
    PermitRefused,
    AlreadyTookPart,
    TooManyAttempts,
    WaveNotFound,
    WaveNotOpen,
    WaveClosed,
)


class AdmissionIn(InputModel):
    """A permit of any level: from a letter, a QR code or an identity check."""

    permit: Annotated[str, Field(min_length=1, max_length=4000)]


class ResponseIn(AdmissionIn):
    """A permit and all answers by question code."""

    answers: dict[str, Any]


@router.post(
    "/admissions",
    responses=problems(*PERMIT_PROBLEMS),
    openapi_extra=described_body(AdmissionIn, {"permit": "7K3M-9QXA-11CD"}),
)
async def read_permit(
    wave: AnyWave,
    resources: ResourcesOfApp,
    attempts: Attempts,
    body: Annotated[AdmissionIn, Depends(json_body(AdmissionIn))],
) -> PermitOut:
    """Say what a permit allows, without spending it: the class and the departments offered."""
    async with attempts.watching("permit"):
        admission = await admit(resources, wave, body.permit)
    return PermitOut(
        permit=body.permit,
        respondent_class=admission.respondent_class,
        trust=admission.trust,
        offered=list(admission.offer.codes),
    )


@hot.post(
    "/responses",
    status_code=status.HTTP_201_CREATED,
    response_model=ReceiptOut,
    responses={
        200: {"model": ReceiptOut, "description": "The same answers had been stored before."},
        **problems(*PERMIT_PROBLEMS),
    },
    openapi_extra=described_body(
        ResponseIn,
        {"permit": "7K3M-9QXA-11CD", "answers": {"rating": {"D01": {"attitude": "satisfied"}}}},
    ),
)
async def submit_response(request: Request, wave_id: str) -> Response:
    """Store a questionnaire, once per permit.

    201: stored durably. 200: the same answers were stored before, here is the same receipt. A
    person who took part by another way gets a receipt with status `duplicate`: kept, not counted.
    """
    resources = await get_resources(request)
    wave = await find_wave(resources, wave_id)
    body = await read_json(request, ResponseIn)
    attempts = await get_attempt_guard(request)
    async with attempts.watching("permit"):
        accepted = await accept_response(resources, wave, body.permit, body.answers)
    receipt = ReceiptOut(
        id=accepted.receipt,
        wave=wave.code,
        received_on=accepted.received_on,
        status=accepted.status,
    )
    code = status.HTTP_200_OK if accepted.repeated else status.HTTP_201_CREATED
    return Response(receipt.model_dump_json(), code, media_type="application/json")


router.include_router(hot)
