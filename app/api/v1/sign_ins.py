"""Sign-ins by API: an identity check passed, sealed for ten minutes into a token of the sender's.

The server keeps no record of it. With the token a permit is had from `POST permits/drawn`.
"""

import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, status
from pydantic import Field

from app.api.v1.models import OutputModel
from app.api.v1.problems import problems
from app.dependencies import AnyWave, Attempts, ResourcesOfApp
from app.domain.deduplication.phone_challenge import GOOD_FOR as CODE_GOOD_FOR
from app.domain.deduplication.sign_in import SignIn
from app.domain.questionnaires.audience import Trust
from app.domain.questionnaires.text import Code
from app.errors import InvalidInput
from app.errors.answering import IdentityCheckFailed, IdentityCheckUnavailable, WayInNotOffered
from app.errors.requests import BodyTooLarge, TooManyAttempts, UnsupportedMediaType
from app.errors.waves import WaveClosed, WaveNotFound, WaveNotOpen, WavePaused
from app.json_body import InputModel, described_body, json_body
from app.security import ANYONE
from app.services.identity import WayWanted, seal_sign_in, sign_in_by_national_id
from app.services.phone_codes import send_phone_code, sign_in_by_phone_code
from app.services.resources import Resources
from app.services.waves import Wave

router = APIRouter(prefix="/waves/{wave_id}/sign-ins", tags=["sign-ins"], dependencies=[ANYONE])
PROBLEMS = (
    InvalidInput,
    UnsupportedMediaType,
    BodyTooLarge,
    WayInNotOffered,
    WaveNotFound,
    WaveNotOpen,
    WavePaused,
    WaveClosed,
)
SealedText = Annotated[str, Field(min_length=1, max_length=4000)]


class WayIn(InputModel):
    """By which class and level the person takes part; the name at level `confidential` only."""

    respondent_class: Code
    trust: Literal["verified", "confidential"]
    name: Annotated[str, Field(max_length=200)] = ""

    @property
    def way(self) -> WayWanted:
        """The same for the services."""
        return WayWanted(self.respondent_class, Trust(self.trust))


class NationalIdIn(WayIn):
    """The number of a resident identity document (GB 11643)."""

    national_id: Annotated[str, Field(max_length=100)]


class PhoneCodeIn(WayIn):
    """A mainland mobile number to which a code is sent."""

    phone: Annotated[str, Field(max_length=100)]


class PhoneSignInIn(InputModel):
    """The code that was sent, with the challenge got when it was sent."""

    challenge: SealedText
    code: Annotated[str, Field(min_length=1, max_length=40)]


class ChallengeOut(OutputModel):
    """Goes with the code that was sent."""

    challenge: str = Field(examples=["3f9c…"], description="Send it back with the code.")
    expires_at: datetime.datetime


class SignInOut(OutputModel):
    """A passed identity check. Keep it until the permit is there: it can repeat its draw."""

    sign_in: str = Field(examples=["8d01…"], description="Draws the permit.")
    expires_at: datetime.datetime


@router.post(
    "/national-id",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*PROBLEMS, TooManyAttempts),
    openapi_extra=described_body(
        NationalIdIn,
        {
            "respondent_class": "residents",
            "trust": "verified",
            "national_id": "11010119900307803X",
        },
    ),
)
async def sign_in_with_national_id(
    wave: AnyWave,
    resources: ResourcesOfApp,
    attempts: Attempts,
    body: Annotated[NationalIdIn, Depends(json_body(NationalIdIn))],
) -> SignInOut:
    """Check the number of an identity document. It is not stored and not repeated."""
    async with attempts.watching("identity", InvalidInput):
        sign_in = sign_in_by_national_id(
            resources, wave, body.way, national_id=body.national_id, name=body.name
        )
    return _reply(resources, wave, sign_in)


@router.post(
    "/phone-codes",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(*PROBLEMS, TooManyAttempts, IdentityCheckUnavailable),
    openapi_extra=described_body(
        PhoneCodeIn,
        {"respondent_class": "residents", "trust": "verified", "phone": "13800138000"},
    ),
)
async def send_code_to_phone(
    wave: AnyWave,
    resources: ResourcesOfApp,
    attempts: Attempts,
    body: Annotated[PhoneCodeIn, Depends(json_body(PhoneCodeIn))],
) -> ChallengeOut:
    """Send a one-time code, good for five minutes. The reply is the same for every number."""
    challenge = await send_phone_code(
        resources, wave, body.way, attempts, phone=body.phone, name=body.name
    )
    return ChallengeOut(challenge=challenge, expires_at=resources.now() + CODE_GOOD_FOR)


@router.post(
    "/phone",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*PROBLEMS, IdentityCheckFailed, TooManyAttempts),
    openapi_extra=described_body(PhoneSignInIn, {"challenge": "5f0c…", "code": "294315"}),
)
async def sign_in_with_phone(
    wave: AnyWave,
    resources: ResourcesOfApp,
    attempts: Attempts,
    body: Annotated[PhoneSignInIn, Depends(json_body(PhoneSignInIn))],
) -> SignInOut:
    """Type the code back. The same code gives the same sign-in again, until it expires."""
    async with attempts.watching("identity"):
        sign_in = await sign_in_by_phone_code(
            resources, wave, attempts, challenge=body.challenge, code=body.code
        )
    return _reply(resources, wave, sign_in)


def _reply(resources: Resources, wave: Wave, sign_in: SignIn) -> SignInOut:
    return SignInOut(sign_in=seal_sign_in(resources, wave, sign_in), expires_at=sign_in.until)
