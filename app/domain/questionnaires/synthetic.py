"""Invented respondents: answers that a definition accepts, from a seeded generator.

For demonstrations, load and simulation. Somebody has facts (answers to questions about oneself) and
opinions, from 0 harsh to 1 content; the level chosen is the one nearest to opinion plus noise.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.domain.questionnaires.audience import RatesChosen
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.model import (
    DONT_KNOW,
    DateQuestion,
    DepartmentGrid,
    MultipleChoice,
    NumberQuestion,
    Question,
    Scale,
    ScaleQuestion,
    SingleChoice,
    ZeroToTen,
)
from app.domain.questionnaires.navigation import asked_sections, walk
from app.domain.questionnaires.synthetic_city import NOISE

DONT_KNOW_SHARE = 0.08

Opinion = Callable[[str | None], float]
"""What somebody thinks of a department, or of the government as a whole (None)."""


def synthetic_answers(
    definition: SurveyDefinition,
    respondent_class: str,
    offered: Sequence[str],
    *,
    opinion: Opinion,
    facts: Mapping[str, str],
    generator: random.Random,
) -> dict[str, Any]:
    """Answer every question that is shown; texts and comments stay empty.

    Where departments are chosen, several are, at random.
    """
    rates = definition.audience.named(respondent_class).rates
    rated = list(offered)
    if isinstance(rates, RatesChosen):
        most = min(rates.at_most or len(rated), len(rated), max(rates.at_least, 4))
        rated = generator.sample(rated, generator.randint(rates.at_least, most))
    scales = definition.questionnaire.scales
    answers: dict[str, Any] = {}
    for section in asked_sections(definition, respondent_class):
        for question in section.questions:
            answer = facts.get(question.code) or _answer(
                question, scales, rated, opinion, generator
            )
            if answer is not None:
                answers[question.code] = answer
    return _only_shown(definition, respondent_class, answers)


def _only_shown(
    definition: SurveyDefinition, respondent_class: str, answers: dict[str, Any]
) -> dict[str, Any]:
    return {
        question.code: answers[question.code]
        for _, questions in walk(definition, respondent_class, answers)
        for question in questions
        if question.code in answers
    }


def _answer(
    question: Question,
    scales: dict[str, Scale],
    rated: Sequence[str],
    opinion: Opinion,
    generator: random.Random,
) -> Any:
    match question:
        case SingleChoice():
            return generator.choice(question.options).code
        case MultipleChoice():
            return [generator.choice(question.options).code]
        case ScaleQuestion():
            return _level(scales[question.scale], opinion(None), generator)
        case ZeroToTen():
            return min(10, max(0, round(10 * (opinion(None) + generator.gauss(0, NOISE)))))
        case NumberQuestion():
            return generator.randint(round(question.minimum), round(question.maximum))
        case DateQuestion():
            return question.latest.isoformat()
        case DepartmentGrid():
            return {
                department: {
                    aspect.code: _level(scales[question.scale], opinion(department), generator)
                    for aspect in question.aspects
                }
                for department in rated
            }
    return None


def _level(scale: Scale, opinion: float, generator: random.Random) -> str:
    if scale.dont_know is not None and generator.random() < DONT_KNOW_SHARE:
        return DONT_KNOW
    wanted = 100 * (opinion + generator.gauss(0, NOISE))
    return min(scale.levels, key=lambda level: abs(level.score - wanted)).code
