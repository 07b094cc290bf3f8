"""Responses by API: the same door as the pages."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response, status
from pydantic import Field

from app.api.v1.models import PermitOut, ReceiptOut
from app.api.v1.problems import problems
from app.dependencies import AnyWave, Attempts, ResourcesOfApp
from app.errors import (
    AlreadyTookPart,
    BodyTooLarge,
    InvalidInput,
    PermitRefused,
    TooManyAttempts,
    UnsupportedMediaType,
    WaveClosed,
    WaveNotFound,
    WaveNotOpen,
)
from app.json_body import InputModel, described_body, json_body
from app.security import PERMIT_HOLDER
from app.services.permits import admit
from app.services.responses import accept_response

router = APIRouter(prefix="/waves/{wave_id}", tags=["responses"], dependencies=[PERMIT_HOLDER])
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


@router.post(
    "/responses",
    status_code=status.HTTP_201_CREATED,
    responses={
        200: {"model": ReceiptOut, "description": "The same answers had been stored before."},
        **problems(*PERMIT_PROBLEMS),
    },
    openapi_extra=described_body(
        ResponseIn,
        {"permit": "7K3M-9QXA-11CD", "answers": {"rating": {"D01": {"attitude": "satisfied"}}}},
    ),
)
async def submit_response(
    wave: AnyWave,
    resources: ResourcesOfApp,
    attempts: Attempts,
    reply: Response,
    body: Annotated[ResponseIn, Depends(json_body(ResponseIn))],
) -> ReceiptOut:
    """Store a questionnaire, once per permit.

    201: stored durably. 200: the same answers were stored before, here is the same receipt. A
    person who took part by another way gets a receipt with status `duplicate`: kept, not counted.
    """
    async with attempts.watching("permit"):
        accepted = await accept_response(resources, wave, body.permit, body.answers)
    if accepted.repeated:
        reply.status_code = status.HTTP_200_OK
    return ReceiptOut(
        id=accepted.receipt,
        wave=wave.code,
        received_on=accepted.received_on,
        status=accepted.status,
    )
