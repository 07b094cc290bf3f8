"""Permits by API: issued to a device at level `open`, shown and read at every level."""

from typing import Annotated

from fastapi import APIRouter, Depends, status
from pydantic import Field

from app.api.v1.models import PermitOut
from app.api.v1.problems import problems
from app.dependencies import AnyWave, ResourcesOfApp
from app.domain.questionnaires.text import Code
from app.errors import (
    BodyTooLarge,
    InvalidInput,
    PermitRefused,
    UnsupportedMediaType,
    WaveClosed,
    WaveNotFound,
    WaveNotOpen,
    WayInNotOffered,
)
from app.json_body import InputModel, described_body, json_body
from app.security import ANYONE
from app.services.permits import admit, issue_open_permit

router = APIRouter(prefix="/waves/{wave_id}/permits", tags=["permits"], dependencies=[ANYONE])


class PermitIn(InputModel):
    """Which class answers, and, where a link or QR code was opened, about which place."""

    respondent_class: Code
    department: Annotated[str, Field(max_length=40)] = ""
    window: Annotated[str, Field(max_length=40)] = ""


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        InvalidInput,
        UnsupportedMediaType,
        BodyTooLarge,
        WayInNotOffered,
        WaveNotFound,
        WaveNotOpen,
        WaveClosed,
        PermitRefused,
    ),
    openapi_extra=described_body(PermitIn, {"respondent_class": "residents"}),
)
async def issue_permit(
    wave: AnyWave,
    resources: ResourcesOfApp,
    body: Annotated[PermitIn, Depends(json_body(PermitIn))],
) -> PermitOut:
    """Issue a permit of level `open`: one device, one answer. Nothing is stored before it is used.

    Invited citizens have their permit on the letter; verified and confidential ones get it after
    an identity check.
    """
    permit = await issue_open_permit(
        resources,
        wave,
        respondent_class=body.respondent_class,
        department=body.department,
        window=body.window,
    )
    admission = await admit(resources, wave, permit)
    return PermitOut(
        permit=permit,
        respondent_class=admission.respondent_class,
        trust=admission.trust,
        offered=list(admission.offer.codes),
    )
