"""The check of a department grid: ratings by department and aspect, of those offered only."""

from collections.abc import Callable, Mapping
from typing import Any

from app.domain.questionnaires.audience import Rates, RatesChosen
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.model import DONT_KNOW, DepartmentGrid
from app.domain.questionnaires.reading import Check, Reading, is_empty


def rating_codes(definition: SurveyDefinition, scale_code: str) -> list[str]:
    """List the answers that a scale takes, with «don't know» where it is offered."""
    scale = definition.questionnaire.scales[scale_code]
    codes = [level.code for level in scale.levels]
    return [*codes, DONT_KNOW] if scale.dont_know else codes


def check_of_grid(
    question: DepartmentGrid, definition: SurveyDefinition, rates: Rates, field: str
) -> Check:
    row = _row(question, definition)
    places = {one.code: n for n, one in enumerate(definition.departments.departments)}
    chooses = isinstance(rates, RatesChosen)

    def check(value: Any, reading: Reading) -> dict[str, dict[str, str]] | None:
        given = {} if is_empty(value) else value
        if not isinstance(given, dict):
            reading.refuse_type(field, "The answer must list ratings by department.")
            return None
        if not given.keys() <= reading.offered:
            reading.refuse(field, "not-offered")
        asked = reading.offered if question.required and not chooses else given.keys()
        if isinstance(rates, RatesChosen):
            _count_chosen(rates, given, question.required, reading, field)
        rated: dict[str, dict[str, str]] = {}
        for department in sorted(asked & reading.offered, key=places.__getitem__):
            ratings = row(given.get(department), reading, f"{field}.{department}")
            if ratings:
                rated[department] = ratings
        return rated or None

    return check


def _count_chosen(
    rates: RatesChosen,
    given: Mapping[str, object],
    required: bool,
    reading: Reading,
    field: str,
) -> None:
    """A department named without ratings counts as chosen only where all must be rated."""
    chosen = sum(required or not is_empty(ratings) for ratings in given.values())
    if rates.at_most is not None and chosen > rates.at_most:
        reading.refuse(field, "too-many", limit=rates.at_most)
    if chosen < rates.at_least and (chosen or required):
        reading.refuse(field, "too-few", limit=rates.at_least)


def _row(
    question: DepartmentGrid, definition: SurveyDefinition
) -> Callable[[Any, Reading, str], dict[str, str] | None]:
    aspects = [aspect.code for aspect in question.aspects]
    levels = rating_codes(definition, question.scale)

    def check(value: Any, reading: Reading, field: str) -> dict[str, str] | None:
        given = {} if is_empty(value) else value
        if not isinstance(given, dict):
            reading.refuse_type(field, "The answer must list ratings by aspect.")
            return None
        if not given.keys() <= set(aspects):
            reading.refuse(field, "unknown-question")
        ratings: dict[str, str] = {}
        for aspect in aspects:
            rating = given.get(aspect)
            if isinstance(rating, str) and rating in levels:
                ratings[aspect] = rating
            elif not is_empty(rating):
                reading.refuse(f"{field}.{aspect}", "not-an-option")
            elif question.required:
                reading.refuse(f"{field}.{aspect}", "required")
        return ratings

    return check
