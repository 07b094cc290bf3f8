"""What a keying page needs to know of a form: fields, keys, routing and ranges, as plain data.

One key, one answer: an option printed with one digit is keyed by that digit, one with two digits by
a letter that the page shows. Routing and ranges are for warnings: the paper is the truth.
"""

import string
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.domain.paper.fields import PaperField, paper_fields
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
from app.domain.questionnaires.model import (
    DONT_KNOW,
    DateQuestion,
    DepartmentGrid,
    MultipleChoice,
    NumberQuestion,
    ScaleQuestion,
    SingleChoice,
    ZeroToTen,
)
from app.domain.questionnaires.navigation import asked_sections
from app.domain.questionnaires.text import Language, Text

KEYS_AT_HAND = 9 + 26
"""With more options than digits and letters, the printed code is typed and confirmed."""


def keying_plan(
    definition: SurveyDefinition, respondent_class: str, departments: int, language: Language
) -> list[dict[str, Any]]:
    """Describe the fields of a form with so many departments, in the order printed.

    Each has `code`, `kind` (choice, several, code, number, date, text), `number` of the question as
    printed, `text`, `row` and `aspect` of a grid, `keys` ({key, mark, text}), `required`,
    `asked_if` (conditions that must all hold) and, by kind, `least`, `most`.
    """
    return _Planner(definition, respondent_class, departments, language).fields()


class _Planner:
    def __init__(
        self,
        definition: SurveyDefinition,
        respondent_class: str,
        departments: int,
        language: Language,
    ) -> None:
        self._definition = definition
        self._language = language
        self._fields = paper_fields(definition, respondent_class, departments)
        sections = asked_sections(definition, respondent_class)
        questions = [(section, one) for section in sections for one in section.questions]
        self._numbers = {one.code: n for n, (_, one) in enumerate(questions, start=1)}
        self._routing = {
            one.code: [c for c in (section.show_if, one.show_if) if c is not None]
            for section, one in questions
        }

    def fields(self) -> list[dict[str, Any]]:
        return [self._field(field) for field in self._fields]

    def _say(self, text: Text | None) -> str:
        return "" if text is None else text[self._language]

    def _field(self, field: PaperField) -> dict[str, Any]:
        question = field.question
        conditions = self._routing[question.code]
        return {
            "code": field.code,
            "number": self._numbers[question.code],
            "text": self._say(question.text),
            "row": field.row,
            "aspect": self._aspect(field),
            "required": question.required,
            "asked_if": [self._condition(one) for one in conditions],
            "keys": self._keys(field),
        } | _kind(field)

    def _aspect(self, field: PaperField) -> str:
        if not isinstance(field.question, DepartmentGrid):
            return ""
        return next(self._say(a.text) for a in field.question.aspects if a.code == field.aspect)

    def _keys(self, field: PaperField) -> list[dict[str, str]]:
        words = self._words(field)
        letters = iter(string.ascii_lowercase)
        return [
            {
                "key": mark if len(mark) == 1 else next(letters, ""),
                "mark": mark,
                "text": words.get(answer, mark),
            }
            for mark, answer in field.codes.items()
        ]

    def _words(self, field: PaperField) -> Mapping[Any, str]:
        question = field.question
        match question:
            case SingleChoice() | MultipleChoice():
                return {option.code: self._say(option.text) for option in question.options}
            case ScaleQuestion() | DepartmentGrid():
                scale = self._definition.questionnaire.scales[question.scale]
                levels = {level.code: self._say(level.text) for level in scale.levels}
                return levels | {DONT_KNOW: self._say(scale.dont_know)}
            case ZeroToTen():
                ends = {0: self._say(question.lowest), 10: self._say(question.highest)}
                numbers = {n: f"{n} {ends.get(n, '')}".strip() for n in range(11)}
                return {**numbers, DONT_KNOW: self._say(question.dont_know)}
        return {}

    def _condition(self, condition: Condition) -> dict[str, Any]:
        match condition:
            case AllOf():
                return {"all": [self._condition(one) for one in condition.parts]}
            case AnyOf():
                return {"any": [self._condition(one) for one in condition.parts]}
            case NotThat():
                return {"not": self._condition(condition.part)}
        fields = [one for one in self._fields if one.question.code == condition.question]
        return {"fields": [one.code for one in fields]} | _test(condition, fields)


def _kind(field: PaperField) -> dict[str, Any]:
    match field.question:
        case MultipleChoice():
            return {"kind": "several", "most": field.question.at_most}
        case NumberQuestion():
            return {
                "kind": "number",
                "least": field.question.minimum,
                "most": field.question.maximum,
            }
        case DateQuestion():
            return {
                "kind": "date",
                "least": field.question.earliest.isoformat(),
                "most": field.question.latest.isoformat(),
            }
    if len(field.codes) > KEYS_AT_HAND:
        return {"kind": "code"}
    return {"kind": "choice" if field.codes else "text"}


def _test(
    condition: OneOf | Answered | AtLeast | AtMost, fields: Sequence[PaperField]
) -> dict[str, Any]:
    """Write a comparison of answers as one of marks; coded numbers become a list of marks."""
    codes = fields[0].codes if fields else {}
    match condition:
        case OneOf():
            return {"in": [mark for mark, answer in codes.items() if answer in condition.one_of]}
        case Answered():
            return {"answered": condition.answered}
        case AtLeast():
            marks = _marks_where(codes, lambda number: number >= condition.at_least)
            return {"in": marks} if codes else {"at_least": condition.at_least}
        case AtMost():
            marks = _marks_where(codes, lambda number: number <= condition.at_most)
            return {"in": marks} if codes else {"at_most": condition.at_most}


def _marks_where(codes: Mapping[str, Any], holds: Callable[[int], bool]) -> list[str]:
    return [mark for mark, answer in codes.items() if isinstance(answer, int) and holds(answer)]
