"""Which changes of a definition would break the answers that are stored under the old one.

Wordings, order, added questions, options, departments and ways in are free. Whatever an answer
refers to by its code must stay, mean the same, and be asked of the same people.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from app.domain.questionnaires.audience import RespondentClass, Trust
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.findings import Broken, Path, dotted
from app.domain.questionnaires.model import (
    Comment,
    DateQuestion,
    DepartmentGrid,
    MultipleChoice,
    NumberQuestion,
    Question,
    Questionnaire,
    ScaleQuestion,
    ShortText,
    SingleChoice,
    ZeroToTen,
)
from app.domain.questionnaires.navigation import asked_sections
from app.errors.definitions import DefinitionFault


class _HasCode(Protocol):
    @property
    def code(self) -> str: ...


Coded = TypeVar("Coded", bound=_HasCode)

_ASSURANCE = [Trust.OPEN, Trust.INVITED, Trust.FIELDWORK]
"""Weakest first; every level that checks identities is stronger than these."""


def breaking_changes(old: SurveyDefinition, new: SurveyDefinition) -> list[DefinitionFault]:
    """List every change that stored answers would not survive, each with its reason.

    Paths name things by code (`questions.sex.options.male`): positions may have changed.
    """
    return [
        DefinitionFault(field=dotted(path), code=code, message=message, file=f"{part}.yaml")
        for part, changes in (
            ("survey", _survey),
            ("questionnaire", _questions),
            ("departments", _departments),
            ("audience", _audience),
            ("sample", _sample),
        )
        for path, code, message in changes(old, new)
    ]


def _survey(old: SurveyDefinition, new: SurveyDefinition) -> Broken:
    if old.survey.code != new.survey.code:
        yield ("code",), "survey-changed", "answers are stored under the survey's code"


def _questions(old: SurveyDefinition, new: SurveyDefinition) -> Broken:
    for path, before, after in _paired(
        old.questionnaire.questions(), new.questionnaire.questions(), ("questions",)
    ):
        if after is None:
            yield path, "question-removed", "there are answers to this question"
        elif before.kind != after.kind:
            yield (*path, "kind"), "kind-changed", "stored answers are of the old kind"
        else:
            yield from _answers(before, after, path)
            yield from _ratings(before, after, old.questionnaire, new.questionnaire, path)
    yield from _routing(old, new)


def _answers(before: Question, after: Question, path: Path) -> Broken:
    """What was accepted before is accepted still."""
    match before, after:
        case SingleChoice() | MultipleChoice(), SingleChoice() | MultipleChoice():
            for where, option, kept in _paired(before.options, after.options, (*path, "options")):
                if kept is None:
                    yield where, "option-removed", "people have chosen this option"
                elif kept.exclusive and not option.exclusive:
                    yield where, "option-narrowed", "people have combined this option with others"
        case DepartmentGrid(), DepartmentGrid():
            for where, _, still in _paired(before.aspects, after.aspects, (*path, "aspects")):
                if still is None:
                    yield where, "aspect-removed", "departments have been rated on this aspect"
    narrower = [name for name, is_narrower in _LIMITS if is_narrower(before, after)]
    for name in narrower:
        yield (*path, name), "range-narrowed", "stored answers may lie outside of the new limit"


def _fewer(name: str, *kinds: type) -> tuple[str, Callable[[Any, Any], bool]]:
    """An upper limit (None: no limit) that came down."""

    def is_narrower(before: Any, after: Any) -> bool:
        if not isinstance(before, kinds):
            return False
        first, second = getattr(before, name), getattr(after, name)
        return second is not None and (first is None or second < first)

    return name, is_narrower


def _more(name: str, *kinds: type) -> tuple[str, Callable[[Any, Any], bool]]:
    """A lower limit that went up."""

    def is_narrower(before: Any, after: Any) -> bool:
        return isinstance(before, kinds) and getattr(after, name) > getattr(before, name)

    return name, is_narrower


_LIMITS = [
    _fewer("at_most", MultipleChoice),
    _more("minimum", NumberQuestion),
    _fewer("maximum", NumberQuestion),
    _fewer("decimals", NumberQuestion),
    _more("earliest", DateQuestion),
    _fewer("latest", DateQuestion),
    _fewer("max_length", ShortText, Comment),
]


def _ratings(
    before: Question, after: Question, old: Questionnaire, new: Questionnaire, path: Path
) -> Broken:
    """A rating given before counts as much after."""
    match before, after:
        case ZeroToTen(), ZeroToTen():
            declined, may_decline = before.dont_know, after.dont_know
        case ScaleQuestion() | DepartmentGrid(), ScaleQuestion() | DepartmentGrid():
            first, second = old.scales[before.scale], new.scales[after.scale]
            declined, may_decline = first.dont_know, second.dont_know
            for where, level, kept in _paired(first.levels, second.levels, (*path, "levels")):
                if kept is None:
                    yield where, "level-removed", "people have given this rating"
                elif (kept.score, kept.side) != (level.score, level.side):
                    yield where, "score-changed", "ratings already given would count differently"
        case _:
            return
    if declined and not may_decline:
        message = "people have answered that they don't know"
        yield (*path, "dont_know"), "dont-know-removed", message


def _routing(old: SurveyDefinition, new: SurveyDefinition) -> Broken:
    """An answer to a question that is hidden counts for nothing, so nothing becomes hidden."""
    shown = _conditions(new.questionnaire)
    for code, conditions in _conditions(old.questionnaire).items():
        added = [one for one in shown.get(code, []) if one not in conditions]
        if added:
            message = "some who have answered this would not be asked any more"
            yield ("questions", code, "show_if"), "routing-changed", message
    still = {one.code for one in new.audience.classes}
    for one in old.audience.classes:
        lost = _asked(old, one.code) - _asked(new, one.code) if one.code in still else set()
        for code in sorted(lost & shown.keys()):
            message = "a respondent class that has answered this would not be asked any more"
            yield ("questions", code), "class-not-asked", message


def _conditions(questionnaire: Questionnaire) -> dict[str, list[Any]]:
    """Give the conditions that must all hold for each question to be asked."""
    return {
        question.code: [one for one in (section.show_if, question.show_if) if one is not None]
        for section in questionnaire.sections
        for question in section.questions
    }


def _asked(definition: SurveyDefinition, respondent_class: str) -> set[str]:
    sections = asked_sections(definition, respondent_class)
    return {question.code for section in sections for question in section.questions}


def _departments(old: SurveyDefinition, new: SurveyDefinition) -> Broken:
    for path, before, after in _paired(
        old.departments.departments, new.departments.departments, ("departments",)
    ):
        if after is None:
            yield path, "department-removed", "this department has been rated"
            continue
        for where, _, window in _paired(before.windows, after.windows, (*path, "windows")):
            if window is None:
                yield where, "window-removed", "the window's code hangs on a wall"


def _audience(old: SurveyDefinition, new: SurveyDefinition) -> Broken:
    for path, before, after in _paired(old.audience.classes, new.audience.classes, ("classes",)):
        if after is None:
            yield path, "class-removed", "people of this class have answered"
            continue
        if before.rates != after.rates:
            message = "the chance to be rated would differ from that of the stored answers"
            yield (*path, "rates"), "rates-changed", message
        yield from _ways_in(before, after, path)
    for name in ("continuous", "once_per", "revisable"):
        if getattr(old.audience.collection, name) != getattr(new.audience.collection, name):
            message = "decides which of the stored answers count"
            yield ("collection", name), "collection-changed", message


def _ways_in(before: RespondentClass, after: RespondentClass, path: Path) -> Broken:
    kept = {(way.mode, way.trust) for way in after.ways_in}
    for way in before.ways_in:
        where = (*path, "ways_in", way.mode.value)
        if (way.mode, way.trust) not in kept:
            yield where, "way-in-removed", "permits for it are with people already"
    for mode, trust in sorted(kept):
        others = [_assurance(way.trust) for way in before.ways_in if way.mode == mode]
        if others and _assurance(trust) < min(others):
            message = "people were promised that everyone is checked better than this"
            yield (*path, "ways_in", mode.value), "trust-lowered", message


def _assurance(trust: Trust) -> int:
    return _ASSURANCE.index(trust) if trust in _ASSURANCE else len(_ASSURANCE)


def _sample(old: SurveyDefinition, new: SurveyDefinition) -> Broken:
    for path, _, stratum in _paired(old.sample.strata, new.sample.strata, ("strata",)):
        if stratum is None:
            yield path, "stratum-removed", "answers belong to this stratum"
    for path, before, after in _paired(old.sample.points, new.sample.points, ("points",)):
        if after is None:
            yield path, "point-removed", "forms have been handed out at this survey point"
        elif after.stratum != before.stratum:
            yield (*path, "stratum"), "point-moved", "its answers belong to the old stratum"


def _paired(
    old: Sequence[Coded], new: Iterable[Coded], path: Path
) -> Iterator[tuple[Path, Coded, Coded | None]]:
    """Give each old thing with the new one of the same code, if there still is one."""
    kept = {one.code: one for one in new}
    for one in old:
        yield (*path, one.code), one, kept.get(one.code)
