"""The published table of 2008, to the last digit, from indices and entered figures."""

import functools
from decimal import Decimal

import pytest

from app.domain.scoring.evaluation import evaluate
from app.domain.scoring.external_evaluation import DepartmentScore, Evaluation
from tests.support.evaluations import material
from tests.support.xiamen import ENTERED, SAMPLES, TABLE
from tests.survey_definitions.shipped import shipped

POLL_SPREAD, SURVEY_SPREAD = Decimal("1.490"), Decimal("1.515")


@functools.cache
def xiamen() -> Evaluation:
    figures = {(row[0], row[1]): row[2] for row in ENTERED[1:]}
    return evaluate(material(shipped("xiamen-2008"), SAMPLES, figures))


def district(code: str) -> DepartmentScore:
    return next(one for one in xiamen().departments if one.department.code == code)


@pytest.mark.parametrize("code", TABLE)
def test_every_published_number_is_reproduced_to_the_digit(code: str) -> None:
    score = district(code)
    found = {one.component: str(one.points) for one in score.components}
    (inspection,) = score.adjustments
    found |= {"net": str(inspection.points), "total": str(score.combined.points)}
    published = {name: TABLE[code][name] for name in found}
    assert found == published


def test_it_is_told_how_82_80_became_24_84() -> None:
    survey = next(one for one in district("xiangan").components if one.component == "survey")
    assert [(one.rule, one.formula, str(one.result)) for one in survey.steps] == [
        ("index", "wave.1 residents/paper", "82.8"),
        ("weighted", "82.8 × 30 ÷ 100", "24.84"),
    ]
    assert survey.index is not None
    assert survey.index.release == "wave.1"


def test_the_offset_comes_before_the_limit_and_a_surplus_is_lost() -> None:
    (inspection,) = district("huli").adjustments
    assert [(one.rule, one.formula, str(one.result)) for one in inspection.steps] == [
        ("entered", "inspection.deducted", "-5"),
        ("entered", "inspection.added", "7"),
        ("offset", "(-5) + 7", "2"),
        ("limited", "min(2, 0)", "0"),
    ]


def test_ranks_are_the_published_ones() -> None:
    combined = next(one for one in xiamen().rankings if one.of == "combined")
    assert {one.department: str(one.rank) for one in combined.places} == {
        code: row["rank"] for code, row in TABLE.items()
    }


def test_nobody_is_graded() -> None:
    assert {one.band for one in xiamen().departments} == {None}


def test_five_online_points_move_the_ranking_as_much_as_thirty_of_the_survey() -> None:
    combined = next(one for one in xiamen().rankings if one.of == "combined")
    spread = {one.component: one.spread for one in combined.influence}
    assert (spread["online"], spread["survey"]) == (POLL_SPREAD, SURVEY_SPREAD)
    assert sum(one.share_of_variance or 0 for one in combined.influence) == pytest.approx(
        1, abs=1e-3
    )
