"""Custody by scan: one input, Enter, a big echo. A scanner types the serial and presses Enter.

What a scan means is chosen once and stays; the page works without a script, because the browser
sends a form of one input at Enter.
"""

from fastapi import APIRouter, Response

from app.console.access import staff_may
from app.console.pages import ConsolePage, ThisConsolePage
from app.console.paper_words import say_error
from app.dependencies import AnyWave, ResourcesOfApp
from app.domain.paper.custody import FormState, Outcome
from app.domain.paper.serials import Serial
from app.domain.rights.rights import Act
from app.errors import Fault, InvalidInput, MinyiError
from app.errors.paper import CustodyRefused
from app.form_data import PostedForm, only
from app.services.paper_custody import Form, Scan, record_scans
from app.services.paper_fieldwork import find_point, list_interviewers
from app.services.resources import Resources
from app.services.waves import Wave

router = APIRouter(prefix="/paper/{wave_id}/points/{point_id}/custody")
MOVE = staff_may(Act.MOVE_FORMS)
FIELDS = ("serial", "to", "outcome", "interviewer", "reason")
SCANNED_TO = [state for state in FormState if state is not FormState.KEYED]


@router.get("", dependencies=[MOVE])
async def show_custody(
    console: ThisConsolePage, resources: ResourcesOfApp, wave: AnyWave, point_id: str
) -> Response:
    """Ask for the first scan."""
    return await _page(console, resources, wave, point_id, {"to": FormState.HANDED_OUT})


async def _page(
    console: ConsolePage,
    resources: Resources,
    wave: Wave,
    point: str,
    values: dict[str, str],
    *,
    moved: Form | None = None,
    refused: MinyiError | None = None,
) -> Response:
    place = find_point(wave, point)
    interviewers = await list_interviewers(resources, wave)
    return console.show(
        "custody.html",
        status=refused.status if refused else 200,
        wave=wave,
        point=place,
        interviewers=[one for one in interviewers if one.point == point],
        values=dict.fromkeys(FIELDS, "") | values | {"serial": ""},
        scanned_to=SCANNED_TO,
        moved=moved,
        moved_serial=str(Serial(wave.id, moved.number)) if moved else "",
        refusals=say_error(console.page, refused) if refused else [],
    )


@router.post("", dependencies=[MOVE])
async def scan(
    console: ThisConsolePage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    point_id: str,
    form: PostedForm,
) -> Response:
    """Move one form and echo where it is; the choices stay for the next scan."""
    values = dict.fromkeys(FIELDS, "") | only(form, *FIELDS)
    moved, refused = None, None
    try:
        [moved] = await record_scans(
            resources, wave, [_scan(values)], by=console.actor.name, point=point_id
        )
    except (CustodyRefused, InvalidInput) as error:
        refused = error
    kept = values if refused else values | {"reason": ""}
    return await _page(console, resources, wave, point_id, kept, moved=moved, refused=refused)


def _scan(values: dict[str, str]) -> Scan:
    if values["to"] not in SCANNED_TO or values["outcome"] not in list(Outcome):
        raise InvalidInput(faults=[Fault("to", "move-refused", "A form can't go there")])
    return Scan(
        values["serial"],
        FormState(values["to"]),
        Outcome(values["outcome"]),
        values["interviewer"] if values["to"] == FormState.HANDED_OUT else "",
        values["reason"],
    )
