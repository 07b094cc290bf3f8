"""Adjudication: a third person sees both entries side by side, with the form at hand, and decides.

Whoever keyed a form is not shown what another keyed; nobody decides on their own.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from app.console.access import staff_may
from app.console.pages import ConsolePage, ThisConsolePage
from app.console.paper_words import say_error
from app.dependencies import AnyWave, ResourcesOfApp
from app.domain.rights.rights import Act
from app.errors import InvalidInput, MinyiError
from app.errors.paper import CustodyRefused, NothingToAdjudicate
from app.form_data import PostedForm, only
from app.services.paper_adjudication import adjudicate, list_disputes, open_dispute
from app.services.paper_batches import find_batch
from app.services.paper_sheets import Sheets
from app.services.resources import Resources
from app.services.waves import Wave

router = APIRouter(prefix="/paper/{wave_id}/batches/{batch_id}/adjudication")
DECIDE = staff_may(Act.ADJUDICATE_FORMS)
OTHER = "other."
"""Begins the name of a field for what neither keyer read."""


@router.get("", dependencies=[DECIDE])
async def show_disputes(
    console: ThisConsolePage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    batch_id: str,
    serial: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """List the forms that wait for a decision, or show one of them."""
    if not serial:
        return await _list(console, resources, wave, batch_id)
    try:
        return await _case(console, resources, wave, batch_id, serial)
    except (CustodyRefused, InvalidInput, NothingToAdjudicate) as refused:
        return await _list(console, resources, wave, batch_id, refused)


async def _list(
    console: ConsolePage,
    resources: Resources,
    wave: Wave,
    batch: str,
    refused: MinyiError | None = None,
) -> Response:
    await find_batch(resources, wave, batch)
    return console.show(
        "disputes.html",
        status=refused.status if refused else 200,
        wave=wave,
        batch=batch,
        disputes=await list_disputes(resources, wave, batch),
        refusals=say_error(console.page, refused) if refused else [],
    )


async def _case(
    console: ConsolePage,
    resources: Resources,
    wave: Wave,
    batch: str,
    serial: str,
    *,
    refused: MinyiError | None = None,
) -> Response:
    sheet, discrepancies = await open_dispute(
        resources, wave, serial=serial, by=console.actor.name, batch=batch
    )
    plan = {
        field["code"]: field
        for field in Sheets(resources, wave).plan(sheet.batch, console.page.language)
    }
    names = [wave.definition.departments.named(code).name for code in sheet.departments]
    return console.show(
        "dispute.html",
        status=refused.status if refused else 200,
        wave=wave,
        batch=batch,
        serial=str(sheet.serial),
        departments=[console.page.words(name) for name in names],
        disputed=[_shown(plan[one.field], one.first, one.second) for one in discrepancies],
        refusals=say_error(console.page, refused) if refused else [],
    )


def _shown(field: dict[str, Any], first: str, second: str) -> dict[str, Any]:
    texts = {one["mark"]: one["text"] for one in field["keys"]}
    readings = [
        {"mark": mark, "words": "; ".join(texts.get(m, "") for m in mark.split(";"))}
        for mark in (first, second)
    ]
    return {"field": field, "readings": readings}


@router.post("", dependencies=[DECIDE])
async def decide(
    console: ThisConsolePage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    batch_id: str,
    form: PostedForm,
) -> Response:
    """Store the decision on every field in dispute."""
    given = only(form, *form)
    serial, reason = given.pop("serial", ""), given.pop("reason", "")
    try:
        await adjudicate(
            resources,
            wave,
            serial=serial,
            decisions=_decisions(given),
            by=console.actor.name,
            reason=reason,
            batch=batch_id,
        )
    except InvalidInput as refused:
        return await _case(console, resources, wave, batch_id, serial, refused=refused)
    except (CustodyRefused, NothingToAdjudicate) as refused:
        return await _list(console, resources, wave, batch_id, refused)
    return RedirectResponse(console.page.path, 303)


def _decisions(given: dict[str, str]) -> dict[str, str]:
    """Read the choice of each field: `=` and an entry's mark, or `other` and what was typed."""
    return {
        field: given.get(OTHER + field, "") if choice == "other" else choice.removeprefix("=")
        for field, choice in given.items()
        if not field.startswith(OTHER)
    }
