"""To the city's log-in and back: signing in, linking one's account, proving identity.

Leaving is a link, because browsers hold back forms that lead elsewhere. Whoever comes back presses
a button of ours: only then does the browser show its session, and only a POST changes anything.
"""

from typing import Annotated

from fastapi import APIRouter, Cookie, Response
from fastapi.responses import RedirectResponse

from app.console import cookies
from app.console.access import SignedIn, staff_may
from app.console.pages import ThisConsolePage, show_page
from app.console.sign_in import PROVING, enter, local
from app.dependencies import Attempts, ResourcesOfApp
from app.domain.rights.rights import Act
from app.errors.staff import SignInRefused, SsoRefused
from app.form_data import PostedForm, only
from app.rendering import Page, ThisPage
from app.security import ANYONE
from app.services import staff_sso, staff_sso_trip
from app.services.oidc_provider import Answer
from app.services.resources import Resources
from app.services.staff_sso_trip import Confirmed, Purpose, Trip

router = APIRouter(prefix="/sso")

OWN_FACTORS = staff_may(Act.CHANGE_OWN_FACTORS)
HeldTrip = Annotated[str, Cookie(alias=cookies.TRIP)]


@router.get("/sign-in", dependencies=[ANYONE])
async def leave_to_sign_in(resources: ResourcesOfApp) -> Response:
    """Lead to the provider to sign in."""
    return await _leave(resources, Trip(Purpose.SIGN_IN))


@router.get("/link", dependencies=[OWN_FACTORS])
async def leave_to_link(resources: ResourcesOfApp, session: SignedIn) -> Response:
    """Lead to the provider to say who one is there."""
    return await _leave(resources, staff_sso_trip.trip_of(session, Purpose.LINK))


@router.get("/prove", dependencies=[PROVING])
async def leave_to_prove(
    resources: ResourcesOfApp, session: SignedIn, back: str = "/console"
) -> Response:
    """Lead to the provider to prove once more who one is."""
    return await _leave(resources, staff_sso_trip.trip_of(session, Purpose.PROVE, local(back)))


async def _leave(resources: Resources, trip: Trip) -> Response:
    address, sealed = await staff_sso_trip.leave(resources, trip)
    response = RedirectResponse(address, 303)
    cookies.remember_trip(resources.settings, response, sealed)
    return response


@router.get("/callback", dependencies=[ANYONE])
async def come_back(
    *,
    resources: ResourcesOfApp,
    attempts: Attempts,
    held: HeldTrip = "",
    state: str = "",
    code: str = "",
    iss: str = "",
) -> Response:
    """Take the provider's answer; only the browser that left can bring it back."""
    async with attempts.watching("staff"):
        sealed = await staff_sso_trip.come_back(
            resources, sealed=held, answer=Answer(state, code, iss)
        )
    response = RedirectResponse("/console/sso/confirmed", 303)
    cookies.remember_trip(resources.settings, response, sealed)
    return response


@router.get("/confirmed", dependencies=[ANYONE])
async def show_confirmed(
    page: ThisPage, resources: ResourcesOfApp, held: HeldTrip = ""
) -> Response:
    """Say that the provider has confirmed somebody, and offer to go on."""
    return _ask_to_go_on(page, staff_sso_trip.read_confirmed(resources, held))


def _ask_to_go_on(
    page: Page, confirmed: Confirmed, *, status: int = 200, refused: str = ""
) -> Response:
    return show_page(page, "sso.html", status=status, refused=refused, confirmed=confirmed)


@router.post("/sign-in", dependencies=[ANYONE])
async def sign_in(resources: ResourcesOfApp, attempts: Attempts, held: HeldTrip = "") -> Response:
    """Sign in; whether there is an account, and in what state, is not told."""
    async with attempts.watching("staff", SsoRefused):
        begun = await staff_sso.sign_in(resources, held)
    response = enter(resources, begun)
    cookies.forget_trip(response)
    return response


@router.post("/link", dependencies=[OWN_FACTORS])
async def link(resources: ResourcesOfApp, session: SignedIn, held: HeldTrip = "") -> Response:
    """Link one's account."""
    await staff_sso.link(resources, session, held)
    return _lead_back("/console/account")


@router.post("/prove", dependencies=[PROVING])
async def prove(
    *,
    page: ThisPage,
    resources: ResourcesOfApp,
    session: SignedIn,
    form: PostedForm,
    attempts: Attempts,
    held: HeldTrip = "",
) -> Response:
    """Prove who one is and go back to the act."""
    code = only(form, "code").get("code", "")
    try:
        async with attempts.watching("staff", SignInRefused, SsoRefused):
            back = await staff_sso.prove_identity(resources, session, held, code=code)
    except SignInRefused as refused:
        confirmed = staff_sso_trip.read_confirmed(resources, held)
        message = page.say(refused.title)
        return _ask_to_go_on(page, confirmed, status=refused.status, refused=message)
    return _lead_back(back)


def _lead_back(address: str) -> Response:
    response = RedirectResponse(address, 303)
    cookies.forget_trip(response)
    return response


@router.get("/unlink", dependencies=[OWN_FACTORS])
async def show_unlink(console: ThisConsolePage) -> Response:
    """Ask whether the link is to go."""
    return console.show("sso_unlink.html")


@router.post("/unlink", dependencies=[OWN_FACTORS])
async def unlink(resources: ResourcesOfApp, session: SignedIn) -> Response:
    """Take the link away; all other sessions end."""
    begun = await staff_sso.unlink(resources, session)
    response = RedirectResponse("/console/account", 303)
    cookies.remember_session(resources.settings, response, begun.token)
    return response
