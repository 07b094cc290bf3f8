"""sample.yaml: strata, survey points, allocation, and margins that agree with each other."""

import math

from app.domain.questionnaires.analysis import Margin
from app.domain.questionnaires.checks.questionnaire import RESERVED
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.findings import Broken, Path, repeated, repeated_codes
from app.domain.questionnaires.model import SingleChoice

SAME_TOTAL = 1e-6
"""Relative difference up to which two totals of one population are the same."""


def codes_are_unique(definition: SurveyDefinition) -> Broken:
    """Forms and weights are stored by stratum and survey point."""
    yield from repeated_codes(definition.sample.strata, ("strata",))
    yield from repeated_codes(definition.sample.points, ("points",))
    for at in repeated(definition.sample.margins, key=lambda margin: margin.question):
        message = "another margin has this question already"
        yield ("margins", at, "question"), "duplicate-margin", message


def points_lie_in_strata(definition: SurveyDefinition) -> Broken:
    """A survey point is drawn within a stratum; where there are points, each stratum has some."""
    sample = definition.sample
    known = {stratum.code for stratum in sample.strata}
    for at, point in enumerate(sample.points):
        if point.stratum not in known:
            yield ("points", at, "stratum"), "unknown-stratum", "there is no such stratum"
    used = {point.stratum for point in sample.points}
    for at, stratum in enumerate(sample.strata):
        if used and stratum.code not in used:
            yield ("strata", at), "empty-stratum", "no survey point lies in this stratum"


def allocation_is_possible(definition: SurveyDefinition) -> Broken:
    """There are strata to spread it over, and the minimum does not exceed the total."""
    sample = definition.sample
    if sample.allocation is None:
        return
    people = sum(stratum.population for stratum in sample.strata)
    if not sample.strata:
        yield ("allocation",), "no-strata", "an allocation is spread over strata"
    elif sample.allocation.total > people:
        message = "is larger than the population of the strata"
        yield ("allocation", "total"), "allocation", message
    if sample.allocation.minimum * len(sample.strata) > sample.allocation.total:
        message = "the minimum in every stratum is more than the total"
        yield ("allocation", "minimum"), "allocation", message


def margins_match_questions(definition: SurveyDefinition) -> Broken:
    """A margin counts people by the options of a single choice, all of them, or by stratum."""
    choices = {
        question.code: {option.code for option in question.options}
        for question in definition.questionnaire.questions()
        if isinstance(question, SingleChoice)
    }
    choices[RESERVED] = {stratum.code for stratum in definition.sample.strata}
    for at, margin in enumerate(definition.sample.margins):
        path: Path = ("margins", at)
        if margin.question in choices:
            yield from _categories(margin, choices[margin.question], path)
        else:
            message = "a margin is about a question of kind single, or stratum"
            yield (*path, "question"), "margin-question", message


def _categories(margin: Margin, known: set[str], path: Path) -> Broken:
    for code in sorted(margin.totals.keys() - known):
        message = "the question has no such option"
        yield (*path, "totals", code), "margin-categories", message
    if known - margin.totals.keys():
        message = "gives no total for some of the question's options"
        yield (*path, "totals"), "margin-categories", message


def totals_agree(definition: SurveyDefinition) -> Broken:
    """All margins and the strata count the same people."""
    sample = definition.sample
    people = sum(stratum.population for stratum in sample.strata)
    totals = [math.fsum(margin.totals.values()) for margin in sample.margins]
    first = people or (totals[0] if totals else 0)
    for at, total in enumerate(totals):
        if not math.isclose(total, first, rel_tol=SAME_TOTAL):
            message = f"adds up to {total:.10g}, the population is {first:.10g}"
            yield ("margins", at, "totals"), "margin-totals", message


CHECKS = [
    codes_are_unique,
    points_lie_in_strata,
    allocation_is_possible,
    margins_match_questions,
    totals_agree,
]
