"""Weights of a source: assigned departments, impossible margins, strata and points left empty."""

import json

import numpy as np
import pytest

from app.domain.questionnaires.audience import RatesAssigned
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.releases.answer_tables import AnswerTable
from app.domain.releases.department_estimates import department_rows, inverse_chances
from app.domain.releases.figures import read_tables
from app.domain.releases.source_weights import WeightedSource, weigh_source
from app.domain.releases.sources import plan_sources
from app.errors.definitions import InfeasibleEstimation
from tests.domain.releases.test_figures import town
from tests.support.responses import DECEMBER, City, definition_in, response

SHENZHEN = definition_in("shenzhen-2010")


def weighed(definition: SurveyDefinition, rows: list) -> WeightedSource:  # type: ignore[type-arg]
    """The source of these rows, all of one class."""
    code = rows[0].respondent_class
    [plan] = [one for one in plan_sources(definition) if one.audience.code == code]
    table: AnswerTable = read_tables(definition, DECEMBER, [rows])[code]
    return weigh_source(definition, plan, table)


def organs_draw_one() -> SurveyDefinition:
    """The town whose departments are each given one of the others to rate."""
    definition = town()
    classes = [
        one.model_copy(update={"rates": RatesAssigned(rule="assigned", k=1)})
        if one.code == "organs"
        else one
        for one in definition.audience.classes
    ]
    audience = definition.audience.model_copy(update={"classes": classes})
    return definition.model_copy(update={"audience": audience})


def test_an_answer_counts_with_the_inverse_of_the_chance_that_it_was_asked_for() -> None:
    """D02's own people draw from two departments, outsiders from three: 1/π is 2 and 3."""
    definition = organs_draw_one()
    answers = [("D02", "very_satisfied"), ("", "very_dissatisfied")]
    rows = [
        response(
            "organs",
            {"rating": {"D01": {"attitude": level}}},
            ["D01"],
            unit.encode(),
            own_unit=unit,
        )
        for unit, level in answers
    ]
    source = weighed(definition, rows)
    [d01] = department_rows(source, inverse_chances(definition, source), np.array([0]))
    assert d01.index().value(d01.sample.mass) == pytest.approx((2 * 100 + 3 * 0) / 5)


def test_a_margin_that_contradicts_the_others_is_left_out_and_named() -> None:
    """All men here are of one registration and all women of the other: both margins can't hold."""
    city = City(SHENZHEN, seed=2)
    rows = [city.poll() for _ in range(60)]
    for at, row in enumerate(rows):
        sheet = json.loads(row.answers)
        man = at % 2 == 0
        sheet["answers"] |= {
            "sex": "male" if man else "female",
            "residency": "shenzhen" if man else "elsewhere",
        }
        rows[at] = row._replace(answers=json.dumps(sheet))
    source = weighed(SHENZHEN, rows)
    assert any("Margin residency is left out" in note for note in source.notes)
    assert "sex" in next(one for one in source.sample.applied if one.frame).frame.groups  # type: ignore[union-attr]


def test_points_and_strata_that_nobody_speaks_for_are_named() -> None:
    city = City(SHENZHEN, seed=2)
    rows = [row for row in (city.paper() for _ in range(120)) if row.stratum != "futian"]
    rows = [row for row in rows if row.stratum != "nanshan" or row.point == "P06"]
    notes = " ".join(weighed(SHENZHEN, rows).notes)
    assert "Nobody answered in stratum futian" in notes
    assert "1 strata have a single sampling unit" in notes


def test_who_has_no_stratum_can_not_be_weighted_by_strata() -> None:
    row = City(SHENZHEN, seed=2).paper()._replace(stratum="")
    with pytest.raises(InfeasibleEstimation, match="without a stratum"):
        weighed(SHENZHEN, [row])


@pytest.mark.parametrize(
    ("code", "kind"),
    [("residents", "probability"), ("leaders", "census"), ("enterprises", "census")],
)
def test_kinds_of_sample_follow_from_the_ways_in(code: str, kind: str) -> None:
    plans = {one.audience.code: one for one in plan_sources(definition_in("beijing"))}
    assert plans[code].kind == kind
