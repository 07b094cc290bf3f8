"""The pages of the questionnaire. Each post is saved and leads on; a look records nothing."""

import dataclasses

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.dependencies import get_resources
from app.domain.questionnaires.audience import Mode
from app.domain.questionnaires.model import Section
from app.error_replies import retry_header
from app.errors import InvalidInput, NotFound
from app.errors.answering import AlreadyTookPart
from app.errors.operations import StorageUnavailable
from app.form_data import only, read_form
from app.rendering import Page, this_page
from app.route_table import PlainRoute
from app.security import PERMIT_HOLDER
from app.services.permits import admit
from app.services.resources import Resources
from app.services.responses import accept_response
from app.services.waves import find_wave
from app.web import cookies
from app.web.choosing import answers_about, choice_of, departments_page
from app.web.cookies import held_permit
from app.web.journey import BACK_TO_REVIEW, REVIEW
from app.web.review import review_page
from app.web.section import Shown, read_section, section_page
from app.web.sitting import Sitting, get_sitting, save

router = APIRouter(prefix="/w/{wave_id}", dependencies=[PERMIT_HOLDER], route_class=PlainRoute)


def see_other(address: str) -> Response:
    """Lead on after a post."""
    return RedirectResponse(address, 303)


def _section(sitting: Sitting, code: str) -> Section:
    """Find a section that this respondent sees. Raises NotFound."""
    for section, _ in sitting.journey.sections:
        if section.code == code:
            return section
    raise NotFound


def _to_review(request: Request) -> bool:
    """Say whether the way leads back to the review, from where one page was opened again."""
    return request.query_params.get("to") == REVIEW


@router.get("/s/{section_id}")
async def show_section(request: Request, wave_id: str, section_id: str) -> Response:
    """Show the questions of a section; first the choice of departments where it is still open.

    `more` is a question just opened by an answer; with `to=review` the way leads back there.
    """
    sitting = await get_sitting(request, wave_id)
    section = _section(sitting, section_id)
    if section == sitting.journey.chooses_at and sitting.chosen is None:
        return see_other(sitting.journey.departments)
    more = request.query_params.get("more", "")
    shown = Shown(more=more, to_review=_to_review(request))
    return section_page(await this_page(request), sitting, section, sitting.answers, shown)


@router.post("/s/{section_id}")
async def save_section(request: Request, wave_id: str, section_id: str) -> Response:
    """Save the answers of a page and go on; show it again where something is wrong with them."""
    sitting = await get_sitting(request, wave_id)
    section = _section(sitting, section_id)
    posted = read_section(sitting, section, await read_form(request))
    shown = Shown(faults=posted.faults, to_review=_to_review(request))
    if posted.faults:
        page = await this_page(request)
        return section_page(page, sitting, section, posted.answers, shown)
    try:
        resources = await get_resources(request)
        sitting = await save(resources, sitting, answers=posted.answers)
    except StorageUnavailable as error:
        page, shown = await this_page(request), dataclasses.replace(shown, busy=True)
        return _again(section_page(page, sitting, section, posted.answers, shown), error)
    here = sitting.journey.address(section)
    if posted.opened:
        to = REVIEW if shown.to_review else ""
        return see_other(f"{here}?more={posted.opened}&to={to}#{posted.opened}")
    return see_other(sitting.journey.review if shown.to_review else sitting.journey.after(here))


def _again(page: Response, error: StorageUnavailable) -> Response:
    """Say when to press again."""
    page.headers.update(retry_header(error))
    return page


@router.get("/departments")
async def show_departments(request: Request, wave_id: str) -> Response:
    """Ask which departments the respondent has dealt with."""
    sitting, page = await get_sitting(request, wave_id), await this_page(request)
    return departments_page(page, sitting, sitting.chosen or (), to_review=_to_review(request))


@router.post("/departments")
async def choose_departments(request: Request, wave_id: str) -> Response:
    """Save the choice and go on to the ratings."""
    sitting = await get_sitting(request, wave_id)
    to_review = _to_review(request)
    chosen, fault = choice_of(sitting, await read_form(request))
    if fault:
        page = await this_page(request)
        return departments_page(page, sitting, chosen, fault, to_review=to_review)
    answers = answers_about(sitting, chosen)
    resources = await get_resources(request)
    sitting = await save(resources, sitting, answers=answers, chosen=chosen)
    way = BACK_TO_REVIEW if to_review else ""
    return see_other(sitting.journey.after(sitting.journey.departments) + way)


@router.get("/review")
async def show_review(request: Request, wave_id: str) -> Response:
    """Show all answers before they are sent."""
    sitting = await get_sitting(request, wave_id)
    return review_page(await this_page(request), sitting)


@router.post("/submit")
async def submit(request: Request, wave_id: str) -> Response:
    """Send the answers. A second press leads to the same receipt, a faulty sheet to the review."""
    resources = await get_resources(request)
    wave = await find_wave(resources, wave_id)
    only(await read_form(request))
    try:
        sitting = await get_sitting(request, wave_id)
        return await _send(await this_page(request), resources, sitting)
    except (AlreadyTookPart, InvalidInput):
        admission = await admit(resources, wave, await held_permit(request) or "")
        if admission.receipt is None:
            return see_other(f"/w/{wave.code}/review")
        return see_other(f"/r/{admission.receipt}")


async def _send(page: Page, resources: Resources, sitting: Sitting) -> Response:
    try:
        sent = await accept_response(resources, sitting.wave, sitting.permit, sitting.to_send)
    except StorageUnavailable as error:
        return _again(review_page(page, sitting, busy=True), error)
    response = see_other(f"/r/{sent.receipt}")
    if sitting.admission.mode is Mode.KIOSK:
        cookies.forget(response, cookies.PERMIT, wave=sitting.wave.code)
    return response
