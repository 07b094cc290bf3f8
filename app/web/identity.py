"""To the questionnaire by an identity check: document number, or phone and code.

Two steps: the check leaves a sealed sign-in with the browser; a post with it begins. Where the
reply to the second is lost, it can be sent again and gives the same permit.
"""

from typing import Annotated

from fastapi import APIRouter, Cookie, Depends, Response
from fastapi.responses import RedirectResponse

from app.dependencies import AnyWave, Attempts, ResourcesOfApp
from app.domain.deduplication import phone_challenge, sign_in
from app.domain.deduplication.sign_in import SignIn
from app.domain.questionnaires.audience import Trust
from app.errors import InvalidInput, NotFound
from app.errors.answering import AlreadyTookPart
from app.form_data import PostedForm, only
from app.rendering import ThisPage
from app.security import ANYONE, SIGN_IN_HOLDER
from app.services.identity import (
    WayWanted,
    checks_offered,
    open_sign_in,
    require_check,
    seal_sign_in,
    sign_in_by_national_id,
)
from app.services.permits import permit_after_sign_in
from app.services.phone_codes import open_challenge, send_phone_code, sign_in_by_phone_code
from app.services.resources import Resources
from app.services.waves import Wave
from app.web import cookies
from app.web.identity_pages import (
    already_begun_page,
    begin_page,
    choice_page,
    code_page,
    identity_form,
)
from app.web.start import begin

router = APIRouter(prefix="/w/{wave_id}/identify")

HeldChallenge = Annotated[str, Cookie(alias=cookies.CHALLENGE)]
HeldSignIn = Annotated[str, Cookie(alias=cookies.SIGN_IN)]


async def get_way(respondent_class: str, trust: str) -> WayWanted:
    """Read class and level from the path. Raises NotFound."""
    if trust not in (Trust.VERIFIED, Trust.CONFIDENTIAL):
        raise NotFound
    return WayWanted(respondent_class, Trust(trust))


Way = Annotated[WayWanted, Depends(get_way)]


@router.get("/code", dependencies=[SIGN_IN_HOLDER])
async def show_code_form(
    page: ThisPage, resources: ResourcesOfApp, wave: AnyWave, challenge: HeldChallenge = ""
) -> Response:
    """Ask for the code that was sent."""
    return code_page(page, wave, open_challenge(resources, wave, challenge))


@router.post("/code", dependencies=[SIGN_IN_HOLDER])
async def enter_phone_code(
    *,
    page: ThisPage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    form: PostedForm,
    attempts: Attempts,
    challenge: HeldChallenge = "",
) -> Response:
    """Take the code; a wrong one can be tried again, a few times."""
    code = only(form, "code").get("code", "")
    try:
        async with attempts.watching("identity"):
            passed = await sign_in_by_phone_code(
                resources, wave, attempts, challenge=challenge, code=code
            )
    except InvalidInput as refused:
        return code_page(page, wave, open_challenge(resources, wave, challenge), refused.faults)
    return leave_sign_in(resources, wave, passed)


@router.get("/begin", dependencies=[SIGN_IN_HOLDER])
async def show_begin(
    page: ThisPage, resources: ResourcesOfApp, wave: AnyWave, held: HeldSignIn = ""
) -> Response:
    """Say that the check was passed, and what happens with it."""
    return begin_page(page, wave, open_sign_in(resources, wave, held))


@router.post("/begin", dependencies=[SIGN_IN_HOLDER])
async def begin_signed_in(
    *,
    page: ThisPage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    form: PostedForm,
    attempts: Attempts,
    held: HeldSignIn = "",
) -> Response:
    """Give the permit that the sign-in leads to; the same sign-in gives the same permit."""
    only(form)
    try:
        async with attempts.watching("identity", AlreadyTookPart):
            permit = await permit_after_sign_in(
                resources, wave, open_sign_in(resources, wave, held)
            )
    except AlreadyTookPart:
        return already_begun_page(page, wave)
    return await begin(resources, wave, permit)


@router.get("/{respondent_class}/{trust}", dependencies=[ANYONE])
async def choose_check(
    page: ThisPage, resources: ResourcesOfApp, wave: AnyWave, way: Way
) -> Response:
    """Offer the identity checks of this way in."""
    return choice_page(page, wave, way, checks_offered(resources, wave, way))


@router.get("/{respondent_class}/{trust}/national-id", dependencies=[ANYONE])
async def show_national_id_form(
    page: ThisPage, resources: ResourcesOfApp, wave: AnyWave, way: Way
) -> Response:
    """Ask for the number of an identity document."""
    require_check(resources, wave, way, "national_id")
    return identity_form(page, wave, way, "national_id")


@router.post("/{respondent_class}/{trust}/national-id", dependencies=[ANYONE])
async def enter_national_id(
    *,
    page: ThisPage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    way: Way,
    form: PostedForm,
    attempts: Attempts,
) -> Response:
    """Check the number; it is not stored, and not shown again."""
    fields = only(form, "national_id", "name")
    try:
        async with attempts.watching("identity", InvalidInput):
            passed = sign_in_by_national_id(
                resources,
                wave,
                way,
                national_id=fields.get("national_id", ""),
                name=fields.get("name", ""),
            )
    except InvalidInput as refused:
        return identity_form(page, wave, way, "national_id", refused.faults)
    return leave_sign_in(resources, wave, passed)


@router.get("/{respondent_class}/{trust}/phone", dependencies=[ANYONE])
async def show_phone_form(
    page: ThisPage, resources: ResourcesOfApp, wave: AnyWave, way: Way
) -> Response:
    """Ask for a mobile number."""
    require_check(resources, wave, way, "phone")
    return identity_form(page, wave, way, "phone")


@router.post("/{respondent_class}/{trust}/phone", dependencies=[ANYONE])
async def send_code(
    *,
    page: ThisPage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    way: Way,
    form: PostedForm,
    attempts: Attempts,
) -> Response:
    """Send a code and ask for it on the next page."""
    fields = only(form, "phone", "name")
    try:
        challenge = await send_phone_code(
            resources,
            wave,
            way,
            attempts,
            phone=fields.get("phone", ""),
            name=fields.get("name", ""),
        )
    except InvalidInput as refused:
        return identity_form(page, wave, way, "phone", refused.faults)
    response = RedirectResponse(f"/w/{wave.code}/identify/code", 303)
    cookies.remember(
        resources.settings,
        response,
        cookies.CHALLENGE,
        challenge,
        wave=wave.code,
        good_for=phone_challenge.GOOD_FOR,
    )
    return response


def leave_sign_in(resources: Resources, wave: Wave, passed: SignIn) -> Response:
    """Leave the sealed sign-in with the browser and lead to where it begins."""
    response = RedirectResponse(f"/w/{wave.code}/identify/begin", 303)
    cookies.remember(
        resources.settings,
        response,
        cookies.SIGN_IN,
        seal_sign_in(resources, wave, passed),
        wave=wave.code,
        good_for=sign_in.GOOD_FOR,
    )
    return response
