"""To the questionnaire by the city's log-in: away, and back to one address for all waves.

Providers register exact addresses to come back to; so the wave stands in the sealed cookie.
"""

from typing import Annotated

from fastapi import APIRouter, Cookie, Response
from fastapi.responses import RedirectResponse

from app.dependencies import AnyWave, Attempts, ResourcesOfApp
from app.security import ANYONE, SIGN_IN_HOLDER
from app.services.log_in import RETURN_PATH, begin_log_in, finish_log_in
from app.web import cookies
from app.web.identity import Way, leave_sign_in

router = APIRouter()


@router.get("/w/{wave_id}/identify/{respondent_class}/{trust}/log-in", dependencies=[ANYONE])
async def leave_for_provider(resources: ResourcesOfApp, wave: AnyWave, way: Way) -> Response:
    """Lead to the provider. A link, because browsers hold back forms that lead elsewhere."""
    address, sealed = await begin_log_in(resources, wave, way)
    response = RedirectResponse(address, 303)
    cookies.remember_log_in(resources.settings, response, sealed)
    return response


@router.get(RETURN_PATH, dependencies=[SIGN_IN_HOLDER])
async def come_back(
    *,
    resources: ResourcesOfApp,
    attempts: Attempts,
    held: Annotated[str, Cookie(alias=cookies.LOG_IN)] = "",
    state: str = "",
    code: str = "",
    iss: str = "",
) -> Response:
    """Take the provider's answer; only the browser that left can bring it back."""
    async with attempts.watching("identity"):
        wave, passed = await finish_log_in(
            resources, sealed=held, state=state, code=code, issuer=iss
        )
    response = leave_sign_in(resources, wave, passed)
    cookies.forget_log_in(response)
    return response
