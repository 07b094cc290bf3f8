"""The waves: how many took part, and opening, pausing, closing them.

How people answered is shown nowhere here while a wave is open: nobody sees it before.
"""

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from app.console.access import staff_may
from app.console.pages import Form, ThisConsolePage, refused_form
from app.dependencies import AnyWave, ResourcesOfApp
from app.domain.rights.rights import Act, may
from app.errors import InvalidInput
from app.form_data import PostedForm, only
from app.services.participation import count_participation
from app.services.wave_control import Change, change_wave, changes_possible
from app.services.waves import list_waves

router = APIRouter()

CHANGE = staff_may(Act.CHANGE_WAVES)


@router.get("", dependencies=[staff_may(Act.SEE_WAVES)])
async def show_waves(console: ThisConsolePage, resources: ResourcesOfApp) -> Response:
    """Show every wave with its participation, newest first."""
    may_change = may(console.actor, Act.CHANGE_WAVES)
    shown = [
        {
            "wave": wave,
            "participation": await count_participation(resources, wave),
            "changes": changes_possible(wave) if may_change else [],
        }
        for wave in await list_waves(resources)
    ]
    return console.show("waves.html", waves=shown)


@router.get("/waves/{wave_id}/{change}", dependencies=[CHANGE])
async def show_change(console: ThisConsolePage, wave: AnyWave, change: Change) -> Response:
    """Ask for the reason of the change."""
    return console.show("change_wave.html", wave=wave, change=change, form=Form())


@router.post("/waves/{wave_id}/{change}", dependencies=[CHANGE])
async def change_state(
    console: ThisConsolePage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    change: Change,
    form: PostedForm,
) -> Response:
    """Open, pause or close the wave."""
    fields = {"reason": ""} | only(form, "reason")
    try:
        await change_wave(resources, console.actor, wave, change, reason=fields["reason"])
    except InvalidInput as refused:
        shown = refused_form(console.page, refused, fields)
        return console.show("change_wave.html", status=422, wave=wave, change=change, form=shown)
    return RedirectResponse("/console", 303)
