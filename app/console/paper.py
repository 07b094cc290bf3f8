"""Paper fieldwork at a glance, and what a supervisor does at a survey point.

Figures come from one place (`services/paper_batches.py`); what is wrong with a form stands beside
it in words, all faults at once.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from app.console.access import staff_may
from app.console.pages import ConsolePage, Form, ThisConsolePage
from app.console.paper_words import say_error
from app.dependencies import AnyWave, ResourcesOfApp
from app.domain.questionnaires.audience import Mode
from app.domain.rights.rights import Act, Target, may
from app.errors import Fault, InvalidInput, MinyiError
from app.errors.paper import BatchNotFound, BatchOutOfBalance
from app.errors.waves import NameTaken
from app.form_data import PostedForm, only, read_number
from app.services.paper_batches import Fieldwork, close_batch, fieldwork, find_batch, total
from app.services.paper_calls import count_calls
from app.services.paper_fieldwork import (
    add_interviewer,
    field_modes,
    find_point,
    issue_batch,
    list_interviewers,
    quota_progress,
    set_quotas,
)
from app.services.paper_printing import FORMS_AT_ONCE, print_part
from app.services.paper_slips import slip_checks
from app.services.resources import Resources
from app.services.waves import Wave, list_waves

router = APIRouter(prefix="/paper")
SEE_OWN, SEE = staff_may(Act.SEE_OWN_PAPER_WORK), staff_may(Act.SEE_FIELDWORK)
PREPARE, CLOSE = staff_may(Act.PREPARE_FIELDWORK), staff_may(Act.CLOSE_BATCH)
POINT = "/{wave_id}/points/{point_id}"
BATCH = POINT + "/batches/{batch_id}"
NEW_BATCH = ("batch", "mode", "n", "second_share", "respondent_class")


@router.get("", dependencies=[SEE_OWN])
async def show_own_work(console: ThisConsolePage, resources: ResourcesOfApp) -> Response:
    """List survey points and batches of every wave with forms, as far as they are one's own."""
    shown = []
    for wave in await list_waves(resources):
        if wave.definition.sample.points:
            shown.append(
                {"wave": wave, **_own_part(console, await fieldwork(resources, wave), wave)}
            )
    return console.show(
        "paper.html",
        waves=shown,
        may_see_quality=may(console.actor, Act.SEE_KEYING_QUALITY),
        may_export=may(console.actor, Act.EXPORT_KEYED),
    )


def _own_part(console: ConsolePage, work: Fieldwork, wave: Wave) -> dict[str, Any]:
    actor = console.actor
    points = [
        {"point": point, "balance": work.of_point(point.code)}
        for point in wave.definition.sample.points
        if may(actor, Act.SEE_FIELDWORK, Target(point=point.code))
    ]
    own = {
        act: [one for one in work.batches if may(actor, act, Target(batch=one.record.batch))]
        for act in (Act.KEY_FORMS, Act.ADJUDICATE_FORMS)
    }
    whole = work.whole if may(actor, Act.SEE_FIELDWORK) else None
    return {
        "points": points,
        "whole": whole,
        "to_key": own[Act.KEY_FORMS],
        "to_decide": own[Act.ADJUDICATE_FORMS],
    }


@router.get(POINT, dependencies=[SEE])
async def show_point(
    console: ThisConsolePage, resources: ResourcesOfApp, wave: AnyWave, point_id: str
) -> Response:
    """Show a survey point: batches with their figures, interviewers, outcomes, quotas."""
    return await _point(console, resources, wave, point_id)


async def _point(
    console: ConsolePage,
    resources: Resources,
    wave: Wave,
    point: str,
    *,
    refused: MinyiError | None = None,
    values: dict[str, str] | None = None,
) -> Response:
    place = find_point(wave, point)
    work = await fieldwork(resources, wave)
    target = Target(point=point)
    return console.show(
        "paper_point.html",
        status=refused.status if refused else 200,
        wave=wave,
        point=place,
        batches=[one for one in work.batches if one.record.point == point],
        balance=work.of_point(point),
        outcomes={code: n for (where, code), n in work.outcomes.items() if where == point},
        interviewers=[
            one for one in await list_interviewers(resources, wave) if one.point == point
        ],
        quotas=[one for one in await quota_progress(resources, wave) if one.point == point],
        calls=await count_calls(resources, wave),
        modes=field_modes(wave),
        with_slips=bool(slip_checks(wave)),
        forms_at_once=FORMS_AT_ONCE,
        may_prepare=may(console.actor, Act.PREPARE_FIELDWORK, target),
        may_move=may(console.actor, Act.MOVE_FORMS, target),
        may_close=may(console.actor, Act.CLOSE_BATCH, target),
        form=Form(values or {"n": "50", "second_share": "100"}),
        refusals=say_error(console.page, refused) if refused else [],
    )


@router.post(POINT + "/batches", dependencies=[PREPARE])
async def issue(
    console: ThisConsolePage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    point_id: str,
    form: PostedForm,
) -> Response:
    """Issue the next numbered forms to the survey point."""
    fields = dict.fromkeys(NEW_BATCH, "") | only(form, *NEW_BATCH)
    try:
        mode = _mode(wave, fields["mode"])
        n, share = _numbers(fields, mode)
        await issue_batch(
            resources,
            wave,
            batch=fields["batch"].strip(),
            point=point_id,
            n=n,
            by=console.actor.name,
            mode=mode,
            respondent_class=fields["respondent_class"].strip(),
            second_share=share,
        )
    except (InvalidInput, NameTaken) as refused:
        return await _point(console, resources, wave, point_id, refused=refused, values=fields)
    return RedirectResponse(_address(wave, point_id), 303)


def _mode(wave: Wave, text: str) -> Mode:
    for mode in field_modes(wave):
        if text == mode or not text:
            return mode
    raise InvalidInput(faults=[Fault("mode", "unknown", "The survey has no such fieldwork")])


def _numbers(fields: dict[str, str], mode: Mode) -> tuple[int, float]:
    """Read how many forms, and how many of a hundred are keyed twice: none by telephone."""
    n = read_number(fields["n"])
    share = read_number(fields["second_share"]) if mode is Mode.PAPER else 0
    if not isinstance(n, int) or isinstance(share, str):
        raise InvalidInput(faults=[Fault("n", "not-a-number", "This is not a number")])
    return n, share / 100


def _address(wave: Wave, point: str) -> str:
    return f"/console/paper/{wave.code}/points/{point}"


@router.post(POINT + "/interviewers", dependencies=[PREPARE])
async def name_interviewer(
    console: ThisConsolePage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    point_id: str,
    form: PostedForm,
) -> Response:
    """Let somebody hand out forms at the survey point."""
    fields = {"interviewer": "", "name": ""} | only(form, "interviewer", "name")
    try:
        await add_interviewer(
            resources,
            wave,
            interviewer=fields["interviewer"].strip(),
            point=point_id,
            name=fields["name"],
            by=console.actor.name,
        )
    except (InvalidInput, NameTaken) as refused:
        return await _point(console, resources, wave, point_id, refused=refused, values=fields)
    return RedirectResponse(_address(wave, point_id), 303)


@router.post(POINT + "/quotas", dependencies=[PREPARE])
async def change_quotas(
    console: ThisConsolePage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    point_id: str,
    form: PostedForm,
) -> Response:
    """Replace the quota cells; one line each: the cell, a blank, how many."""
    fields = {"cells": ""} | only(form, "cells")
    try:
        targets = _targets(fields["cells"].splitlines())
        await set_quotas(resources, wave, point=point_id, targets=targets, by=console.actor.name)
    except InvalidInput as refused:
        return await _point(console, resources, wave, point_id, refused=refused, values=fields)
    return RedirectResponse(_address(wave, point_id), 303)


def _targets(lines: Sequence[str]) -> dict[str, int]:
    targets: dict[str, int] = {}
    for line in filter(None, map(str.strip, lines)):
        cell, _, text = line.rpartition(" ")
        target = read_number(text)
        if not isinstance(target, int):
            raise InvalidInput(faults=[Fault("cells", "not-a-number", "This is not a number")])
        targets[cell] = target
    return targets


@router.get(BATCH + "/forms.pdf", dependencies=[PREPARE])
async def print_forms(
    console: ThisConsolePage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    point_id: str,
    batch_id: str,
    *,
    first: Annotated[int, Query(ge=0, le=999_999)] = 0,
) -> Response:
    """Give 50 numbered forms to print, or the papers for interviewers, in the page's language."""
    record = await find_batch(resources, wave, batch_id, point=point_id)
    language = console.page.language
    pdf = await print_part(
        resources, wave, record, first=first, language=language, by=console.actor.name
    )
    name = f"{record.batch}-{first or 'field-papers'}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(pdf, media_type="application/pdf", headers=headers)


@router.get(BATCH + "/close", dependencies=[CLOSE])
async def show_closing(
    console: ThisConsolePage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    point_id: str,
    batch_id: str,
) -> Response:
    """Show the figures of a batch and ask whether it is to be closed."""
    return await _closing(console, resources, wave, point_id, batch_id)


async def _closing(
    console: ConsolePage,
    resources: Resources,
    wave: Wave,
    point: str,
    batch: str,
    *,
    refused: MinyiError | None = None,
) -> Response:
    work = await fieldwork(resources, wave)
    own = [one for one in work.batches if (one.record.point, one.record.batch) == (point, batch)]
    if not own:
        raise BatchNotFound
    return console.show(
        "paper_close.html",
        status=refused.status if refused else 200,
        wave=wave,
        batch=own[0],
        balance=total(own),
        refusals=say_error(console.page, refused) if refused else [],
    )


@router.post(BATCH + "/close", dependencies=[CLOSE])
async def close(
    console: ThisConsolePage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    point_id: str,
    batch_id: str,
) -> Response:
    """Close a batch whose figures balance."""
    await find_batch(resources, wave, batch_id, point=point_id)
    try:
        await close_batch(resources, wave, batch=batch_id, by=console.actor.name)
    except BatchOutOfBalance as refused:
        return await _closing(console, resources, wave, point_id, batch_id, refused=refused)
    return RedirectResponse(_address(wave, point_id), 303)
