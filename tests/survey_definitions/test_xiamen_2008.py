"""xiamen-2008 carries the rules that give the published table of 2008 to its last digit."""

from decimal import Decimal

import pytest

from app.domain.questionnaires.navigation import offered_departments
from tests.survey_definitions.shipped import all_components, points, scheme_of, shipped

XIAMEN = shipped("xiamen-2008")

# district, indicators, indices of survey, online and mutual rating, their points, appraisal,
# deducted, added, net, total: as published; the indices are points × 100 / weight
TABLE = [
    line.split()
    for line in """
    xiangan 52.26  82.80 84.4 92.16 24.84  4.22  4.608 33.668 -6.3 6.0 -0.3 85.628
    huli    51.456 79.40 89.7 94.16 23.82  4.485 4.708 33.013 -5.0 7.0  0   84.469
    siming  50.478 84.19 91.1 95.82 25.257 4.555 4.791 34.603 -7.0 6.0 -1   84.081
    tongan  50.388 80.47 95.9 93.44 24.141 4.795 4.672 33.608 -5.0 7.0  0   83.996
    haicang 47.538 82.13 93.1 93.06 24.639 4.655 4.653 33.947 -4.5 6.0  0   81.485
    jimei   48.63  79.14 66.1 94.42 23.742 3.305 4.721 31.768 -3.7 3.0 -0.7 79.698
    """.strip().splitlines()
]


def test_six_districts() -> None:
    assert {unit.code for unit in XIAMEN.departments.departments} == {row[0] for row in TABLE}
    assert len(TABLE) == 6


def test_60_for_indicators_and_40_for_appraisal() -> None:
    assert points(scheme_of("xiamen-2008")) == {
        "indicators": 60,
        "appraisal": 40,
        "survey": 30,
        "online": 5,
        "mutual": 5,
    }


def test_inspection_takes_5_points_at_most_after_offsets_and_adds_none() -> None:
    (inspection,) = scheme_of("xiamen-2008").adjustments
    assert (inspection.at_least, inspection.at_most) == (Decimal(-5), Decimal(0))
    assert inspection.offset_first


@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
def test_declared_points_and_caps_give_the_published_row(row: list[str]) -> None:
    scheme = scheme_of("xiamen-2008")
    worth = points(scheme)
    (inspection,) = scheme.adjustments
    (indicators, survey, online, mutual, *published, deducted, added, net, total) = map(
        Decimal, row[1:]
    )

    earned = [
        survey * worth["survey"] / 100,
        online * worth["online"] / 100,
        mutual * worth["mutual"] / 100,
    ]
    assert [*earned, sum(earned)] == published

    assert min(inspection.at_most, max(inspection.at_least, deducted + added)) == net
    assert indicators + sum(earned) + net == total
    assert total == round(total, scheme.decimals)


def test_survey_on_paper_poll_online_and_mutual_rating_by_organs_stay_apart() -> None:
    components = all_components(scheme_of("xiamen-2008"))
    fed = {
        code: (one.feeds.respondent_class, one.feeds.modes)
        for code, one in components.items()
        if one.feeds and one.feeds.source == "index"
    }
    assert fed == {
        "survey": ("residents", ["paper"]),
        "online": ("online-residents", ["web"]),
        "mutual": ("organs", ["web"]),
    }


@pytest.mark.parametrize("own", ["siming", "jimei"])
def test_no_district_organ_rates_its_own_district(own: str) -> None:
    offer = offered_departments(XIAMEN, "organs", seed=b"code", own_unit=own, fixed=None)
    assert len(offer.codes) == 5
    assert own not in offer.codes


def test_a_city_organ_rates_all_six() -> None:
    offer = offered_departments(XIAMEN, "organs", seed=b"code", own_unit=None, fixed=None)
    assert len(offer.codes) == 6


def test_nobody_is_graded() -> None:
    assert scheme_of("xiamen-2008").bands == []
