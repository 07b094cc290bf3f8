"""What holds for every shipped definition: sound, bilingual, honest, answerable."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel
from typer.testing import CliRunner

from app.cli import cli
from app.domain.questionnaires.answers import AnswerChecker
from app.domain.questionnaires.conditions import holds
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.model import DepartmentGrid, MultipleChoice, Question, SingleChoice
from app.domain.questionnaires.navigation import offered_departments
from app.domain.questionnaires.scheme import IndexSource
from app.domain.questionnaires.text import Text
from tests.survey_definitions.shipped import FOLDER, NAMES, leaves, shipped

every_definition = pytest.mark.parametrize("name", NAMES)


def texts(part: object) -> Iterator[Text]:
    """Find every bilingual text below a part of a definition."""
    if isinstance(part, Text):
        yield part
    elif isinstance(part, BaseModel):
        for field in type(part).model_fields:
            yield from texts(getattr(part, field))
    elif isinstance(part, list | dict):
        for one in part.values() if isinstance(part, dict) else part:
            yield from texts(one)


def test_four_definitions_are_shipped() -> None:
    assert NAMES == ["beijing", "service-window", "shenzhen-2010", "xiamen-2008"]


def test_definitions_check_finds_no_fault() -> None:
    run = CliRunner().invoke(cli, ["definitions", "check", *(str(FOLDER / name) for name in NAMES)])
    assert run.exit_code == 0, run.output
    assert run.output.count(": sound") == len(NAMES)


@every_definition
def test_code_is_the_name_of_the_folder(name: str) -> None:
    assert shipped(name).survey.code == name


@every_definition
def test_chinese_texts_are_chinese_with_chinese_punctuation(name: str) -> None:
    for text in texts(shipped(name)):
        assert re.search("[\u4e00-\u9fff]", text.zh), text
        assert not re.search("[,?;:!()]", text.zh), text
        assert not re.search(" {2}|[\u3000-\u303f\uff00-\uffef] ", text.zh), text


@every_definition
def test_english_texts_hold_no_chinese(name: str) -> None:
    for text in texts(shipped(name)):
        assert not re.search("[\u3000-\u9fff\uff00-\uffef]", text.en), text


@every_definition
def test_whatever_is_marked_illustrative_is_listed_for_the_reader(name: str) -> None:
    definition = shipped(name)
    marked = {
        "departments.yaml": definition.departments.illustrative,
        "audience.yaml": any(one.illustrative for one in definition.audience.classes),
        "sample.yaml": definition.sample.illustrative,
        "index.yaml": bool(definition.index and definition.index.illustrative),
        "scheme.yaml": bool(definition.scheme and definition.scheme.illustrative),
    }
    listed = {line.split(":")[0] for line in definition.survey.illustrative}
    assert {file for file, is_marked in marked.items() if is_marked} <= listed
    assert definition.survey.sources


@every_definition
def test_population_margins_count_one_population(name: str) -> None:
    sample = shipped(name).sample
    totals = {sum(margin.totals.values()) for margin in sample.margins}
    totals |= {sum(stratum.population for stratum in sample.strata)} if sample.strata else set()
    assert len(totals) <= 1


@every_definition
def test_every_stratum_has_two_survey_points_for_its_variance(name: str) -> None:
    sample = shipped(name).sample
    for stratum in sample.strata:
        assert sum(point.stratum == stratum.code for point in sample.points) >= 2, stratum.code


@every_definition
def test_every_index_in_the_scheme_is_weighted_as_declared(name: str) -> None:
    definition = shipped(name)
    assert definition.index is not None
    declared = {(one.respondent_class, tuple(one.modes)) for one in definition.index.weighting}
    fed = leaves(definition.scheme).values() if definition.scheme else []
    sources = [leaf.feeds for leaf in fed if isinstance(leaf.feeds, IndexSource)]
    assert {(one.respondent_class, tuple(one.modes)) for one in sources} <= declared


@every_definition
def test_a_person_is_known_by_one_kind_of_identity_check(name: str) -> None:
    ways = [way for one in shipped(name).audience.classes for way in one.ways_in]
    assert len({check for way in ways for check in way.identify_by}) <= 1


@every_definition
def test_every_class_can_answer_every_question_it_is_shown(name: str) -> None:
    definition = shipped(name)
    for one in definition.audience.classes:
        unit = definition.departments.departments[0].code
        offer = offered_departments(definition, one.code, seed=b"1", own_unit=None, fixed=unit)
        answers = full_answers(definition, one.code, offer.codes)
        accepted = AnswerChecker(definition, one.code).check(answers, offered=offer.codes)
        assert accepted == answers


def full_answers(
    definition: SurveyDefinition, respondent_class: str, offered: tuple[str, ...]
) -> dict[str, Any]:
    """Answer each question that is shown with the first answer it offers."""
    at_most = getattr(definition.audience.named(respondent_class).rates, "at_most", None)
    order = [unit.code for unit in definition.departments.departments if unit.code in offered]
    answers: dict[str, Any] = {}
    for section in definition.questionnaire.sections:
        if section.classes and respondent_class not in section.classes:
            continue
        for question in section.questions:
            if holds(question.show_if, answers):
                answers[question.code] = first_answer(definition, question, order[:at_most])
    return answers


def first_answer(definition: SurveyDefinition, question: Question, units: list[str]) -> Any:
    scales = definition.questionnaire.scales
    match question:
        case DepartmentGrid():
            best = scales[question.scale].levels[0].code
            return {unit: {aspect.code: best for aspect in question.aspects} for unit in units}
        case SingleChoice():
            return question.options[0].code
        case MultipleChoice():
            return [question.options[0].code]
    return scales[question.scale].levels[0].code if question.kind == "scale" else "建议"
