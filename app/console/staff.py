"""Accounts: list, invite, change rights, reset, disable."""

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from app.console.access import staff_may
from app.console.pages import Form, ThisConsolePage, refused_form
from app.dependencies import ResourcesOfApp
from app.domain.accounts.rules import codes_of, fault
from app.domain.rights.rights import Act, Scope, may_somewhere
from app.domain.rights.roles import Role
from app.errors import InvalidInput
from app.errors.waves import NameTaken
from app.form_data import Fields, PostedForm, only
from app.services import staff
from app.services.staff import Rights

router = APIRouter(prefix="/staff")

SEE, CHANGE = staff_may(Act.SEE_STAFF), staff_may(Act.CHANGE_STAFF)
_RIGHTS_FIELDS = ("role", "points", "batches", "departments")


@router.get("", dependencies=[SEE])
async def list_staff(console: ThisConsolePage, resources: ResourcesOfApp) -> Response:
    """List the accounts."""
    accounts = await staff.list_staff(resources, console.actor)
    changes = may_somewhere(console.actor, Act.CHANGE_STAFF)
    return console.show("staff.html", accounts=accounts, may_change=changes)


@router.get("/invite", dependencies=[CHANGE])
async def show_invitation(console: ThisConsolePage) -> Response:
    """Ask whom to invite."""
    return console.show("invite.html", form=Form())


@router.post("/invite", dependencies=[CHANGE])
async def invite(console: ThisConsolePage, resources: ResourcesOfApp, form: PostedForm) -> Response:
    """Make the account and show its one-time link, this once."""
    fields = _fields(form, "name", "full_name", *_RIGHTS_FIELDS)
    try:
        try:
            link = await staff.invite(
                resources,
                console.actor,
                name=fields["name"],
                full_name=fields["full_name"],
                rights=_rights(fields),
            )
        except NameTaken:
            raise InvalidInput(faults=[fault("name", "name-taken")]) from None
    except InvalidInput as refused:
        shown = refused_form(console.page, refused, fields)
        return console.show("invite.html", status=refused.status, form=shown)
    return console.show("link.html", name=fields["full_name"], link=link)


def _fields(form: Fields, *names: str) -> dict[str, str]:
    return dict.fromkeys(names, "") | only(form, *names)


def _rights(fields: dict[str, str]) -> Rights:
    own = {field: codes_of(fields[field]) for field in ("points", "batches", "departments")}
    return Rights(fields["role"], Scope(**own))


@router.get("/{staff_id}/rights", dependencies=[CHANGE])
async def show_rights(
    console: ThisConsolePage, resources: ResourcesOfApp, staff_id: str
) -> Response:
    """Ask for role and own objects."""
    account = await staff.find_staff(resources, console.actor, staff_id)
    return console.show(
        "rights.html", person=account, form=Form(_present(account.role, account.scope))
    )


def _present(role: Role, scope: Scope) -> dict[str, str]:
    return {
        "role": role,
        "points": " ".join(sorted(scope.points)),
        "batches": " ".join(sorted(scope.batches)),
        "departments": " ".join(sorted(scope.departments)),
    }


@router.post("/{staff_id}/rights", dependencies=[CHANGE])
async def change_rights(
    console: ThisConsolePage, resources: ResourcesOfApp, staff_id: str, form: PostedForm
) -> Response:
    """Change role and own objects."""
    fields = _fields(form, *_RIGHTS_FIELDS)
    try:
        await staff.change_rights(resources, console.actor, name=staff_id, rights=_rights(fields))
    except InvalidInput as refused:
        account = await staff.find_staff(resources, console.actor, staff_id)
        shown = refused_form(console.page, refused, fields)
        return console.show("rights.html", status=refused.status, person=account, form=shown)
    return RedirectResponse("/console/staff", 303)


@router.get("/{staff_id}/reset", dependencies=[CHANGE])
async def show_reset(
    console: ThisConsolePage, resources: ResourcesOfApp, staff_id: str
) -> Response:
    """Ask whether the account is to be reset."""
    return console.show(
        "reset.html", person=await staff.find_staff(resources, console.actor, staff_id)
    )


@router.post("/{staff_id}/reset", dependencies=[CHANGE])
async def reset(console: ThisConsolePage, resources: ResourcesOfApp, staff_id: str) -> Response:
    """Reset the account and show its new one-time link, this once."""
    link = await staff.reset(resources, console.actor, name=staff_id)
    account = await staff.find_staff(resources, console.actor, staff_id)
    return console.show("link.html", name=account.full_name, link=link)


@router.get("/{staff_id}/disable", dependencies=[CHANGE])
async def show_disabling(
    console: ThisConsolePage, resources: ResourcesOfApp, staff_id: str
) -> Response:
    """Ask whether the account is to be disabled."""
    return console.show(
        "disable.html", person=await staff.find_staff(resources, console.actor, staff_id)
    )


@router.post("/{staff_id}/disable", dependencies=[CHANGE])
async def disable(console: ThisConsolePage, resources: ResourcesOfApp, staff_id: str) -> Response:
    """Disable the account; its sessions end at once."""
    await staff.disable(resources, console.actor, name=staff_id)
    return RedirectResponse("/console/staff", 303)
