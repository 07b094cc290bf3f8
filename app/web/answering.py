"""The pages of the questionnaire. Each post is saved and leads on; a look records nothing."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse

from app.dependencies import AnyWave, ResourcesOfApp
from app.domain.questionnaires.audience import Mode
from app.domain.questionnaires.model import Question, Section
from app.domain.questionnaires.navigation import grids, visible_questions
from app.domain.questionnaires.reading import is_empty
from app.error_replies import retry_header
from app.errors import (
    AlreadyTookPart,
    Fault,
    InvalidInput,
    NotFound,
    StorageUnavailable,
)
from app.form_data import PostedForm, only, section_answers
from app.rendering import Page, ThisPage
from app.security import PERMIT_HOLDER
from app.services.permits import admit
from app.services.resources import Resources
from app.services.responses import accept_response
from app.web import cookies
from app.web.choosing import choice_of, departments_page
from app.web.cookies import HeldPermit
from app.web.errors_shown import ErrorList, names_and_messages, only_of, question_of
from app.web.journey import BACK_TO_REVIEW, REVIEW
from app.web.review import review_page
from app.web.sheet import Sheet
from app.web.sitting import Sitting, ThisSitting, get_sitting, save

router = APIRouter(prefix="/w/{wave_id}", dependencies=[PERMIT_HOLDER])


def see_other(address: str) -> Response:
    """Lead on after a post."""
    return RedirectResponse(address, 303)


def get_section(section_id: str, sitting: ThisSitting) -> Section:
    """Find a section that this respondent sees. Raises NotFound."""
    for section in sitting.journey.sections:
        if section.code == section_id:
            return section
    raise NotFound


SeenSection = Annotated[Section, Depends(get_section)]


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """How a section's page is shown this time, besides its answers."""

    faults: Sequence[Fault] = ()
    busy: bool = False
    more: str = ""
    to_review: bool = False


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
    return _section_page(page, sitting, section, sitting.answers, shown)


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
    """Save the answers of a page and go on; show it again where something is wrong with them.

    A question that these very answers have opened was not on the page: it is shown first, and
    not missed before.
    """
    departments = [one.code for one in sitting.rated]
    given = section_answers(form, section.questions, departments)
    answers = sitting.checker.prune({**sitting.answers, **given})
    opened = _opened(sitting, section, answers)
    shown = Shown(to_review=to == REVIEW)
    try:
        answers |= _checked(sitting, section, answers, departments)
    except InvalidInput as refused:
        only_of(section.questions, refused)
        codes = {question.code for question in opened}
        faults = [fault for fault in refused.faults if question_of(fault) not in codes]
        if faults:
            shown = dataclasses.replace(shown, faults=faults)
            return _section_page(page, sitting, section, answers, shown)
    kept = {code: answer for code, answer in answers.items() if not is_empty(answer)}
    try:
        sitting = await save(resources, sitting, answers=kept)
    except StorageUnavailable as error:
        shown = dataclasses.replace(shown, busy=True)
        return _again(_section_page(page, sitting, section, answers, shown), error)
    here = sitting.journey.address(section)
    if opened:
        way = f"&to={REVIEW}" if shown.to_review else ""
        return see_other(f"{here}?more={opened[0].code}{way}#{opened[0].code}")
    return see_other(sitting.journey.review if shown.to_review else sitting.journey.after(here))


def _again(page: Response, error: StorageUnavailable) -> Response:
    """Say when to press again."""
    page.headers.update(retry_header(error))
    return page


def _opened(sitting: Sitting, section: Section, answers: dict[str, Any]) -> list[Question]:
    shown = visible_questions(section, sitting.answers)
    return [one for one in visible_questions(section, answers) if one not in shown]


def _checked(
    sitting: Sitting, section: Section, answers: dict[str, Any], departments: list[str]
) -> dict[str, Any]:
    codes = [question.code for question in section.questions]
    given = {code: answers[code] for code in codes if code in answers}
    accepted = sitting.checker.check_section(
        section.code, given, offered=departments, earlier=answers
    )
    return dict.fromkeys(given) | accepted


def _section_page(
    page: Page,
    sitting: Sitting,
    section: Section,
    answers: Mapping[str, Any],
    shown: Shown,
) -> Response:
    definition, journey = sitting.wave.definition, sitting.journey
    departments = [one.code for one in sitting.rated]
    questions = visible_questions(section, answers)
    here = journey.address(section)
    return page.show(
        "section.html",
        status=503 if shown.busy else 422 if shown.faults else 200,
        survey=definition.survey,
        wave=sitting.wave.code,
        section=section,
        questions=questions,
        sheet=Sheet(
            page=page,
            definition=definition,
            seed=sitting.admission.seed,
            departments=sitting.rated,
            answers=answers,
            errors=names_and_messages(page, shown.faults),
        ),
        errors=ErrorList(page, definition, departments).of(shown.faults),
        busy=shown.busy,
        added=shown.more if any(one.code == shown.more for one in questions) else "",
        to_review=shown.to_review,
        step=journey.pages.index(here) + 1,
        steps=len(journey.pages),
        back=journey.review if shown.to_review else journey.before(here),
        draft_key=sitting.draft_key and f"{sitting.draft_key}/{section.code}",
    )


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
    ratings = {
        grid.code for grid in grids(sitting.wave.definition, sitting.admission.respondent_class)
    }
    answers = {
        code: {one: row for one, row in answer.items() if one in chosen}
        if code in ratings
        else answer
        for code, answer in sitting.answers.items()
    }
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
