"""One's own account: password, second factor, recovery codes, sessions."""

import binascii

import segno
from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from app.console import cookies
from app.console.access import SignedIn, staff_may
from app.console.pages import Form, ThisConsolePage, refused_form, show_page
from app.dependencies import ResourcesOfApp
from app.domain.accounts.rules import SHORTEST_PASSWORD
from app.domain.accounts.sessions import Stage
from app.domain.rights.rights import Act
from app.errors import InvalidInput, NotFound
from app.form_data import PostedForm, only
from app.rendering import ThisPage
from app.services import staff_accounts, staff_sessions, staff_sso
from app.services.staff_accounts import Enrolment
from app.services.staff_sso_trip import is_offered

router = APIRouter(prefix="/account")

OWN_ACCOUNT = staff_may(Act.USE_OWN_ACCOUNT)
OWN_FACTORS = staff_may(Act.CHANGE_OWN_FACTORS)
ENROLLING = staff_may(Act.CHANGE_OWN_FACTORS, Stage.FULL, Stage.ENROLMENT)


@router.get("", dependencies=[OWN_ACCOUNT])
async def show_account(console: ThisConsolePage, resources: ResourcesOfApp) -> Response:
    """Show what the account has and where it is signed in."""
    sessions = await staff_sessions.list_sessions(resources, console.session)
    return console.show(
        "account.html",
        sessions=sessions,
        present=console.session.record.token_hash,
        recovery_codes=await staff_accounts.count_recovery_codes(resources, console.session),
        sso=is_offered(resources),
        linked_since=await staff_sso.linked_since(resources, console.session),
    )


@router.get("/password", dependencies=[OWN_FACTORS])
async def show_password(console: ThisConsolePage) -> Response:
    """Ask for a new password."""
    return console.show("password.html", form=Form(), least=SHORTEST_PASSWORD)


@router.post("/password", dependencies=[OWN_FACTORS])
async def change_password(
    console: ThisConsolePage, resources: ResourcesOfApp, form: PostedForm
) -> Response:
    """Change the password; all other sessions end."""
    fields = {"password": "", "repeated": "", **only(form, "password", "repeated")}
    try:
        begun = await staff_accounts.change_password(resources, console.session, **fields)
    except InvalidInput as refused:
        shown = refused_form(console.page, refused, fields)
        return console.show("password.html", status=422, form=shown, least=SHORTEST_PASSWORD)
    response = RedirectResponse("/console/account", 303)
    cookies.remember_session(resources.settings, response, begun.token)
    return response


@router.get("/second-factor", dependencies=[ENROLLING])
async def show_enrolment(page: ThisPage, resources: ResourcesOfApp, session: SignedIn) -> Response:
    """Offer a secret to an authenticator app."""
    offer = staff_accounts.offer_second_factor(resources, session)
    return show_page(page, "enrolment.html", offer=_shown(offer), refused="")


def _shown(offer: Enrolment) -> dict[str, str]:
    """Give the QR code as an image, the secret in groups of four, and the sealed secret."""
    secret = offer.secret
    return {
        "qr": segno.make(offer.address, error="m").svg_data_uri(scale=5, border=4, light="#fff"),
        "secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        "sealed": offer.sealed,
    }


@router.post("/second-factor", dependencies=[ENROLLING])
async def enrol(
    page: ThisPage, resources: ResourcesOfApp, session: SignedIn, form: PostedForm
) -> Response:
    """Set up the second factor and show the recovery codes, this once."""
    fields = only(form, "sealed", "code")
    sealed = fields.get("sealed", "")
    done = await staff_accounts.set_second_factor(
        resources, session, sealed=sealed, code=fields.get("code", "")
    )
    if done is None:
        offer = staff_accounts.repeat_offer(resources, session, sealed)
        message = page.say("This is not the code that the app shows now.")
        return show_page(page, "enrolment.html", status=422, offer=_shown(offer), refused=message)
    begun, codes = done
    response = show_page(page, "recovery_codes.html", codes=codes)
    cookies.remember_session(resources.settings, response, begun.token)
    return response


@router.get("/recovery-codes", dependencies=[OWN_FACTORS])
async def show_recovery(console: ThisConsolePage, resources: ResourcesOfApp) -> Response:
    """Say how many recovery codes are left and offer new ones."""
    left = await staff_accounts.count_recovery_codes(resources, console.session)
    return console.show("recovery.html", left=left)


@router.post("/recovery-codes", dependencies=[OWN_FACTORS])
async def renew_recovery_codes(console: ThisConsolePage, resources: ResourcesOfApp) -> Response:
    """Make new recovery codes and show them, this once."""
    if not console.session.account.has_second_factor:
        raise NotFound
    codes = await staff_accounts.renew_recovery_codes(resources, console.session)
    return console.show("recovery_codes.html", codes=codes)


@router.post("/sessions/{session_id}/end", dependencies=[OWN_ACCOUNT])
async def end_session(resources: ResourcesOfApp, session: SignedIn, session_id: str) -> Response:
    """End one of one's own sessions."""
    try:
        token_hash = binascii.unhexlify(session_id)
    except ValueError:
        raise NotFound from None
    await staff_sessions.end_own_session(resources, session, token_hash)
    return RedirectResponse("/console/account", 303)


@router.post("/sessions/end-all", dependencies=[OWN_ACCOUNT])
async def end_sessions(resources: ResourcesOfApp, session: SignedIn) -> Response:
    """End all of one's own sessions, this one too."""
    await staff_sessions.end_own_sessions(resources, session)
    response = RedirectResponse("/console/sign-in", 303)
    cookies.forget_session(response)
    return response
