"""Scoring systems that use the API: list, add, revoke."""

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from app.console.access import staff_may
from app.console.pages import Form, ThisConsolePage, refused_form
from app.dependencies import ResourcesOfApp
from app.domain.accounts.rules import fault
from app.domain.clients.scopes import read_scopes
from app.domain.rights.rights import Act, may_somewhere
from app.errors import InvalidInput
from app.errors.waves import NameTaken
from app.form_data import PostedForm, only
from app.services import clients

router = APIRouter(prefix="/clients")

SEE, CHANGE = staff_may(Act.SEE_CLIENTS), staff_may(Act.CHANGE_CLIENTS)


@router.get("", dependencies=[SEE])
async def list_clients(console: ThisConsolePage, resources: ResourcesOfApp) -> Response:
    """List the clients."""
    found = await clients.list_clients(resources, console.actor)
    changes = may_somewhere(console.actor, Act.CHANGE_CLIENTS)
    return console.show("clients.html", clients=found, may_change=changes)


@router.get("/add", dependencies=[CHANGE])
async def show_adding(console: ThisConsolePage) -> Response:
    """Ask for name and scopes."""
    return console.show("client_add.html", form=Form({"scope": "events:read"}))


@router.post("/add", dependencies=[CHANGE])
async def add(console: ThisConsolePage, resources: ResourcesOfApp, form: PostedForm) -> Response:
    """Make the client and show its secret, this once."""
    fields = dict.fromkeys(("name", "scope"), "") | only(form, "name", "scope")
    try:
        try:
            made = await clients.add(
                resources, console.actor, name=fields["name"], scopes=read_scopes(fields["scope"])
            )
        except NameTaken:
            raise InvalidInput(faults=[fault("name", "client-name-taken")]) from None
    except InvalidInput as refused:
        shown = refused_form(console.page, refused, fields)
        return console.show("client_add.html", status=refused.status, form=shown)
    return console.show("client_secret.html", made=made)


@router.get("/{client_id}/revoke", dependencies=[CHANGE])
async def show_revoking(
    console: ThisConsolePage, resources: ResourcesOfApp, client_id: str
) -> Response:
    """Ask whether the client is to be revoked."""
    found = await clients.find_client(resources, console.actor, client_id)
    return console.show("client_revoke.html", client=found)


@router.post("/{client_id}/revoke", dependencies=[CHANGE])
async def revoke(console: ThisConsolePage, resources: ResourcesOfApp, client_id: str) -> Response:
    """Revoke the client; its tokens and webhooks end at once."""
    await clients.revoke(resources, console.actor, name=client_id)
    return RedirectResponse("/console/clients", 303)
