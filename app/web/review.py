"""All answers in words, before they are sent."""

import datetime
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from fastapi import Response

from app.domain.questionnaires.labels import Labels
from app.domain.questionnaires.model import (
    DateQuestion,
    DepartmentGrid,
    NumberQuestion,
    Question,
    Section,
)
from app.errors import Fault, InvalidInput
from app.rendering import Page
from app.web.errors_shown import ErrorList, ShownError
from app.web.journey import BACK_TO_REVIEW
from app.web.sitting import Sitting


class Line(NamedTuple):
    """A question and its answer in words; a `head` stands above the ratings of a department."""

    question: str
    answer: str
    head: bool = False


class Part(NamedTuple):
    """The answers of one page and the way back to it."""

    title: str
    href: str
    lines: list[Line]


def review_page(page: Page, sitting: Sitting, *, busy: bool = False) -> Response:
    """Show all answers, and what is still missing before they can be sent."""
    journey, labels = sitting.journey, sitting.wave.survey.labels[page.language]
    faults = _faults(sitting)
    return page.show(
        "review.html",
        status=503 if busy else 200,
        survey=sitting.wave.definition.survey,
        wave=sitting.wave.code,
        parts=[_part(page, labels, sitting, *one) for one in journey.sections],
        departments_at=f"{journey.departments}{BACK_TO_REVIEW}" if journey.chooses_at else "",
        chosen=[labels.departments[one.code] for one in sitting.rated],
        errors=_errors(page, sitting, faults) if faults else [],
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


def _errors(page: Page, sitting: Sitting, faults: Sequence[Fault]) -> list[ShownError]:
    rated = [one.code for one in sitting.rated]
    return ErrorList(page, sitting.wave.definition, rated, _addresses(sitting)).of(faults)


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


def _part(
    page: Page, labels: Labels, sitting: Sitting, section: Section, questions: Sequence[Question]
) -> Part:
    return Part(
        page.words(section.title),
        f"{sitting.journey.address(section)}{BACK_TO_REVIEW}",
        [line for one in questions for line in _lines(page, labels, sitting, one)],
    )


def _lines(page: Page, labels: Labels, sitting: Sitting, question: Question) -> Iterator[Line]:
    answer = sitting.answers.get(question.code)
    if not isinstance(question, DepartmentGrid):
        yield Line(labels.questions[question.code], _in_words(page, labels, question, answer))
        return
    levels, aspects = labels.answers[question.code], labels.aspects[question.code]
    for department in sitting.rated:
        yield Line(labels.departments[department.code], "", head=True)
        ratings = (answer or {}).get(department.code, {})
        for code, text in aspects.items():
            yield Line(text, levels.get(ratings.get(code), ""))


def _in_words(page: Page, labels: Labels, question: Question, answer: Any) -> str:
    if answer is None:
        return ""
    coded = labels.answers[question.code]
    if isinstance(answer, list):
        return page.say(", ").join(coded[code] for code in answer)
    match question:
        case NumberQuestion(unit=unit) if unit:
            return f"{answer} {page.words(unit)}"
        case DateQuestion():
            return page.day(datetime.date.fromisoformat(answer))
    return coded.get(answer, str(answer))
