"""Questionnaire and audience together: everyone is asked something and rates somebody."""

from app.domain.questionnaires.audience import RatesAssigned, RatesChosen, RespondentClass
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.findings import Broken
from app.domain.questionnaires.model import DepartmentGrid, Section
from app.domain.questionnaires.navigation import asked_sections, grids

MAX_RATINGS = 800
"""Ratings on one page: more would not fit one request, nor anybody's patience."""


def everyone_rates(definition: SurveyDefinition) -> Broken:
    """Each class is asked some section, and in it a department grid."""
    for at, one in enumerate(definition.audience.classes):
        if not asked_sections(definition, one.code):
            yield ("classes", at), "class-sees-nothing", "no section is meant for this class"
        elif not grids(definition, one.code):
            message = "no section for this class has a department grid"
            yield ("classes", at, "rates"), "class-rates-nothing", message


def pages_can_be_sent(definition: SurveyDefinition) -> Broken:
    """Departments × aspects on one page stay within what a request may hold."""
    for at, one in enumerate(definition.audience.classes):
        departments = _most(definition, one)
        for section in asked_sections(definition, one.code):
            if departments * _aspects(section) > MAX_RATINGS:
                message = f"a page would have more than {MAX_RATINGS} ratings; assign or choose"
                yield ("classes", at, "rates"), "page-too-long", message


def _most(definition: SurveyDefinition, one: RespondentClass) -> int:
    offered = [
        department
        for department in definition.departments.departments
        if not one.rates.groups or department.group in one.rates.groups
    ]
    match one.rates:
        case RatesAssigned(k=k, per_group=True):
            return k * len({department.group for department in offered})
        case RatesAssigned(k=k):
            return k
        case RatesChosen(at_most=int(most)):
            return most
    return 1 if one.rates.rule == "fixed" else len(offered)


def _aspects(section: Section) -> int:
    return sum(
        len(question.aspects)
        for question in section.questions
        if isinstance(question, DepartmentGrid)
    )


CHECKS = [everyone_rates, pages_can_be_sent]
