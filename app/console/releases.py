"""Releases: one person prepares the figures, another looks at them and publishes."""

import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response
from fastapi.responses import RedirectResponse

from app.console.access import staff_may
from app.console.pages import ConsolePage, Form, ThisConsolePage, refused_form
from app.dependencies import AnyWave, ResourcesOfApp
from app.domain.accounts.rules import fault
from app.domain.releases.chain import STATES
from app.domain.releases.document import Period
from app.domain.rights.rights import Act, may
from app.errors import InvalidInput
from app.errors.definitions import InfeasibleEstimation
from app.errors.releases import ReleaseNotFound
from app.errors.staff import UnderEmbargo
from app.form_data import PostedForm, only
from app.services.release_preparation import (
    find_prepared,
    prepare_release,
    read_figures,
    require_over,
)
from app.services.releases import (
    chain_of,
    list_releases,
    publish_release,
    read_release,
    states_possible,
)
from app.services.resources import Resources
from app.services.waves import Wave, list_waves

router = APIRouter(prefix="/releases")
PREPARE, PUBLISH = staff_may(Act.PREPARE_RELEASES), staff_may(Act.PUBLISH_RELEASES)
PREPARED = "/{wave_id}/prepared/{prepared_id}"
DAYS = ("first", "last")

PreparedId = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("", dependencies=[PREPARE])
async def show_releases(console: ThisConsolePage, resources: ResourcesOfApp) -> Response:
    """List what was released of every wave, and what waits for a second person."""
    shown = [await _shown(console, resources, wave) for wave in await list_waves(resources)]
    return console.show("releases.html", waves=shown)


async def _shown(console: ConsolePage, resources: Resources, wave: Wave) -> dict[str, object]:
    records = await list_releases(resources, wave)
    try:
        waiting = await find_prepared(resources, console.actor, wave)
    except ReleaseNotFound:
        waiting = None
    published = {record.prepared_id for record in records}
    return {
        "wave": wave,
        "releases": [(record, read_release(record.payload)) for record in records],
        "waiting": None if waiting is None or waiting.id in published else waiting,
        "may_prepare": _is_over(wave, resources.now()),
    }


def _is_over(wave: Wave, now: datetime.datetime) -> bool:
    """Say whether there is anything that may be prepared."""
    try:
        require_over(wave, None, now)
    except UnderEmbargo:
        return False
    return True


@router.get("/{wave_id}/prepare", dependencies=[PREPARE])
async def show_preparation(console: ThisConsolePage, wave: AnyWave) -> Response:
    """Ask for the days, of a continuous wave."""
    return _preparation(console, wave, Form())


def _preparation(
    console: ConsolePage, wave: Wave, form: Form, *, status: int = 200, detail: str = ""
) -> Response:
    return console.show("prepare_release.html", status=status, wave=wave, form=form, detail=detail)


@router.post("/{wave_id}/prepare", dependencies=[PREPARE])
async def prepare(
    console: ThisConsolePage, resources: ResourcesOfApp, wave: AnyWave, form: PostedForm
) -> Response:
    """Compute the figures and show them."""
    fields = dict.fromkeys(DAYS, "") | only(form, *DAYS)
    try:
        prepared = await prepare_release(
            resources, console.actor, wave, period=_period(wave, fields)
        )
    except InfeasibleEstimation as refused:
        detail = refused.detail
        return _preparation(console, wave, Form(fields), status=refused.status, detail=detail)
    except InvalidInput as refused:
        shown = refused_form(console.page, refused, fields)
        return _preparation(console, wave, shown, status=refused.status)
    return RedirectResponse(f"/console/releases/{wave.code}/prepared/{prepared.id}", 303)


def _period(wave: Wave, fields: dict[str, str]) -> Period | None:
    if not wave.definition.audience.collection.continuous:
        return None
    days, faults = {}, []
    for name in DAYS:
        try:
            days[name] = datetime.date.fromisoformat(fields[name].strip())
        except ValueError:
            faults.append(fault(name, "day-invalid"))
    if not faults and days["last"] < days["first"]:
        faults.append(fault("last", "days-disordered"))
    if faults:
        raise InvalidInput(faults=faults)
    return Period(**days)


@router.get(PREPARED, dependencies=[PREPARE])
async def show_prepared(
    console: ThisConsolePage, resources: ResourcesOfApp, wave: AnyWave, prepared_id: PreparedId
) -> Response:
    """Show what would be published."""
    record = await find_prepared(resources, console.actor, wave, prepared_id)
    published = {one.prepared_id for one in await list_releases(resources, wave)}
    figures = read_figures(record)
    return console.show(
        "prepared_release.html",
        wave=wave,
        record=record,
        figures=figures,
        published=record.id in published,
        may_publish=may(console.actor, Act.PUBLISH_RELEASES)
        and record.prepared_by != console.actor.name,
    )


@router.get(PREPARED + "/publish", dependencies=[PUBLISH])
async def show_publication(
    console: ThisConsolePage, resources: ResourcesOfApp, wave: AnyWave, prepared_id: PreparedId
) -> Response:
    """Ask as what the figures are published, and of a correction why."""
    return await _publication(console, resources, wave, prepared_id, Form())


async def _publication(
    console: ConsolePage, resources: Resources, wave: Wave, prepared_id: int, form: Form
) -> Response:
    record = await find_prepared(resources, console.actor, wave, prepared_id)
    return console.show(
        "publish_release.html",
        status=422 if form.faults else 200,
        wave=wave,
        record=record,
        states=states_possible(await chain_of(resources, wave), read_figures(record)),
        form=form,
    )


@router.post(PREPARED + "/publish", dependencies=[PUBLISH])
async def publish(
    console: ThisConsolePage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    prepared_id: PreparedId,
    form: PostedForm,
) -> Response:
    """Sign and publish."""
    fields = dict.fromkeys(("state", "why"), "") | only(form, "state", "why")
    state = next((one for one in STATES if one == fields["state"]), None)
    try:
        if state is None:
            raise InvalidInput(faults=[fault("state", "state-missing")])
        await publish_release(
            resources, console.actor, wave, prepared=prepared_id, state=state, why=fields["why"]
        )
    except InvalidInput as refused:
        shown = refused_form(console.page, refused, fields)
        return await _publication(console, resources, wave, prepared_id, shown)
    return RedirectResponse("/console/releases", 303)
