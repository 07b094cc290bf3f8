"""The pages of the questionnaire. Each post is saved and leads on; a look records nothing."""

import dataclasses
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse

from app.dependencies import AnyWave, ResourcesOfApp
from app.domain.questionnaires.audience import Mode
from app.domain.questionnaires.model import Section
from app.error_replies import retry_header
from app.errors import AlreadyTookPart, InvalidInput, NotFound, StorageUnavailable
from app.form_data import PostedForm, only
from app.rendering import Page, ThisPage
from app.security import PERMIT_HOLDER
from app.services.permits import admit
from app.services.resources import Resources
from app.services.responses import accept_response
from app.web import cookies
from app.web.choosing import answers_about, choice_of, departments_page
from app.web.cookies import HeldPermit
from app.web.journey import BACK_TO_REVIEW, REVIEW
from app.web.review import review_page
from app.web.section import Shown, read_section, section_page
from app.web.sitting import Sitting, ThisSitting, get_sitting, save

router = APIRouter(prefix="/w/{wave_id}", dependencies=[PERMIT_HOLDER])


def see_other(address: str) -> Response:
    """Lead on after a post."""
    return RedirectResponse(address, 303)


async def get_section(section_id: str, sitting: ThisSitting) -> Section:
    """Find a section that this respondent sees. Raises NotFound."""
    for section in sitting.journey.sections:
        if section.code == section_id:
            return section
    raise NotFound


SeenSection = Annotated[Section, Depends(get_section)]


@router.get("/s/{section_id}")
async def show_section(
    page: ThisPage, sitting: ThisSitting, section: SeenSection, more: str = "", to: str = ""
) -> Response:
    """Show the questions of a section; first the choice of departments where it is still open.

    `more` is a question just opened by an answer; with `to=review` the way leads back there.
    """
    if section == sitting.journey.chooses_at and sitting.chosen is None:
        return see_other(sitting.journey.departments)
    shown = Shown(more=more, to_review=to == REVIEW)
    return section_page(page, sitting, section, sitting.answers, shown)


@router.post("/s/{section_id}")
async def save_section(
    *,
    page: ThisPage,
    resources: ResourcesOfApp,
    sitting: ThisSitting,
    section: SeenSection,
    form: PostedForm,
    to: str = "",
) -> Response:
    """Save the answers of a page and go on; show it again where something is wrong with them."""
    posted = read_section(sitting, section, form)
    shown = Shown(faults=posted.faults, to_review=to == REVIEW)
    if posted.faults:
        return section_page(page, sitting, section, posted.answers, shown)
    try:
        sitting = await save(resources, sitting, answers=posted.answers)
    except StorageUnavailable as error:
        shown = dataclasses.replace(shown, busy=True)
        return _again(section_page(page, sitting, section, posted.answers, shown), error)
    here = sitting.journey.address(section)
    if posted.opened:
        return see_other(f"{here}?more={posted.opened}&to={to}#{posted.opened}")
    return see_other(sitting.journey.review if shown.to_review else sitting.journey.after(here))


def _again(page: Response, error: StorageUnavailable) -> Response:
    """Say when to press again."""
    page.headers.update(retry_header(error))
    return page


@router.get("/departments")
async def show_departments(page: ThisPage, sitting: ThisSitting, to: str = "") -> Response:
    """Ask which departments the respondent has dealt with."""
    return departments_page(page, sitting, sitting.chosen or (), to_review=to == REVIEW)


@router.post("/departments")
async def choose_departments(
    page: ThisPage,
    resources: ResourcesOfApp,
    sitting: ThisSitting,
    form: PostedForm,
    to: str = "",
) -> Response:
    """Save the choice and go on to the ratings."""
    chosen, fault = choice_of(sitting, form)
    if fault:
        return departments_page(page, sitting, chosen, fault, to_review=to == REVIEW)
    answers = answers_about(sitting, chosen)
    sitting = await save(resources, sitting, answers=answers, chosen=chosen)
    way = BACK_TO_REVIEW if to == REVIEW else ""
    return see_other(sitting.journey.after(sitting.journey.departments) + way)


@router.get("/review")
async def show_review(page: ThisPage, sitting: ThisSitting) -> Response:
    """Show all answers before they are sent."""
    return review_page(page, sitting)


@router.post("/submit")
async def submit(
    page: ThisPage, resources: ResourcesOfApp, wave: AnyWave, form: PostedForm, held: HeldPermit
) -> Response:
    """Send the answers. A second press leads to the same receipt, a faulty sheet to the review."""
    only(form)
    try:
        sitting = await get_sitting(wave, resources, held)
        return await _send(page, resources, sitting)
    except (AlreadyTookPart, InvalidInput):
        admission = await admit(resources, wave, held or "")
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
