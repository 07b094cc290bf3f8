"""Which sections, questions, departments and options a respondent sees, and in which order.

Asking never changes an answer. Answers to questions that routing hides count for nothing, also in
conditions further down. Whatever is drawn comes from the respondent's seed by SHA-256 alone, so
that a draw can be repeated years later and in any language; nothing here depends on a library's
random numbers.
"""

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from app.domain.questionnaires.audience import RatesAssigned, RatesFixed, RespondentClass
from app.domain.questionnaires.conditions import Answers, holds
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.departments import Department
from app.domain.questionnaires.model import (
    DepartmentGrid,
    MultipleChoice,
    Option,
    Order,
    Question,
    Section,
    SingleChoice,
)
from app.errors import Fault, InvalidInput

CERTAIN = Fraction(1)


@dataclasses.dataclass(frozen=True, slots=True)
class Offer:
    """The departments that one respondent may rate, in the order shown.

    `probabilities` holds for each of them the chance that it was offered to this respondent: k/N
    where k of N are assigned, otherwise 1. The weight uses its inverse.
    """

    codes: tuple[str, ...]
    probabilities: Mapping[str, Fraction]


def asked_sections(definition: SurveyDefinition, respondent_class: str) -> list[Section]:
    """List the sections meant for a respondent class, before any routing."""
    return [
        section
        for section in definition.questionnaire.sections
        if not section.classes or respondent_class in section.classes
    ]


def walk(
    definition: SurveyDefinition, respondent_class: str, answers: Answers
) -> Iterator[tuple[Section, list[Question]]]:
    """Go through the sections in order; give each one seen with its questions seen.

    A section whose questions are all hidden is not seen either: nobody gets an empty page.
    """
    counting: dict[str, Any] = {}
    for section in asked_sections(definition, respondent_class):
        if holds(section.show_if, counting):
            questions = _go_through(section.questions, answers, counting)
            if questions:
                yield section, questions


def visible_sections(
    definition: SurveyDefinition, respondent_class: str, answers: Answers
) -> list[Section]:
    """List the sections that a respondent with these answers sees."""
    return [section for section, _ in walk(definition, respondent_class, answers)]


def visible_questions(section: Section, answers: Answers) -> list[Question]:
    """List the section's questions seen; answers to its hidden questions do not count."""
    mine = {question.code for question in section.questions}
    counting = {code: value for code, value in answers.items() if code not in mine}
    return _go_through(section.questions, answers, counting)


def _go_through(
    questions: Sequence[Question], answers: Answers, counting: dict[str, Any]
) -> list[Question]:
    """List the questions seen; what they are answered counts for those further down."""
    seen: list[Question] = []
    for question in questions:
        if holds(question.show_if, counting):
            seen.append(question)
            if question.code in answers:
                counting[question.code] = answers[question.code]
    return seen


def offered_departments(
    definition: SurveyDefinition,
    respondent_class: str,
    *,
    seed: bytes,
    own_unit: str | None,
    fixed: str | None,
) -> Offer:
    """Say which departments this respondent may rate.

    `own_unit` leaves the offer where the class never rates its own; `fixed` is the department of
    the link or QR code opened. All grids show the departments in one order: that of the first
    grid of the class. Raises InvalidInput when the fixed department is missing or not open to
    the class.
    """
    audience = definition.audience.named(respondent_class)
    open_to_class = _open_to(definition, audience, own_unit)
    chances = _chances(audience, open_to_class, seed, fixed)
    codes = [one.code for one in open_to_class if one.code in chances]
    return Offer(tuple(_arranged(codes, _grid_order(definition, audience.code), seed)), chances)


def offer_chances(
    definition: SurveyDefinition, respondent_class: str, own_unit: str | None
) -> dict[str, Fraction]:
    """Give the chance that each department open to a respondent of this unit is offered."""
    audience = definition.audience.named(respondent_class)
    departments = _open_to(definition, audience, own_unit)
    if not isinstance(audience.rates, RatesAssigned):
        return dict.fromkeys((one.code for one in departments), CERTAIN)
    return {
        code: Fraction(min(audience.rates.k, len(pool)), len(pool))
        for pool in _pools(audience.rates, departments)
        for code in pool
    }


def _open_to(
    definition: SurveyDefinition, audience: RespondentClass, own_unit: str | None
) -> list[Department]:
    offered, groups = definition.departments.departments, audience.rates.groups
    if groups:
        offered = [one for one in offered if one.group in groups]
    if audience.never_own and own_unit:
        offered = [one for one in offered if one.code != own_unit]
    return offered


def _chances(
    audience: RespondentClass, departments: Sequence[Department], seed: bytes, fixed: str | None
) -> dict[str, Fraction]:
    match audience.rates:
        case RatesFixed():
            return {_fixed(departments, fixed): CERTAIN}
        case RatesAssigned(k=k) as rule:
            pools = _pools(rule, departments)
            return {code: chance for pool in pools for code, chance in _draw(pool, k, seed).items()}
    return dict.fromkeys((one.code for one in departments), CERTAIN)


def _pools(rule: RatesAssigned, departments: Sequence[Department]) -> list[list[str]]:
    """List the pools that k are drawn from: one of all, or one per group."""
    if not rule.per_group:
        return [[one.code for one in departments]]
    groups = dict.fromkeys(one.group for one in departments)
    return [[one.code for one in departments if one.group == group] for group in groups]


def _fixed(departments: Sequence[Department], fixed: str | None) -> str:
    if fixed is None:
        raise InvalidInput(
            faults=[Fault("department", "required", "The link names the department to rate.")]
        )
    if all(one.code != fixed for one in departments):
        raise InvalidInput(
            faults=[Fault("department", "not-offered", "This department is not rated here.")]
        )
    return fixed


def _draw(pool: Sequence[str], k: int, seed: bytes) -> dict[str, Fraction]:
    """Draw k of N by the smallest SHA-256(seed ‖ code): every subset is equally likely."""
    drawn = _shuffled(pool, seed)[:k]
    return dict.fromkeys(drawn, Fraction(len(drawn), len(pool))) if drawn else {}


def grids(definition: SurveyDefinition, respondent_class: str) -> list[DepartmentGrid]:
    """List the department grids in the sections that a respondent class is asked."""
    return [
        question
        for section in asked_sections(definition, respondent_class)
        for question in section.questions
        if isinstance(question, DepartmentGrid)
    ]


def _grid_order(definition: SurveyDefinition, respondent_class: str) -> Order:
    return next((grid.order for grid in grids(definition, respondent_class)), "fixed")


def shown_options(question: SingleChoice | MultipleChoice, seed: bytes) -> list[Option]:
    """Give the options in this respondent's order; exclusive ones («none of these») stay last."""
    if question.order == "fixed":
        return question.options
    by_code = {option.code: option for option in question.options}
    moving = [code for code, option in by_code.items() if not option.exclusive]
    arranged = _arranged(moving, question.order, seed + question.code.encode() + b"\0")
    return [by_code[code] for code in arranged] + [o for o in question.options if o.exclusive]


def _arranged(codes: Sequence[str], order: Order, seed: bytes) -> list[str]:
    if order == "random":
        return _shuffled(codes, seed)
    if order == "rotated" and codes:
        start = int.from_bytes(hashlib.sha256(seed).digest()) % len(codes)
        return [*codes[start:], *codes[:start]]
    return list(codes)


def _shuffled(codes: Sequence[str], seed: bytes) -> list[str]:
    """Arrange by SHA-256(seed ‖ code): every order is equally likely."""
    by_digest = {hashlib.sha256(seed + code.encode()).digest(): code for code in codes}
    return [by_digest[digest] for digest in sorted(by_digest)]
