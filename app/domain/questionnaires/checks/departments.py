"""departments.yaml: every department has a group, every group a department."""

from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.findings import Broken, repeated, repeated_codes
from app.domain.questionnaires.text import LANGUAGES


def codes_are_unique(definition: SurveyDefinition) -> Broken:
    """Answers are stored by department; a window's code stands alone in its link."""
    yield from repeated_codes(definition.departments.groups, ("groups",))
    yield from repeated_codes(definition.departments.departments, ("departments",))
    windows = [
        (("departments", number, "windows", position, "code"), window.code)
        for number, department in enumerate(definition.departments.departments)
        for position, window in enumerate(department.windows)
    ]
    for at in repeated(code for _, code in windows):
        yield windows[at][0], "duplicate-code", "another window has this code already"


def groups_match(definition: SurveyDefinition) -> Broken:
    """Each side names the other."""
    known = {group.code for group in definition.departments.groups}
    used = {department.group for department in definition.departments.departments}
    for at, department in enumerate(definition.departments.departments):
        if department.group not in known:
            yield ("departments", at, "group"), "unknown-group", "there is no such group"
    for at, group in enumerate(definition.departments.groups):
        if group.code not in used:
            yield ("groups", at), "empty-group", "no department belongs to this group"


def names_can_be_told_apart(definition: SurveyDefinition) -> Broken:
    """Two departments of one name would get each other's ratings."""
    names = [department.name for department in definition.departments.departments]
    for language in LANGUAGES:
        for at in repeated(names, key=lambda name: name[language].casefold()):
            path = ("departments", at, "name", language)
            yield path, "same-name", "another department has this name already"


CHECKS = [codes_are_unique, groups_match, names_can_be_told_apart]
