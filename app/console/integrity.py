"""Suspicious answers: what stands out, what is proposed, and the second person's decision.

Counts only. How the answers in question fall out, and what they do to an index, is shown nowhere.
"""

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from app.console import integrity_words
from app.console.access import staff_may
from app.console.pages import ConsolePage, Form, ThisConsolePage, refused_form
from app.dependencies import AnyWave, ResourcesOfApp
from app.domain.rights.rights import Act, may
from app.domain.waves.life_cycle import WaveState
from app.errors import Fault, InvalidInput
from app.form_data import Fields, PostedForm, only
from app.services.integrity_cases import (
    decide,
    find_case,
    list_cases,
    propose_restoring,
    propose_setting_aside,
)
from app.services.integrity_scan import find_suspicion, scan_wave
from app.services.resources import Resources
from app.services.waves import Wave, list_waves

router = APIRouter(prefix="/integrity")
SEE, REVIEW = staff_may(Act.SEE_INTEGRITY), staff_may(Act.REVIEW_INTEGRITY)
DECIDE = staff_may(Act.CHANGE_WHAT_COUNTS)
FINDING = "/{wave_id}/findings/{finding_id}/propose"
RESTORING = "/{wave_id}/cases/{case_id}/propose"
DECISION = "/{wave_id}/cases/{case_id}/decide"


@router.get("", dependencies=[SEE])
async def show_waves(console: ThisConsolePage, resources: ResourcesOfApp) -> Response:
    """List the waves that have begun, each with its cases, newest first."""
    shown = [
        {"wave": wave, "cases": await list_cases(resources, console.actor, wave)}
        for wave in await list_waves(resources)
        if wave.state is not WaveState.DRAFT
    ]
    return _show(
        console,
        "integrity.html",
        waves=shown,
        may_review=may(console.actor, Act.REVIEW_INTEGRITY),
        may_decide=may(console.actor, Act.CHANGE_WHAT_COUNTS),
    )


@router.get("/{wave_id}/findings", dependencies=[SEE])
async def show_findings(
    console: ThisConsolePage, resources: ResourcesOfApp, wave: AnyWave
) -> Response:
    """Scan the wave and show what stands out."""
    cases = await list_cases(resources, console.actor, wave)
    return _show(
        console,
        "integrity_findings.html",
        wave=wave,
        scanned=await scan_wave(resources, console.actor, wave),
        newest_case={one.key: one for one in reversed(cases)},
        may_review=may(console.actor, Act.REVIEW_INTEGRITY),
    )


@router.get(FINDING, dependencies=[REVIEW])
async def show_proposal(
    console: ThisConsolePage, resources: ResourcesOfApp, wave: AnyWave, finding_id: str
) -> Response:
    """Ask why a finding is to be set aside."""
    return await _proposal(console, resources, wave, finding_id, Form())


@router.post(FINDING, dependencies=[REVIEW])
async def propose_finding(
    console: ThisConsolePage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    finding_id: str,
    form: PostedForm,
) -> Response:
    """Make a case of a finding."""
    fields = _fields(form)
    try:
        await propose_setting_aside(
            resources, console.actor, wave, key=finding_id, reason=fields["reason"]
        )
    except InvalidInput as refused:
        shown = refused_form(console.page, refused, fields)
        return await _proposal(console, resources, wave, finding_id, shown)
    return RedirectResponse("/console/integrity", 303)


async def _proposal(
    console: ConsolePage, resources: Resources, wave: Wave, key: str, form: Form
) -> Response:
    finding = await find_suspicion(resources, wave, key)
    about = {"wave": wave, "rule": finding, "n": finding.n, "steps": (), "deciding": False}
    return _show(console, "integrity_form.html", form=form, **about)


@router.get(RESTORING, dependencies=[REVIEW])
async def show_restoring(
    console: ThisConsolePage, resources: ResourcesOfApp, wave: AnyWave, case_id: int
) -> Response:
    """Ask why a case is to count again."""
    return await _case(console, resources, wave, case_id, Form())


@router.post(RESTORING, dependencies=[REVIEW])
async def propose_case(
    console: ThisConsolePage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    case_id: int,
    form: PostedForm,
) -> Response:
    """Propose that a case counts again."""
    fields = _fields(form)
    try:
        await propose_restoring(
            resources, console.actor, wave, number=case_id, reason=fields["reason"]
        )
    except InvalidInput as refused:
        shown = refused_form(console.page, refused, fields)
        return await _case(console, resources, wave, case_id, shown)
    return RedirectResponse("/console/integrity", 303)


@router.get(DECISION, dependencies=[DECIDE])
async def show_decision(
    console: ThisConsolePage, resources: ResourcesOfApp, wave: AnyWave, case_id: int
) -> Response:
    """Show a case to whoever decides."""
    return await _case(console, resources, wave, case_id, Form(), deciding=True)


@router.post(DECISION, dependencies=[DECIDE])
async def decide_case(
    console: ThisConsolePage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    case_id: int,
    form: PostedForm,
) -> Response:
    """Agree to what is proposed, or refuse it."""
    fields = _fields(form)
    if fields["decision"] not in ("agree", "refuse"):
        raise InvalidInput(faults=[Fault("decision", "required", "Say agree or refuse")])
    agree, reason = fields["decision"] == "agree", fields["reason"]
    try:
        await decide(resources, console.actor, wave, number=case_id, agree=agree, reason=reason)
    except InvalidInput as refused:
        shown = refused_form(console.page, refused, fields)
        return await _case(console, resources, wave, case_id, shown, deciding=True)
    return RedirectResponse("/console/integrity", 303)


async def _case(
    console: ConsolePage,
    resources: Resources,
    wave: Wave,
    number: int,
    form: Form,
    *,
    deciding: bool = False,
) -> Response:
    case = await find_case(resources, console.actor, wave, number)
    return _show(
        console,
        "integrity_form.html",
        form=form,
        wave=wave,
        rule=case.record,
        n=case.steps[-1].n,
        steps=case.steps,
        state=case.state,
        deciding=deciding,
    )


def _fields(form: Fields) -> dict[str, str]:
    return {"reason": "", "decision": ""} | only(form, "reason", "decision")


def _show(console: ConsolePage, template: str, **context: Any) -> Response:
    """Show with the words for signals and cases; a refused form is 422."""
    form = context.get("form", Form())
    status = 422 if form.faults else 200
    return console.show(template, status=status, integrity_words=integrity_words, **context)
