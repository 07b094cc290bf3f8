"""show_if: conditions look back, at questions of a fitting kind that the same people are asked."""

from collections.abc import Iterator
from typing import NamedTuple

from app.domain.questionnaires.conditions import (
    AllOf,
    Answered,
    AnyOf,
    AtLeast,
    AtMost,
    Condition,
    NotThat,
    OneOf,
)
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.findings import Broken, Path
from app.domain.questionnaires.model import (
    RATING_KINDS,
    MultipleChoice,
    NumberQuestion,
    Question,
    Section,
    SingleChoice,
)

Comparison = OneOf | Answered | AtLeast | AtMost


class _Look(NamedTuple):
    """One comparison, where it stands, and how many questions come before it."""

    path: Path
    comparison: Comparison
    section: Section
    before: int


class _Asked(NamedTuple):
    """A question, its place among all questions, and the section it stands in."""

    question: Question
    place: int
    section: Section


def conditions_can_be_met(definition: SurveyDefinition) -> Broken:
    """Each comparison names an earlier question and something that it can answer."""
    asked = _asked(definition)
    classes = {one.code for one in definition.audience.classes}
    for look in _looks(definition):
        target = asked.get(look.comparison.question)
        where = (*look.path, "question")
        if target is None:
            yield where, "unknown-question", "there is no such question"
        elif target.place >= look.before:
            yield where, "looks-ahead", "a condition looks at earlier questions only"
        elif _classes(look.section, classes) - _classes(target.section, classes):
            message = "some who see this are never asked the question that it depends on"
            yield where, "question-of-other-class", message
        else:
            yield from _fits(look, target.question)


def _classes(section: Section, everyone: set[str]) -> set[str]:
    return set(section.classes) or everyone


def _asked(definition: SurveyDefinition) -> dict[str, _Asked]:
    found: dict[str, _Asked] = {}
    for section in definition.questionnaire.sections:
        for question in section.questions:
            found.setdefault(question.code, _Asked(question, len(found), section))
    return found


def _looks(definition: SurveyDefinition) -> Iterator[_Look]:
    before = 0
    for number, section in enumerate(definition.questionnaire.sections):
        path: Path = ("sections", number)
        for where, comparison in _comparisons(section.show_if, (*path, "show_if")):
            yield _Look(where, comparison, section, before)
        for position, question in enumerate(section.questions):
            path = ("sections", number, "questions", position, "show_if")
            for where, comparison in _comparisons(question.show_if, path):
                yield _Look(where, comparison, section, before)
            before += 1


def _comparisons(condition: Condition | None, path: Path) -> Iterator[tuple[Path, Comparison]]:
    match condition:
        case None:
            return
        case AllOf() | AnyOf():
            for at, part in enumerate(condition.parts):
                yield from _comparisons(part, (*path, condition.key, at))
        case NotThat():
            yield from _comparisons(condition.part, (*path, condition.key))
        case _:
            yield path, condition


def _fits(look: _Look, question: Question) -> Broken:
    if question.kind in RATING_KINDS:
        return  # no condition fits a rating: fairness says why
    match look.comparison, question:
        case OneOf(), SingleChoice() | MultipleChoice():
            known = {option.code for option in question.options}
            for at, code in enumerate(look.comparison.one_of):
                if code not in known:
                    yield (*look.path, "in", at), "unknown-option", "there is no such option"
        case AtLeast() | AtMost(), NumberQuestion():
            limit = look.comparison
            value = limit.at_least if isinstance(limit, AtLeast) else limit.at_most
            if not question.minimum <= value <= question.maximum:
                message = "lies outside of what the question accepts"
                yield (*look.path, limit.key), "outside-range", message
        case Answered(), _:
            return
        case comparison, _:
            message = "in is for choices, at_least and at_most are for numbers"
            yield (*look.path, comparison.key), "condition-kind", message


CHECKS = [conditions_can_be_met]
