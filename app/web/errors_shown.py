"""Faults of answers as a page shows them: beside the field, and in a list that links to it."""

import dataclasses
from collections.abc import Mapping, Sequence
from itertools import groupby

from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.model import DepartmentGrid, Question
from app.errors import Fault, InvalidInput
from app.rendering import Page

_PREFIX = "answers."


@dataclasses.dataclass(frozen=True, slots=True)
class ShownError:
    """A line of the error list."""

    href: str
    label: str
    message: str


def names_and_messages(page: Page, faults: Sequence[Fault]) -> dict[str, str]:
    """Give the message of each faulty field by its name on the page."""
    return {field_name(fault): page.say_fault(fault) for fault in faults}


def field_name(fault: Fault) -> str:
    """Name the field on the page: `answers.q1` is `q1` there."""
    return fault.field.removeprefix(_PREFIX)


def question_of(fault: Fault) -> str:
    """Name the question that a fault belongs to."""
    return _parts(fault)[0]


def only_of(questions: Sequence[Question], refused: InvalidInput) -> None:
    """Pass the refusal on where it is about anything but these questions.

    A browser can't send that from our pages; whoever does gets the plain refusal.
    """
    codes = {question.code for question in questions}
    if not all(f.field.startswith(_PREFIX) and question_of(f) in codes for f in refused.faults):
        raise refused


@dataclasses.dataclass(frozen=True, slots=True)
class ErrorList:
    """Lists faults in the order of the page: a line for each question or department rated.

    `shown` are the department codes in the order shown; `addresses` the page of each question
    (or its place there, with `#`), where the list stands on another page.
    """

    page: Page
    definition: SurveyDefinition
    shown: Sequence[str]
    addresses: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def of(self, faults: Sequence[Fault]) -> list[ShownError]:
        """Give the lines for these faults."""
        questions = {one.code: one for one in self.definition.questionnaire.questions()}
        order = list(questions)

        def position(fault: Fault) -> tuple[int, int]:
            code, department, _ = _parts(fault)
            return order.index(code), self._place(department)

        groups = groupby(sorted(faults, key=position), position)
        return [self._line(questions[order[n]], list(found)) for (n, _), found in groups]

    def _place(self, department: str) -> int:
        return self.shown.index(department) if department in self.shown else -1

    def _line(self, question: Question, faults: Sequence[Fault]) -> ShownError:
        address = self.addresses.get(question.code, "")
        href = address if "#" in address else f"{address}#{field_name(faults[0])}"
        _, department, aspect = _parts(faults[0])
        if not isinstance(question, DepartmentGrid) or not aspect:
            message = self.page.say_fault(faults[0])
            return ShownError(href, self.page.words(question.text), message)
        aspects = {one.code: self.page.words(one.text) for one in question.aspects}
        named = self.page.say(", ").join(aspects[_parts(fault)[2]] for fault in faults)
        label = self.page.words(self.definition.departments.named(department).name)
        return ShownError(href, label, self.page.say("Please rate: {aspects}", aspects=named))


def _parts(fault: Fault) -> tuple[str, str, str]:
    """Take a field's name apart: question, and in a grid department and aspect."""
    question, _, rest = field_name(fault).partition(".")
    department, _, aspect = rest.partition(".")
    return question, department, aspect
