"""All answers in words, before they are sent."""

import dataclasses
import datetime
from collections.abc import Iterator
from typing import Any

from fastapi import Response

from app.domain.questionnaires.model import (
    DONT_KNOW,
    DateQuestion,
    DepartmentGrid,
    MultipleChoice,
    NumberQuestion,
    Question,
    ScaleQuestion,
    Section,
    SingleChoice,
    ZeroToTen,
)
from app.domain.questionnaires.navigation import visible_questions
from app.errors import Fault, InvalidInput
from app.rendering import Page
from app.web.errors_shown import ErrorList
from app.web.journey import BACK_TO_REVIEW
from app.web.sitting import Sitting


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """A question and its answer in words; a `head` stands above the ratings of a department."""

    question: str
    answer: str
    head: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """The answers of one page and the way back to it."""

    title: str
    href: str
    lines: list[Line]


def review_page(page: Page, sitting: Sitting, *, busy: bool = False) -> Response:
    """Show all answers, and what is still missing before they can be sent."""
    journey, definition = sitting.journey, sitting.wave.definition
    faults = _faults(sitting)
    chosen = [page.words(one.name) for one in sitting.rated]
    return page.show(
        "review.html",
        status=503 if busy else 200,
        survey=definition.survey,
        wave=sitting.wave.code,
        parts=[_part(page, sitting, section) for section in journey.sections],
        departments_at=f"{journey.departments}{BACK_TO_REVIEW}" if journey.chooses_at else "",
        chosen=chosen,
        errors=ErrorList(
            page, definition, [one.code for one in sitting.rated], _addresses(sitting)
        ).of(faults),
        errors_title=page.say("Before you can send: these points are still open"),
        complete=not faults,
        finality=_finality(page, sitting),
        busy=busy,
        step=len(journey.pages),
        steps=len(journey.pages),
        back=journey.before(journey.review),
    )


def _faults(sitting: Sitting) -> tuple[Fault, ...]:
    try:
        sitting.checker.check(sitting.to_send, offered=sitting.admission.offer.codes)
    except InvalidInput as refused:
        return refused.faults
    return ()


def _addresses(sitting: Sitting) -> dict[str, str]:
    journey = sitting.journey
    addresses = {
        question.code: f"{journey.address(section)}{BACK_TO_REVIEW}"
        for section in sitting.wave.definition.questionnaire.sections
        for question in section.questions
    }
    if journey.chooses_at is not None and not sitting.chosen:
        for question in journey.chooses_at.questions:
            if isinstance(question, DepartmentGrid):
                addresses[question.code] = f"{journey.departments}{BACK_TO_REVIEW}#department"
    return addresses


def _finality(page: Page, sitting: Sitting) -> str:
    if sitting.wave.definition.audience.collection.revisable:
        return page.say("Until the survey closes you can answer again; the last answers count.")
    return page.say("After sending, the answers can't be changed.")


def _part(page: Page, sitting: Sitting, section: Section) -> Part:
    questions = visible_questions(section, sitting.answers)
    lines = [line for one in questions for line in _lines(page, sitting, one)]
    return Part(
        page.words(section.title), f"{sitting.journey.address(section)}{BACK_TO_REVIEW}", lines
    )


def _lines(page: Page, sitting: Sitting, question: Question) -> Iterator[Line]:
    answer = sitting.answers.get(question.code)
    if not isinstance(question, DepartmentGrid):
        yield Line(page.words(question.text), _in_words(page, sitting, question, answer))
        return
    labels = _labels(page, sitting, question)
    for department in sitting.rated:
        yield Line(page.words(department.name), "", head=True)
        ratings = (answer or {}).get(department.code, {})
        for aspect in question.aspects:
            yield Line(page.words(aspect.text), labels.get(ratings.get(aspect.code), ""))


def _in_words(page: Page, sitting: Sitting, question: Question, answer: Any) -> str:
    if answer is None:
        return ""
    match question:
        case SingleChoice() | MultipleChoice():
            texts = {option.code: page.words(option.text) for option in question.options}
            codes = answer if isinstance(answer, list) else [answer]
            return page.say(", ").join(texts[code] for code in codes)
        case ScaleQuestion():
            return _labels(page, sitting, question)[answer]
        case ZeroToTen(dont_know=dont_know) if answer == DONT_KNOW and dont_know:
            return page.words(dont_know)
        case NumberQuestion(unit=unit) if unit:
            return f"{answer} {page.words(unit)}"
        case DateQuestion():
            return page.day(datetime.date.fromisoformat(answer))
    return str(answer)


def _labels(
    page: Page, sitting: Sitting, question: ScaleQuestion | DepartmentGrid
) -> dict[str | None, str]:
    scale = sitting.wave.definition.questionnaire.scales[question.scale]
    labels: dict[str | None, str] = {one.code: page.words(one.text) for one in scale.levels}
    if scale.dont_know:
        labels[DONT_KNOW] = page.words(scale.dont_know)
    return labels
