"""Quota cells: how many forms a survey point should bring back of which respondents.

A cell is written `sex=female,age=18-24`: options of single-choice questions about the respondent.
"""

from collections.abc import Mapping
from typing import Any

from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.model import SingleChoice
from app.errors import Fault

LONGEST_CELL = 400
Cell = tuple[tuple[str, str], ...]


def read_cell(definition: SurveyDefinition, text: str) -> Cell | Fault:
    """Read a cell; its parts in the order of the questionnaire: one cell, one spelling."""
    options = {
        question.code: {option.code for option in question.options}
        for question in definition.questionnaire.questions()
        if isinstance(question, SingleChoice)
    }
    parts = [part.partition("=") for part in text.split(",")]
    given = {name.strip(): code.strip() for name, _, code in parts}
    if len(given) < len(parts) or any(code not in options.get(q, ()) for q, code in given.items()):
        return Fault(
            "cell",
            "unknown-cell",
            "A cell is question=option, joined by commas, each question once",
        )
    cell = tuple((question, given[question]) for question in options if question in given)
    if len(write_cell(cell)) > LONGEST_CELL:
        return Fault("cell", "cell-too-long", "The cell names too many questions")
    return cell


def write_cell(cell: Cell) -> str:
    """Write a cell in its one spelling."""
    return ",".join(f"{question}={code}" for question, code in cell)


def is_in(cell: Cell, answers: Mapping[str, Any]) -> bool:
    """Say whether these answers belong to the cell."""
    return all(answers.get(question) == code for question, code in cell)
