"""questionnaire.yaml: codes, scales, and ranges that somebody can answer."""

from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.findings import (
    Broken,
    located_questions,
    repeated_codes,
)
from app.domain.questionnaires.model import (
    DateQuestion,
    DepartmentGrid,
    MultipleChoice,
    NumberQuestion,
    ScaleQuestion,
    SingleChoice,
)

RESERVED = "stratum"
"""A margin of this name means the sample's strata, so no question may have it."""


def codes_are_unique(definition: SurveyDefinition) -> Broken:
    """Answers are stored by question, option, level and aspect code."""
    questionnaire = definition.questionnaire
    yield from repeated_codes(questionnaire.sections, ("sections",))
    for name, scale in questionnaire.scales.items():
        yield from repeated_codes(scale.levels, ("scales", name, "levels"))
    known = set()
    for path, question in located_questions(questionnaire):
        if question.code in known:
            yield (*path, "code"), "duplicate-code", "another question has this code already"
        if question.code == RESERVED:
            yield (*path, "code"), "reserved-code", f"the code {RESERVED} means the sample's strata"
        known.add(question.code)
        match question:
            case SingleChoice() | MultipleChoice():
                yield from repeated_codes(question.options, (*path, "options"))
            case DepartmentGrid():
                yield from repeated_codes(question.aspects, (*path, "aspects"))


def classes_exist(definition: SurveyDefinition) -> Broken:
    """A section limited to a class that nobody belongs to is asked of nobody."""
    known = {one.code for one in definition.audience.classes}
    for number, section in enumerate(definition.questionnaire.sections):
        for at, code in enumerate(section.classes):
            if code not in known:
                path = ("sections", number, "classes", at)
                yield path, "unknown-class", "there is no such respondent class"


def scales_exist(definition: SurveyDefinition) -> Broken:
    """Every rating names a scale, every scale rates something."""
    used = set()
    for path, question in located_questions(definition.questionnaire):
        if isinstance(question, ScaleQuestion | DepartmentGrid):
            used.add(question.scale)
            if question.scale not in definition.questionnaire.scales:
                yield (*path, "scale"), "unknown-scale", "there is no such scale"
    for name in definition.questionnaire.scales:
        if name not in used:
            yield ("scales", name), "unused-scale", "no question uses this scale"


def ranges_hold_something(definition: SurveyDefinition) -> Broken:
    """The lower end lies below the upper one."""
    for path, question in located_questions(definition.questionnaire):
        match question:
            case NumberQuestion() if question.minimum >= question.maximum:
                yield (*path, "maximum"), "empty-range", "the maximum is above the minimum"
            case DateQuestion() if question.earliest > question.latest:
                yield (*path, "latest"), "empty-range", "the latest date is not before the earliest"


def choices_can_be_made(definition: SurveyDefinition) -> Broken:
    """At least two options of a multiple choice combine; at most as many as there are."""
    for path, question in located_questions(definition.questionnaire):
        match question:
            case SingleChoice():
                for at, option in enumerate(question.options):
                    if option.exclusive:
                        message = "every option of a single choice excludes the others"
                        yield (*path, "options", at, "exclusive"), "exclusive-option", message
            case MultipleChoice():
                yield from _combinations(question, path)


def _combinations(question: MultipleChoice, path: tuple[str | int, ...]) -> Broken:
    combining = sum(not option.exclusive for option in question.options)
    if combining < 2:
        message = "fewer than two options can be combined; make it a single choice"
        yield (*path, "options"), "exclusive-option", message
    if question.at_most and question.at_most > combining:
        yield (*path, "at_most"), "at-most", "allows more options than can be combined"


CHECKS = [codes_are_unique, classes_exist, scales_exist, ranges_hold_something, choices_can_be_made]
