"""What is keyed from a form: one field per printed answer, with the digits printed beside options.

A rating grid has a field per row and aspect, named by the row as printed (`ratings.1.attitude`):
every form has departments of its own, and the keyer sees rows, not codes. Printed codes count the
options in the order of the definition, also where a form shows them in another order; «don't know»
is 9, or 99 where a scale needs the 9 itself.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.model import (
    DONT_KNOW,
    DepartmentGrid,
    MultipleChoice,
    Question,
    ScaleQuestion,
    SingleChoice,
    ZeroToTen,
)
from app.domain.questionnaires.navigation import asked_sections


@dataclasses.dataclass(frozen=True, slots=True)
class PaperField:
    """One place on the form. `codes`: printed digits → answer; none for numbers, dates, texts.

    `row` counts the departments on the form from 1; 0 where the question is no grid.
    """

    code: str
    question: Question
    codes: Mapping[str, Any]
    row: int = 0
    aspect: str = ""


def paper_fields(
    definition: SurveyDefinition, respondent_class: str, departments: int
) -> list[PaperField]:
    """List what is keyed from a form with so many departments, in the order printed."""
    fields: list[PaperField] = []
    for section in asked_sections(definition, respondent_class):
        for question in section.questions:
            codes = printed_codes(question, definition)
            if isinstance(question, DepartmentGrid):
                fields += _grid_fields(question, codes, departments)
            else:
                fields.append(PaperField(question.code, question, codes))
    return fields


def _grid_fields(
    grid: DepartmentGrid, codes: Mapping[str, Any], departments: int
) -> list[PaperField]:
    return [
        PaperField(f"{grid.code}.{row}.{aspect.code}", grid, codes, row, aspect.code)
        for row in range(1, departments + 1)
        for aspect in grid.aspects
    ]


def printed_codes(question: Question, definition: SurveyDefinition) -> dict[str, Any]:
    """Give the digits printed beside each option, and the answer that they stand for."""
    match question:
        case SingleChoice() | MultipleChoice():
            return _numbered([option.code for option in question.options])
        case ZeroToTen():
            codes: dict[str, Any] = {str(n): n for n in range(11)}
            return codes | ({"99": DONT_KNOW} if question.dont_know else {})
        case ScaleQuestion() | DepartmentGrid():
            scale = definition.questionnaire.scales[question.scale]
            levels = _numbered([level.code for level in scale.levels])
            if scale.dont_know is not None:
                levels["9" if len(levels) < 9 else "99"] = DONT_KNOW
            return levels
    return {}


def _numbered(codes: list[str]) -> dict[str, Any]:
    return {str(n): code for n, code in enumerate(codes, start=1)}
