"""What the question templates ask: texts in the page's language, answers given, faults found."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.questionnaires.departments import Department
from app.domain.questionnaires.model import (
    DepartmentGrid,
    MultipleChoice,
    Option,
    Question,
    ScaleQuestion,
    SingleChoice,
)
from app.domain.questionnaires.navigation import shown_options
from app.rendering import Page
from app.stencils import hole
from app.web.sitting import Sitting

CHECKED = " checked"
SHORT = 5
"""Labels up to this width (in Chinese characters) let a scale stand in one row on a phone."""


@dataclasses.dataclass(frozen=True, slots=True)
class ScaleView:
    """A scale as shown: codes and labels, the label of «don't know», and how it is laid out."""

    levels: list[tuple[str, str]]
    dont_know: str
    layout: str


@dataclasses.dataclass(frozen=True, slots=True)
class Sheet:
    """The answers of one page. `errors` by field name: `q1`, or `grid.D01.speed` in a grid.

    Without answers there are holes in their place, which `in_holes` fills.
    """

    page: Page
    sitting: Sitting
    answers: Mapping[str, Any] | None
    errors: Mapping[str, str]

    @property
    def departments(self) -> Sequence[Department]:
        """The departments that a grid shows."""
        return self.sitting.rated

    def error(self, name: str) -> str:
        """What is wrong with a field; empty if nothing."""
        return self.errors.get(name, "")

    def options(self, question: SingleChoice | MultipleChoice) -> list[Option]:
        """The options in this respondent's order."""
        return shown_options(question, self.sitting.admission.seed)

    def checked(self, question: Question, code: str | int) -> str:
        """What marks an option that is the answer, or among the answers."""
        if self.answers is None:
            return hole(f"{question.code}={code}")
        answer = self.answers.get(question.code)
        is_given = code in answer if isinstance(answer, list) else answer == code
        return CHECKED if is_given else ""

    def text(self, question: Question) -> str:
        """The answer as text for an input."""
        if self.answers is None:
            return hole(f"{question.code}=")
        answer = self.answers.get(question.code)
        return "" if answer is None else str(answer)

    def rating(self, question: DepartmentGrid, department: str, aspect: str) -> str:
        """The rating given; empty if none."""
        ratings = ((self.answers or {}).get(question.code) or {}).get(department) or {}
        return str(ratings.get(aspect, ""))

    def scale(self, question: ScaleQuestion | DepartmentGrid) -> ScaleView:
        """The scale of a question, ready to be shown."""
        scale = self.sitting.wave.definition.questionnaire.scales[question.scale]
        levels = [(level.code, self.page.words(level.text)) for level in scale.levels]
        dont_know = self.page.words(scale.dont_know) if scale.dont_know else ""
        return ScaleView(levels, dont_know, self._layout([text for _, text in levels]))

    def _layout(self, labels: Sequence[str]) -> str:
        if len(labels) > 7:
            return "tall"
        fits = len(labels) <= 5 and all(_width(label) <= SHORT for label in labels)
        return f"{'row' if fits and not self.page.large else 'list'} n{len(labels)}"


def can_have_holes(questions: Sequence[Question]) -> bool:
    """Say whether all respondents see these questions alike, but for their answers."""
    return not any(
        isinstance(one, DepartmentGrid) or getattr(one, "order", "fixed") != "fixed"
        for one in questions
    )


def in_holes(questions: Sequence[Question], answers: Mapping[str, Any]) -> dict[str, str]:
    """Give what fills the holes of a sheet without answers."""
    filled: dict[str, str] = {}
    for code in (one.code for one in questions if one.code in answers):
        answer = answers[code]
        chosen = answer if isinstance(answer, list) else [answer]
        filled |= {f"{code}={option}": CHECKED for option in chosen}
        filled[f"{code}="] = str(answer)
    return filled


def _width(label: str) -> float:
    return sum(0.5 if letter.isascii() else 1 for letter in label)
