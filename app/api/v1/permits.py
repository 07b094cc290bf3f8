"""Permits by API: issued to a device at level `open`, shown and read at every level."""

from typing import Annotated

from fastapi import APIRouter, Depends, status
from pydantic import Field

from app.api.v1.models import PermitOut
from app.api.v1.problems import problems
from app.dependencies import AnyWave, Attempts, ResourcesOfApp
from app.domain.questionnaires.text import Code
from app.errors import InvalidInput
from app.errors.answering import (
    AlreadyTookPart,
    IdentityCheckFailed,
    NoPermitsLeft,
    NotEligible,
    PermitRefused,
    WayInNotOffered,
)
from app.errors.requests import BodyTooLarge, TooManyAttempts, UnsupportedMediaType
from app.errors.waves import WaveClosed, WaveNotFound, WaveNotOpen, WavePaused
from app.json_body import InputModel, described_body, json_body
from app.security import ANYONE, SIGN_IN_HOLDER
from app.services.identity import open_sign_in
from app.services.permits import admit, issue_open_permit, permit_after_sign_in
from app.services.resources import Resources
from app.services.waves import Wave

router = APIRouter(prefix="/waves/{wave_id}/permits", tags=["permits"])


class PermitIn(InputModel):
    """Which class answers, and, where a link or QR code was opened, about which place."""

    respondent_class: Code
    department: Annotated[str, Field(max_length=40)] = ""
    window: Annotated[str, Field(max_length=40)] = ""


class DrawIn(InputModel):
    """A sign-in from `POST sign-ins/…`."""

    sign_in: Annotated[str, Field(min_length=1, max_length=4000)]


@router.post(
    "",
    dependencies=[ANYONE],
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
    return await _reply(resources, wave, permit)


@router.post(
    "/drawn",
    dependencies=[SIGN_IN_HOLDER],
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        InvalidInput,
        UnsupportedMediaType,
        BodyTooLarge,
        WayInNotOffered,
        IdentityCheckFailed,
        NotEligible,
        AlreadyTookPart,
        NoPermitsLeft,
        TooManyAttempts,
        WaveNotFound,
        WaveNotOpen,
        WavePaused,
        WaveClosed,
    ),
    openapi_extra=described_body(DrawIn, {"sign_in": "9b41…"}),
)
async def draw_permit(
    wave: AnyWave,
    resources: ResourcesOfApp,
    attempts: Attempts,
    body: Annotated[DrawIn, Depends(json_body(DrawIn))],
) -> PermitOut:
    """Give the permit of a person whose identity was checked.

    `verified`: drawn from a pool, so that nothing pairs it with the person; the same sign-in gets
    the same permit again for some minutes. `confidential`: sealed with the person's details.
    """
    async with attempts.watching("identity", AlreadyTookPart):
        sign_in = open_sign_in(resources, wave, body.sign_in)
        permit = await permit_after_sign_in(resources, wave, sign_in)
    return await _reply(resources, wave, permit)


async def _reply(resources: Resources, wave: Wave, permit: str) -> PermitOut:
    admission = await admit(resources, wave, permit)
    return PermitOut(
        permit=permit,
        respondent_class=admission.respondent_class,
        trust=admission.trust,
        offered=list(admission.offer.codes),
    )
