"""Slips that came back with forms: whoever answered online too is not to count twice.

The number typed is stored nowhere and not shown again, and the page does not tell whether the
person took part before: staff are not to find out about anybody in this way.
"""

from fastapi import APIRouter, Response

from app.console.access import staff_may
from app.console.pages import ConsolePage, ThisConsolePage
from app.console.paper_words import say_error
from app.dependencies import AnyWave, ResourcesOfApp
from app.domain.rights.rights import Act
from app.errors import Fault, InvalidInput, MinyiError
from app.errors.paper import CustodyRefused
from app.form_data import PostedForm, only
from app.services.paper_fieldwork import find_point
from app.services.paper_slips import SlipCheck, read_slip, slip_checks
from app.services.waves import Wave

router = APIRouter(prefix="/paper/{wave_id}/points/{point_id}/slips")
MOVE = staff_may(Act.MOVE_FORMS)


@router.get("", dependencies=[MOVE])
async def show_slips(console: ThisConsolePage, wave: AnyWave, point_id: str) -> Response:
    """Ask for the first slip."""
    return _page(console, wave, point_id)


def _page(
    console: ConsolePage,
    wave: Wave,
    point: str,
    *,
    check: str = "",
    serial: str = "",
    read: str = "",
    refused: MinyiError | None = None,
) -> Response:
    checks = slip_checks(wave)
    return console.show(
        "paper_slips.html",
        status=refused.status if refused else 200,
        wave=wave,
        point=find_point(wave, point),
        checks=checks,
        check=check or next(iter(checks), ""),
        serial=serial,
        read=read,
        refusals=say_error(console.page, refused) if refused else [],
    )


@router.post("", dependencies=[MOVE])
async def take_slip(
    console: ThisConsolePage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    point_id: str,
    form: PostedForm,
) -> Response:
    """Read one slip; the kind of number stays chosen for the next one."""
    fields = {"serial": "", "check": "", "number": ""} | only(form, "serial", "check", "number")
    serial, check = fields["serial"].strip(), fields["check"]
    if serial and not fields["number"]:  # a scanner has pressed Enter
        return _page(console, wave, point_id, check=check, serial=serial)
    try:
        await read_slip(
            resources,
            wave,
            serial=serial,
            check=_check(wave, check),
            value=fields["number"],
            by=console.actor.name,
            point=point_id,
        )
    except (CustodyRefused, InvalidInput) as refused:
        return _page(console, wave, point_id, check=check, serial=serial, refused=refused)
    return _page(console, wave, point_id, check=check, read=serial)


def _check(wave: Wave, text: str) -> SlipCheck:
    for check in slip_checks(wave):
        if check == text:
            return check
    raise InvalidInput(faults=[Fault("check", "unknown", "Slips have no such number")])
