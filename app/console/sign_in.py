"""Signing in and out, the first password, and proving identity before a dangerous act."""

import re

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from app.console import cookies
from app.console.access import SignedIn, staff_may
from app.console.pages import ConsolePage, Form, ThisConsolePage, refused_form, show_page
from app.dependencies import Attempts, ResourcesOfApp
from app.domain.accounts.sessions import Stage
from app.domain.rights.rights import Act
from app.errors import InvalidInput
from app.errors.staff import SignInRefused
from app.form_data import PostedForm, only
from app.rendering import Page, ThisPage
from app.security import ANYONE
from app.services import staff_accounts, staff_sessions, staff_sign_in
from app.services.resources import Resources
from app.services.staff_sessions import NewSession
from app.services.staff_sso import linked_since
from app.services.staff_sso_trip import is_offered

router = APIRouter()

HALF_SIGNED_IN = staff_may(Act.USE_OWN_ACCOUNT, Stage.SECOND_FACTOR)
PROVING = staff_may(Act.USE_OWN_ACCOUNT, Stage.FULL, Stage.ENROLMENT)
SIGNED_IN_AT_ALL = staff_may(Act.USE_OWN_ACCOUNT, *Stage)
_NEXT = {
    Stage.SECOND_FACTOR: "/console/second-factor",
    Stage.ENROLMENT: "/console/account/second-factor",
    Stage.FULL: "/console",
}
_CONSOLE_PATH = re.compile(r"/console(/[A-Za-z0-9][A-Za-z0-9_.-]*)*")


def enter(resources: Resources, begun: NewSession) -> Response:
    """Lead on with a new session."""
    response = RedirectResponse(_NEXT[begun.stage], 303)
    cookies.remember_session(resources.settings, response, begun.token)
    return response


@router.get("/sign-in", dependencies=[ANYONE])
async def show_sign_in(page: ThisPage, resources: ResourcesOfApp) -> Response:
    """Ask for name and password."""
    return show_page(page, "sign_in.html", refused="", sso=is_offered(resources))


@router.post("/sign-in", dependencies=[ANYONE])
async def sign_in(
    page: ThisPage, resources: ResourcesOfApp, form: PostedForm, attempts: Attempts
) -> Response:
    """Sign in; what is wrong with name or password is not told."""
    fields = only(form, "name", "password")
    try:
        async with attempts.watching("staff", SignInRefused):
            begun = await staff_sign_in.sign_in(
                resources, name=fields.get("name", ""), password=fields.get("password", "")
            )
    except SignInRefused as refused:
        return _ask_again(page, "sign_in.html", refused, sso=is_offered(resources))
    return enter(resources, begun)


def _ask_again(page: Page, template: str, refused: SignInRefused, **context: object) -> Response:
    message = page.say(refused.title)
    return show_page(page, template, status=refused.status, refused=message, **context)


@router.get("/second-factor", dependencies=[HALF_SIGNED_IN])
async def show_second_factor(page: ThisPage) -> Response:
    """Ask for the code of the second factor."""
    return show_page(page, "second_factor.html", refused="")


@router.post("/second-factor", dependencies=[HALF_SIGNED_IN])
async def give_code(
    page: ThisPage,
    resources: ResourcesOfApp,
    session: SignedIn,
    form: PostedForm,
    attempts: Attempts,
) -> Response:
    """Finish signing in."""
    code = only(form, "code").get("code", "")
    try:
        async with attempts.watching("staff", SignInRefused):
            begun = await staff_sign_in.give_code(resources, session, code)
    except SignInRefused as refused:
        return _ask_again(page, "second_factor.html", refused)
    return enter(resources, begun)


@router.post("/sign-out", dependencies=[SIGNED_IN_AT_ALL])
async def sign_out(resources: ResourcesOfApp, session: SignedIn) -> Response:
    """End the session, here and on the server."""
    await staff_sessions.sign_out(resources, session)
    response = RedirectResponse("/console/sign-in", 303)
    cookies.forget_session(response)
    return response


@router.get("/prove", dependencies=[PROVING])
async def show_proof(
    console: ThisConsolePage, resources: ResourcesOfApp, back: str = "/console"
) -> Response:
    """Ask for the password once more, before a dangerous act."""
    return await _ask_for_proof(console, resources, local(back))


async def _ask_for_proof(
    console: ConsolePage, resources: Resources, back: str, *, status: int = 200, refused: str = ""
) -> Response:
    sso = is_offered(resources) and await linked_since(resources, console.session)
    return console.show("prove.html", status=status, back=back, refused=refused, sso=sso)


@router.post("/prove", dependencies=[PROVING])
async def prove(
    console: ThisConsolePage,
    resources: ResourcesOfApp,
    form: PostedForm,
    attempts: Attempts,
) -> Response:
    """Prove who one is and go back to the act."""
    fields = only(form, "password", "code", "back")
    back = local(fields.get("back", "/console"))
    try:
        async with attempts.watching("staff", SignInRefused):
            await staff_sign_in.prove_identity(
                resources,
                console.session,
                password=fields.get("password", ""),
                code=fields.get("code", ""),
            )
    except SignInRefused as refused:
        message = console.page.say(refused.title)
        return await _ask_for_proof(
            console, resources, back, status=refused.status, refused=message
        )
    return RedirectResponse(back, 303)


def local(back: str) -> str:
    """Take a path of the console; anything else leads to its first page."""
    return back if _CONSOLE_PATH.fullmatch(back) else "/console"


@router.get("/welcome/{link_id}", dependencies=[ANYONE])
async def show_welcome(page: ThisPage, resources: ResourcesOfApp, link_id: str) -> Response:
    """Ask whoever holds a one-time link for a password; looking uses nothing up."""
    account = await staff_accounts.find_invited(resources, link_id)
    return show_page(page, "welcome.html", invited=account, form=Form(), link=link_id)


@router.post("/welcome/{link_id}", dependencies=[ANYONE])
async def accept_invitation(
    page: ThisPage, resources: ResourcesOfApp, link_id: str, form: PostedForm
) -> Response:
    """Set the first password and lead to signing in with it."""
    fields = {"password": "", "repeated": "", **only(form, "password", "repeated")}
    try:
        await staff_accounts.accept_invitation(resources, link_id, **fields)
    except InvalidInput as refused:
        account = await staff_accounts.find_invited(resources, link_id)
        return show_page(
            page,
            "welcome.html",
            status=refused.status,
            invited=account,
            form=refused_form(page, refused, fields),
            link=link_id,
        )
    return RedirectResponse("/console/sign-in", 303)
