"""Routing: `show_if` as data, and what it says for given answers.

A condition looks at earlier answers only (`checks.py` refuses the rest). An unanswered question
satisfies no comparison, so `not` is the only way to ask for an absence besides `answered: false`.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import ConfigDict, Discriminator, Field, Tag

from app.domain.questionnaires.text import Code, DefinitionModel

Answers = Mapping[str, Any]
"""Accepted answers by question code, as `answers.py` describes them."""


class _Condition(DefinitionModel):
    model_config = ConfigDict(populate_by_name=True)
    key: ClassVar[str]


class OneOf(_Condition):
    """The answer is (or, for multiple choice, contains) one of these codes."""

    key: ClassVar[str] = "in"
    question: Code
    one_of: Annotated[list[Code], Field(alias="in", min_length=1)]


class Answered(_Condition):
    """The question has (or has not) been answered."""

    key: ClassVar[str] = "answered"
    question: Code
    answered: bool


class AtLeast(_Condition):
    """A number or 0–10 answer is at least this."""

    key: ClassVar[str] = "at_least"
    question: Code
    at_least: float


class AtMost(_Condition):
    """A number or 0–10 answer is at most this."""

    key: ClassVar[str] = "at_most"
    question: Code
    at_most: float


class AllOf(_Condition):
    """Every part holds."""

    key: ClassVar[str] = "all"
    parts: Annotated[list["Condition"], Field(alias="all", min_length=1)]


class AnyOf(_Condition):
    """At least one part holds."""

    key: ClassVar[str] = "any"
    parts: Annotated[list["Condition"], Field(alias="any", min_length=1)]


class NotThat(_Condition):
    """The part does not hold."""

    key: ClassVar[str] = "not"
    part: Annotated["Condition", Field(alias="not")]


_KEYS = ("all", "any", "not", "in", "answered", "at_least", "at_most")


def _kind(value: Any) -> str | None:
    if isinstance(value, Mapping):
        return next((key for key in _KEYS if key in value), None)
    if isinstance(value, _Condition):
        return value.key
    return None


Condition = Annotated[
    Annotated[AllOf, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[NotThat, Tag("not")]
    | Annotated[OneOf, Tag("in")]
    | Annotated[Answered, Tag("answered")]
    | Annotated[AtLeast, Tag("at_least")]
    | Annotated[AtMost, Tag("at_most")],
    Discriminator(
        _kind,
        custom_error_type="condition",
        custom_error_message="a condition has one of: " + ", ".join(reversed(_KEYS)),
    ),
]

for _model in (AllOf, AnyOf, NotThat):
    _model.model_rebuild()


def holds(condition: Condition | None, answers: Answers) -> bool:
    """Say whether the condition is met; no condition always is."""
    match condition:
        case None:
            return True
        case AllOf():
            return all(holds(part, answers) for part in condition.parts)
        case AnyOf():
            return any(holds(part, answers) for part in condition.parts)
        case NotThat():
            return not holds(condition.part, answers)
        case Answered():
            return (answers.get(condition.question) is not None) == condition.answered
    return _compare(condition, answers.get(condition.question))


def _compare(condition: OneOf | AtLeast | AtMost, answer: Any) -> bool:
    if answer is None:
        return False
    match condition:
        case OneOf():
            chosen = answer if isinstance(answer, list) else [answer]
            return any(code in condition.one_of for code in chosen)
        case AtLeast():
            return isinstance(answer, int | float) and answer >= condition.at_least
        case AtMost():
            return isinstance(answer, int | float) and answer <= condition.at_most


def questions_named(condition: Condition | None) -> Sequence[str]:
    """List the question codes that the condition looks at."""
    match condition:
        case None:
            return []
        case AllOf() | AnyOf():
            return [code for part in condition.parts for code in questions_named(part)]
        case NotThat():
            return questions_named(condition.part)
    return [condition.question]
