"""Shenzhen: two groupings of the same points (2010), and the bands and gap found in 2008."""

import functools
from decimal import Decimal

import pytest

from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.scoring.bands import band_of
from app.domain.scoring.evaluation import evaluate
from app.domain.scoring.external_evaluation import Evaluation
from tests.domain.scoring.golden import rows
from tests.support.evaluations import Sample, material
from tests.survey_definitions.shipped import scheme_of, shipped

TABLE = {row["unit"]: row for row in rows("shenzhen_2008.csv")}
BUREAUS = [unit for unit in TABLE if unit.startswith("D")]


def of_2008() -> SurveyDefinition:
    """The scheme of 2010 with the 22 units of the pilot."""
    definition = shipped("shenzhen-2010")
    pilot = [one for one in definition.departments.departments if one.code in TABLE]
    departments = definition.departments.model_copy(update={"departments": pilot})
    return definition.model_copy(update={"departments": departments})


@functools.cache
def shenzhen() -> Evaluation:
    figures = {
        (unit, figure): row[f"{figure}_index"]
        for unit, row in TABLE.items()
        for figure in ("system", "leaders")
    }
    survey = {unit: row["survey_index"] for unit, row in TABLE.items()}
    epoll = {unit: row["epoll_index"] for unit, row in TABLE.items()}
    samples = [
        Sample("sampled-residents", ("paper",), survey, degrees_of_freedom=13),
        Sample("online-residents", ("kiosk", "web"), epoll, kind="self-selected", n=6155),
    ]
    return evaluate(material(of_2008(), samples, figures))


@pytest.mark.parametrize("unit", TABLE)
def test_internal_external_combined_and_gap_are_those_of_the_table(unit: str) -> None:
    score = next(one for one in shenzhen().departments if one.department.code == unit)
    row = TABLE[unit]
    assert str(score.internal.points) == row["internal"]
    assert str(score.external.points) == row["external"]
    assert str(score.combined.points) == row["combined"]
    assert score.gap is not None
    assert str(score.gap.external) == row["external_index"]
    assert score.gap.gap == score.gap.internal - score.gap.external
    assert score.gap.steps[-1].formula == f"{score.gap.internal} − {score.gap.external}"


def test_outsiders_give_between_62_6_and_73_7_and_insiders_mostly_the_best_band() -> None:
    gaps = [one.gap for one in shenzhen().departments if one.gap is not None]
    outside = [one.external for one in gaps]
    assert (len(outside), min(outside), max(outside)) == (22, Decimal("62.6"), Decimal("73.7"))
    bands = scheme_of("shenzhen-2010").bands
    assert {band_of(bands, one) for one in outside} == {"fair"}
    assert [band_of(bands, one.internal) for one in gaps].count("excellent") > 11


def test_sixteen_bureaus_average_89_46_which_is_good_with_eleven_above() -> None:
    scores = [
        one.combined.points or Decimal(0)
        for one in shenzhen().departments
        if one.department.code in BUREAUS
    ]
    average = sum(scores, Decimal(0)) / len(scores)
    assert (len(scores), average) == (16, Decimal("89.46"))
    assert band_of(scheme_of("shenzhen-2010").bands, average) == "good"
    assert sum(score > average for score in scores) == 11


def test_both_groupings_add_up_to_the_same_points() -> None:
    for one in shenzhen().departments:
        objective, subjective = (grouping.amount for grouping in one.groupings)
        assert (str(one.internal.worth), str(one.external.worth)) == ("70", "30")
        assert (str(objective.worth), str(subjective.worth)) == ("65", "35")
        points = (objective.points or 0) + (subjective.points or 0)
        assert points == one.combined.points


def test_bands_have_the_colours_of_the_zones() -> None:
    colours = {one.code: one.colour for one in shenzhen().scheme.bands}
    assert colours == {"excellent": "green", "good": "blue", "fair": None, "poor": None}
    assert {one.band for one in shenzhen().departments} == {"excellent", "good"}
