"""Beijing: a hundred points, accountability deducted outside them, ranked and not graded."""

import functools

import pytest

from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.scheme import EnteredSource
from app.domain.scoring.evaluation import evaluate
from app.domain.scoring.external_evaluation import DepartmentScore, Evaluation
from tests.domain.scoring.golden import rows
from tests.support.evaluations import Sample, material
from tests.survey_definitions.shipped import scheme_of, shipped

TABLE = {row["department"]: row for row in rows("beijing.csv")}


def of_five() -> SurveyDefinition:
    definition = shipped("beijing")
    five = [one for one in definition.departments.departments if one.code in TABLE]
    departments = definition.departments.model_copy(update={"departments": five})
    return definition.model_copy(update={"departments": departments})


@functools.cache
def beijing() -> Evaluation:
    figures: dict[tuple[str, str], str] = {}
    samples = []
    for leaf in scheme_of("beijing").leaves():
        given = {code: row[leaf.code] for code, row in TABLE.items()}
        if isinstance(leaf.feeds, EnteredSource):
            figures |= {(code, leaf.code): value for code, value in given.items()}
        elif leaf.feeds is not None:
            source = leaf.feeds
            samples.append(Sample(source.respondent_class, tuple(source.modes), given))
    figures |= {
        (code, "accountability.events"): row["events"]
        for code, row in TABLE.items()
        if row["events"] != "0"
    }
    return evaluate(material(of_five(), samples, figures))


def department(code: str) -> DepartmentScore:
    return next(one for one in beijing().departments if one.department.code == code)


@pytest.mark.parametrize("code", TABLE)
def test_score_is_the_sum_less_the_deduction(code: str) -> None:
    score = department(code)
    (accountability,) = score.adjustments
    points = (score.internal.points or 0) + (score.external.points or 0)
    assert str(points) == TABLE[code]["sum"]
    assert str(accountability.points) == TABLE[code]["deduction"]
    assert str(score.combined.points) == TABLE[code]["score"]


def test_each_event_costs_5_and_all_together_10_at_most() -> None:
    (accountability,) = department("B02").adjustments
    assert [(one.formula, str(one.result)) for one in accountability.steps] == [
        ("accountability.events", "3"),
        ("3 × (-5)", "-15"),
        ("max((-15), (-10))", "-10"),
    ]


def test_no_event_is_said_to_be_none() -> None:
    (accountability,) = department("B01").adjustments
    assert [one.rule for one in accountability.steps] == ["nothing-entered", "per-event"]
    assert accountability.points == 0


def test_departments_are_ranked_and_nobody_is_graded() -> None:
    combined = beijing().rankings[0]
    assert {one.department: str(one.rank) for one in combined.places} == {
        code: row["rank"] for code, row in TABLE.items()
    }
    assert {one.band for one in beijing().departments} == {None}
