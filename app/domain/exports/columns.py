"""The columns of an export: a function of the definition, so that they never shift.

A column's name is made of codes (`question`, `question.option`, `question.department.aspect`),
never of positions, and a declared question has its columns whether anybody answered it or not.
Versions of a definition under which answers are stored keep codes and their meaning, so the same
name means the same in every version; what a version lacks is a column less, not a column shifted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from app.domain.deduplication.decision import ResponseStatus
from app.domain.questionnaires.audience import Mode, Trust
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.model import (
    DONT_KNOW,
    Comment,
    DateQuestion,
    DepartmentGrid,
    MultipleChoice,
    NumberQuestion,
    Option,
    Question,
    Scale,
    ScaleQuestion,
    ShortText,
    SingleChoice,
    ZeroToTen,
)
from app.domain.questionnaires.text import Text

Kind = Literal["code", "number", "date", "text"]

DONT_KNOW_NUMBER = 999
"""«Don't know» where values are numbered: no scale or list of options is that long."""

ABOUT = (
    *("status", "mode", "trust", "class", "stratum", "point"),
    *("base_weight", "window", "offered"),
)
"""Columns about the response. A question with such a code has its answers in `code.answer`."""

YES, NO = Text(zh="是", en="Yes"), Text(zh="否", en="No")
STATUS: Mapping[str, Text] = {
    ResponseStatus.COUNTED: Text(zh="计入", en="Counted"),
    ResponseStatus.DUPLICATE: Text(zh="重复", en="Duplicate"),
    ResponseStatus.SET_ASIDE: Text(zh="搁置", en="Set aside"),
}
MODE: Mapping[str, Text] = {
    Mode.WEB: Text(zh="网上", en="Web"),
    Mode.KIOSK: Text(zh="自助终端", en="Kiosk"),
    Mode.PAPER: Text(zh="纸质问卷", en="Paper"),
    Mode.PHONE: Text(zh="电话", en="Phone"),
}
TRUST: Mapping[str, Text] = {
    Trust.OPEN: Text(zh="匿名", en="Open"),
    Trust.INVITED: Text(zh="参与码", en="Invited"),
    Trust.VERIFIED: Text(zh="核验身份后匿名", en="Verified"),
    Trust.BLIND: Text(zh="盲签", en="Blind"),
    Trust.CONFIDENTIAL: Text(zh="实名保密", en="Confidential"),
    Trust.FIELDWORK: Text(zh="编号纸质问卷", en="Fieldwork"),
}


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a coded column; `number` stands for it where values are numbered."""

    code: str
    label: Text
    number: int
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `question`, `department` and `part` (aspect or option) say whose answer it holds.

    A column without a question is about the response: its design, and how it came in.
    """

    name: str
    label: Text
    kind: Kind
    values: tuple[Value, ...] = ()
    question: str = ""
    department: str = ""
    part: str = ""


def columns_of(definition: SurveyDefinition, *, with_texts: bool = False) -> list[Column]:
    """List the columns in order: about the response, then questions as they are asked.

    `with_texts` adds what people wrote in their own words, which may name people.
    """
    columns = list(_about(definition))
    for question in definition.questionnaire.questions():
        if with_texts or not isinstance(question, Comment | ShortText):
            columns += _of_question(definition, question)
    return columns


def _about(definition: SurveyDefinition) -> Iterator[Column]:
    sample = definition.sample
    windows = [window for one in definition.departments.departments for window in one.windows]
    yield _coded("status", Text(zh="答卷状态", en="Where the response counts"), STATUS)
    yield _coded("mode", Text(zh="调查方式", en="Mode"), MODE)
    yield _coded("trust", Text(zh="可信等级", en="Trust level"), TRUST)
    yield _coded(
        "class",
        Text(zh="评价主体", en="Respondent class"),
        {one.code: one.name for one in definition.audience.classes},
    )
    yield _coded(
        "stratum", Text(zh="层", en="Stratum"), {one.code: one.name for one in sample.strata}
    )
    yield _coded(
        "point",
        Text(zh="调查点", en="Survey point (primary sampling unit)"),
        {one.code: one.name for one in sample.points},
    )
    yield Column(
        "base_weight",
        Text(zh="基础权重", en="Base weight: people of the stratum per counted response"),
        "number",
    )
    yield _coded(
        "window", Text(zh="服务窗口", en="Service window"), {one.code: one.name for one in windows}
    )
    yield Column("offered", Text(zh="所列单位", en="Departments offered, by code"), "text")


def _coded(name: str, label: Text, values: Mapping[str, Text]) -> Column:
    numbered = enumerate(values.items(), start=1)
    return Column(name, label, "code", tuple(Value(code, text, n) for n, (code, text) in numbered))


def _of_question(definition: SurveyDefinition, question: Question) -> list[Column]:
    scales = definition.questionnaire.scales
    match question:
        case DepartmentGrid():
            return _grid(definition, question)
        case MultipleChoice():
            return [_chosen(question, option) for option in question.options]
        case SingleChoice():
            return [_simple(question, "code", _options(question.options))]
        case ScaleQuestion():
            return [_simple(question, "code", _levels(scales[question.scale]))]
        case ZeroToTen():
            return [_simple(question, "code", _zero_to_ten(question))]
        case NumberQuestion():
            return [_simple(question, "number")]
        case DateQuestion():
            return [_simple(question, "date")]
        case Comment() | ShortText():
            return [_simple(question, "text")]


def _simple(question: Question, kind: Kind, values: tuple[Value, ...] = ()) -> Column:
    name = f"{question.code}.answer" if question.code in ABOUT else question.code
    return Column(name, question.text, kind, values, question.code)


def _options(options: Sequence[Option]) -> tuple[Value, ...]:
    return tuple(Value(one.code, one.text, n) for n, one in enumerate(options, start=1))


def _levels(scale: Scale) -> tuple[Value, ...]:
    levels = [
        Value(one.code, one.text, n, one.score) for n, one in enumerate(scale.levels, start=1)
    ]
    return (*levels, *_dont_know(scale.dont_know))


def _zero_to_ten(question: ZeroToTen) -> tuple[Value, ...]:
    ends = {0: question.lowest, 10: question.highest}
    values = [
        Value(str(n), ends.get(n, Text(zh=str(n), en=str(n))), n, n * 10.0) for n in range(11)
    ]
    return (*values, *_dont_know(question.dont_know))


def _dont_know(text: Text | None) -> tuple[Value, ...]:
    return () if text is None else (Value(DONT_KNOW, text, DONT_KNOW_NUMBER),)


def _chosen(question: MultipleChoice, option: Option) -> Column:
    """One column an option: 1 chosen, 0 not, empty where the question was not answered."""
    return Column(
        f"{question.code}.{option.code}",
        _joined(question.text, option.text),
        "code",
        (Value("1", YES, 1), Value("0", NO, 0)),
        question.code,
        part=option.code,
    )


def _grid(definition: SurveyDefinition, question: DepartmentGrid) -> list[Column]:
    values = _levels(definition.questionnaire.scales[question.scale])
    return [
        Column(
            f"{question.code}.{department.code}.{aspect.code}",
            _joined(department.name, aspect.text),
            "code",
            values,
            question.code,
            department.code,
            aspect.code,
        )
        for department in definition.departments.departments
        for aspect in question.aspects
    ]


def _joined(first: Text, second: Text) -> Text:
    return Text(zh=f"{first.zh}:{second.zh}"[:2000], en=f"{first.en}: {second.en}"[:2000])
