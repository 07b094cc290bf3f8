"""All answers in words, before they are sent."""

import dataclasses
import datetime
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from fastapi import Response
from markupsafe import Markup

from app.domain.questionnaires.labels import Labels
from app.domain.questionnaires.model import (
    DateQuestion,
    DepartmentGrid,
    NumberQuestion,
    Question,
)
from app.errors import Fault, InvalidInput
from app.rendering import Page
from app.stencils import Holes, hole
from app.web.errors_shown import ErrorList, ShownError
from app.web.journey import BACK_TO_REVIEW
from app.web.sitting import Sitting

QUIET = Markup(' class="quiet"')
"""What marks a question without an answer."""


class Line(NamedTuple):
    """A question and the name of its answer; a `head` stands above the ratings of a department."""

    question: str
    name: str
    head: bool = False


class Part(NamedTuple):
    """The questions of one page and the way back to it."""

    title: str
    href: str
    lines: list[Line]


@dataclasses.dataclass(frozen=True, slots=True)
class Outline:
    """The parts of a review with holes for the answers, made when they are rendered."""

    labels: Labels
    sitting: Sitting

    def __iter__(self) -> Iterator[Part]:
        """Go through the pages that have answers."""
        journey = self.sitting.journey
        for section, questions in journey.sections:
            lines = [line for one in questions for line in _lines(self.labels, self.sitting, one)]
            href = f"{journey.address(section)}{BACK_TO_REVIEW}"
            yield Part(section.title[self.labels.language], href, lines)


def review_page(page: Page, sitting: Sitting, *, busy: bool = False) -> Response:
    """Show all answers, and what is still missing before they can be sent.

    Where nothing is missing, it is the same for all who were asked the same: it is rendered once,
    and their answers filled in.
    """
    journey, labels = sitting.journey, sitting.wave.survey.labels[page.language]
    faults = _faults(sitting)
    varying = {
        "wave": sitting.wave.code,
        "step": len(journey.pages),
        "steps": len(journey.pages),
        "back": journey.before(journey.review),
        "departments_at": f"{journey.departments}{BACK_TO_REVIEW}" if journey.chooses_at else "",
    }
    asked = tuple((section.code, *map(_code, questions)) for section, questions in journey.sections)
    shape = (sitting.wave.definition_hash, asked, len(sitting.rated), *varying.values())
    return page.show(
        "review.html",
        status=503 if busy else 200,
        same_for=None if faults or busy else shape,
        holes=_in_holes(page, labels, sitting),
        survey=sitting.wave.definition.survey,
        parts=Outline(labels, sitting),
        chosen=hole("chosen"),
        answer=Holes("answer "),
        quiet=Holes("quiet "),
        errors=_errors(page, sitting, faults) if faults else [],
        errors_title=page.say("Before you can send: these points are still open"),
        complete=not faults,
        finality=_finality(page, sitting),
        busy=busy,
        **varying,
    )


def _code(question: Question) -> str:
    return question.code


def _faults(sitting: Sitting) -> tuple[Fault, ...]:
    offered = sitting.admission.offer.codes
    try:
        sitting.checker.check(sitting.to_send, offered=offered)
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


def _lines(labels: Labels, sitting: Sitting, question: Question) -> Iterator[Line]:
    if not isinstance(question, DepartmentGrid):
        yield Line(labels.questions[question.code], question.code)
        return
    for n in range(len(sitting.rated)):
        yield Line(hole(f"head {n}"), "", head=True)
        for aspect, text in labels.aspects[question.code].items():
            yield Line(text, _rating(question, n, aspect))


def _rating(grid: DepartmentGrid, nth: int, aspect: str) -> str:
    return f"{grid.code} {nth} {aspect}"


def _in_holes(page: Page, labels: Labels, sitting: Sitting) -> dict[str, str]:
    """Give what fills the holes: the departments' names, and each answer in words."""
    names = [labels.departments[one.code] for one in sitting.rated]
    filled = {"chosen": page.say(", ").join(names) if names else page.say("None chosen")}
    filled |= {f"head {n}": name for n, name in enumerate(names)}
    not_answered = page.say("Not answered")
    for _, questions in sitting.journey.sections:
        for question in questions:
            for name, text in _answers(page, labels, sitting, question):
                filled[f"answer {name}"] = text or not_answered
                if not text:
                    filled[f"quiet {name}"] = QUIET
    return filled


def _answers(
    page: Page, labels: Labels, sitting: Sitting, question: Question
) -> Iterator[tuple[str, str]]:
    """Give answers in words by the names that lines have; empty where there are none."""
    answer = sitting.answers.get(question.code)
    if not isinstance(question, DepartmentGrid):
        yield question.code, _in_words(page, labels, question, answer)
        return
    levels = labels.answers[question.code]
    for n, department in enumerate(sitting.rated):
        ratings = (answer or {}).get(department.code, {})
        for aspect in labels.aspects[question.code]:
            yield _rating(question, n, aspect), levels.get(ratings.get(aspect), "")


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
