"""Evaluations: enter figures, prepare, publish by a second person, see every number's steps."""

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from app.console import score_words
from app.console.access import staff_may
from app.console.pages import ConsolePage, Form, ThisConsolePage, refused_form
from app.dependencies import AnyWave, ResourcesOfApp
from app.domain.rights.rights import Act, may
from app.errors import InvalidInput
from app.form_data import PostedForm, only
from app.services import entered_figures, evaluations
from app.services.evaluation_preparation import prepare_evaluation
from app.services.resources import Resources
from app.services.waves import Wave, list_waves

router = APIRouter(prefix="/scores")
SEE = staff_may(Act.SEE_EVALUATIONS)
PUBLISH = staff_may(Act.PUBLISH_EVALUATIONS)
FAULTS_SHOWN = 200


@router.get("", dependencies=[SEE])
async def show_schemes(console: ThisConsolePage, resources: ResourcesOfApp) -> Response:
    """List the waves that have a scheme, with the periods worked on."""
    shown = [
        (wave, await entered_figures.list_periods(resources, console.actor, wave))
        for wave in await list_waves(resources)
        if wave.definition.scheme is not None
    ]
    return console.show("scores.html", waves=shown)


@router.get("/{wave_id}/{period_id}", dependencies=[SEE])
async def show_period(
    console: ThisConsolePage, resources: ResourcesOfApp, wave: AnyWave, period_id: str
) -> Response:
    """Show the figures, what is prepared and what is published for a period."""
    return await _page(console, resources, wave, period_id)


async def _page(
    console: ConsolePage,
    resources: Resources,
    wave: Wave,
    period: str,
    *,
    refused: InvalidInput | None = None,
    form: Form | None = None,
) -> Response:
    table = await entered_figures.figures_to_fill(resources, console.actor, wave, period=period)
    view = await evaluations.look_at_period(resources, console.actor, wave, period=period)
    faults = refused.faults if refused else ()
    return console.show(
        "score.html",
        status=refused.status if refused else 200,
        wave=wave,
        period=period,
        score_words=score_words,
        figures=table[1:],
        n_filled=sum(bool(row[-1]) for row in table[1:]),
        form=form or Form(),
        faults=[
            (one.field, score_words.say_fault(console.page, one)) for one in faults[:FAULTS_SHOWN]
        ],
        view=view,
        evaluation=view.evaluation,
        may_enter=may(console.actor, Act.ENTER_FIGURES),
        may_prepare=may(console.actor, Act.PREPARE_EVALUATIONS),
        may_publish=may(console.actor, Act.PUBLISH_EVALUATIONS),
    )


@router.post("/{wave_id}/{period_id}/figures", dependencies=[staff_may(Act.ENTER_FIGURES)])
async def enter_figures(
    console: ThisConsolePage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    period_id: str,
    form: PostedForm,
) -> Response:
    """Take a table as pasted from a spreadsheet; with a fault anywhere, nothing is stored."""
    fields = {"table": "", "reason": ""} | only(form, "table", "reason")
    try:
        await entered_figures.enter_figures(
            resources,
            console.actor,
            wave,
            period=period_id,
            table=entered_figures.pasted(fields["table"]),
            reason=fields["reason"],
        )
    except InvalidInput as refused:
        shown = Form(fields)
        return await _page(console, resources, wave, period_id, refused=refused, form=shown)
    return _to(wave, period_id)


def _to(wave: Wave, period: str) -> Response:
    return RedirectResponse(f"/console/scores/{wave.code}/{period}", 303)


@router.post("/{wave_id}/{period_id}/prepare", dependencies=[staff_may(Act.PREPARE_EVALUATIONS)])
async def prepare(
    console: ThisConsolePage, resources: ResourcesOfApp, wave: AnyWave, period_id: str
) -> Response:
    """Compute the evaluation from the newest releases and the figures entered."""
    await prepare_evaluation(resources, console.actor, wave, period=period_id)
    return _to(wave, period_id)


@router.get("/{wave_id}/{period_id}/publish", dependencies=[PUBLISH])
async def show_publishing(
    console: ThisConsolePage, resources: ResourcesOfApp, wave: AnyWave, period_id: str
) -> Response:
    """Ask whether what was prepared is to be published."""
    await evaluations.find_prepared(resources, wave, period=period_id)
    return console.show("score_publish.html", wave=wave, period=period_id, form=Form())


@router.post("/{wave_id}/{period_id}/publish", dependencies=[PUBLISH])
async def publish(
    console: ThisConsolePage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    period_id: str,
    form: PostedForm,
) -> Response:
    """Sign and publish."""
    fields = {"why": ""} | only(form, "why")
    try:
        await evaluations.publish_evaluation(
            resources, console.actor, wave, period=period_id, why=fields["why"]
        )
    except InvalidInput as refused:
        shown = refused_form(console.page, refused, fields)
        return console.show(
            "score_publish.html", status=422, wave=wave, period=period_id, form=shown
        )
    return _to(wave, period_id)


@router.get(
    "/{wave_id}/{period_id}/departments/{department_id}",
    dependencies=[staff_may(Act.READ_RESULTS)],
)
async def show_department(
    console: ThisConsolePage,
    resources: ResourcesOfApp,
    wave: AnyWave,
    period_id: str,
    department_id: str,
) -> Response:
    """Show a department's published result, every number with its steps."""
    result = await evaluations.find_department_result(
        resources,
        console.actor,
        scheme=entered_figures.scheme_of(wave).code,
        period=period_id,
        department=department_id,
    )
    return console.show("score_department.html", result=result, score_words=score_words)
