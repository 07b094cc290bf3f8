"""What is printed on a form, as plain data: words, digits to key, boxes to tick, rows to rate.

The typesetter (`templates/print/`) only arranges it. Question numbers run through the form; routing
is told in words before the question; the digits are those of `fields.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.paper.fields import printed_codes
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
    Comment,
    DateQuestion,
    DepartmentGrid,
    MultipleChoice,
    NumberQuestion,
    Question,
    ScaleQuestion,
    ShortText,
    SingleChoice,
    ZeroToTen,
)
from app.domain.questionnaires.navigation import asked_sections, shown_options
from app.domain.questionnaires.text import Language, Text

_WORDS: Mapping[str, Mapping[Language, str]] = {
    "in": {"zh": "第{n}题选“{options}”", "en": 'you ticked "{options}" in question {n}'},
    "answered": {"zh": "第{n}题已填答", "en": "you answered question {n}"},
    "unanswered": {"zh": "第{n}题未填答", "en": "you left question {n} blank"},
    "at_least": {"zh": "第{n}题的回答不小于{limit}", "en": "question {n} is {limit} or more"},
    "at_most": {"zh": "第{n}题的回答不大于{limit}", "en": "question {n} is {limit} or less"},
    "not": {"zh": "并非（{part}）", "en": "not ({part})"},
    "and": {"zh": "，且", "en": " and "},
    "or": {"zh": "，或", "en": " or "},
    "only_if": {"zh": "仅当{part}时填答", "en": "Only if {part}"},
    "at_most_ticks": {"zh": "最多选{limit}项", "en": "Tick at most {limit}"},
    "any_ticks": {"zh": "可多选", "en": "Tick all that apply"},
    "one_tick": {"zh": "单选", "en": "Tick one"},
    "one_tick_per_row": {"zh": "每行单选", "en": "Tick one in each row"},
    "choose_rows": {
        "zh": "只评您打过交道的单位，其余留空",
        "en": "Rate only those you have dealt with; leave the others blank",
    },
    "date": {"zh": "年月日", "en": "Year, month, day"},
    "joined": {"zh": "”或“", "en": '" or "'},
}


def sheet_content(
    definition: SurveyDefinition,
    respondent_class: str,
    *,
    departments: Sequence[str],
    seed: bytes,
    language: Language,
) -> list[dict[str, Any]]:
    """Give the sections of one form, each with its questions, in the order printed."""
    return _Printer(definition, respondent_class, departments, seed, language).sections()


class _Printer:
    def __init__(
        self,
        definition: SurveyDefinition,
        respondent_class: str,
        departments: Sequence[str],
        seed: bytes,
        language: Language,
    ) -> None:
        self._definition = definition
        self._sections = asked_sections(definition, respondent_class)
        self._chooses = definition.audience.named(respondent_class).rates.rule == "choose"
        self._departments = departments
        self._seed = seed
        self._language = language
        questions = [question for one in self._sections for question in one.questions]
        self._questions = {question.code: question for question in questions}
        self._numbers = {question.code: n for n, question in enumerate(questions, start=1)}

    def sections(self) -> list[dict[str, Any]]:
        return [
            {
                "title": self._say(section.title),
                "introduction": self._say(section.introduction),
                "routing": self._routing(section.show_if),
                "questions": [self._question(question) for question in section.questions],
            }
            for section in self._sections
        ]

    def _say(self, text: Text | None) -> str:
        return "" if text is None else text[self._language]

    def _word(self, key: str, **values: object) -> str:
        return _WORDS[key][self._language].format(**values)

    def _question(self, question: Question) -> dict[str, Any]:
        return {
            "number": self._numbers[question.code],
            "text": self._say(question.text),
            "help": self._say(question.help),
            "routing": self._routing(question.show_if),
            "hint": "",
        } | self._body(question)

    def _body(self, question: Question) -> dict[str, Any]:
        match question:
            case SingleChoice() | MultipleChoice():
                return self._choice(question)
            case ScaleQuestion():
                levels = self._levels(question)
                return {"kind": "options", "options": levels, "hint": self._word("one_tick")}
            case DepartmentGrid():
                return self._grid(question)
            case ZeroToTen():
                return self._zero_to_ten(question)
            case NumberQuestion():
                return {"kind": "number", "unit": self._say(question.unit)}
            case DateQuestion():
                return {"kind": "date", "hint": self._word("date")}
            case ShortText():
                return {"kind": "line"}
            case Comment():
                return {"kind": "box"}

    def _choice(self, question: SingleChoice | MultipleChoice) -> dict[str, Any]:
        printed = {code: digits for digits, code in self._codes(question).items()}
        options = [
            {"code": printed[option.code], "text": self._say(option.text)}
            for option in shown_options(question, self._seed)
        ]
        hint = self._word("one_tick")
        if isinstance(question, MultipleChoice):
            limit = question.at_most
            hint = self._word("at_most_ticks", limit=limit) if limit else self._word("any_ticks")
        return {"kind": "options", "options": options, "hint": hint}

    def _codes(self, question: Question) -> dict[str, Any]:
        return printed_codes(question, self._definition)

    def _levels(self, question: ScaleQuestion | DepartmentGrid) -> list[dict[str, str]]:
        scale = self._definition.questionnaire.scales[question.scale]
        words = {level.code: self._say(level.text) for level in scale.levels}
        words[DONT_KNOW] = self._say(scale.dont_know)
        return [
            {"code": digits, "text": words[code]} for digits, code in self._codes(question).items()
        ]

    def _grid(self, question: DepartmentGrid) -> dict[str, Any]:
        names = self._definition.departments
        return {
            "kind": "grid",
            "levels": self._levels(question),
            "departments": [self._say(names.named(code).name) for code in self._departments],
            "aspects": [self._say(aspect.text) for aspect in question.aspects],
            "hint": self._word("choose_rows" if self._chooses else "one_tick_per_row"),
        }

    def _zero_to_ten(self, question: ZeroToTen) -> dict[str, Any]:
        codes = self._codes(question)
        return {
            "kind": "zero_to_ten",
            "numbers": [digits for digits, answer in codes.items() if answer != DONT_KNOW],
            "lowest": self._say(question.lowest),
            "highest": self._say(question.highest),
            "dont_know": [
                {"code": digits, "text": self._say(question.dont_know)}
                for digits, answer in codes.items()
                if answer == DONT_KNOW
            ],
            "hint": self._word("one_tick"),
        }

    def _routing(self, condition: Condition | None) -> str:
        if condition is None:
            return ""
        return self._word("only_if", part=self._condition(condition))

    def _condition(self, condition: Condition) -> str:
        match condition:
            case AllOf():
                return self._word("and").join(self._condition(one) for one in condition.parts)
            case AnyOf():
                return self._word("or").join(self._condition(one) for one in condition.parts)
            case NotThat():
                return self._word("not", part=self._condition(condition.part))
        n = self._numbers[condition.question]
        match condition:
            case OneOf():
                named = self._option_texts(condition)
                return self._word("in", n=n, options=self._word("joined").join(named))
            case Answered():
                return self._word("answered" if condition.answered else "unanswered", n=n)
            case AtLeast():
                return self._word("at_least", n=n, limit=f"{condition.at_least:g}")
            case AtMost():
                return self._word("at_most", n=n, limit=f"{condition.at_most:g}")

    def _option_texts(self, condition: OneOf) -> list[str]:
        question = self._questions[condition.question]
        if isinstance(question, SingleChoice | MultipleChoice):
            words = {option.code: self._say(option.text) for option in question.options}
        elif isinstance(question, ScaleQuestion):
            codes = self._codes(question)
            words = {codes[one["code"]]: one["text"] for one in self._levels(question)}
        else:
            words = {}
        return [words.get(code, code) for code in condition.one_of]
