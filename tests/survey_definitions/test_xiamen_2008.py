"""xiamen-2008 carries the rules of 2008; tests/domain/scoring holds what they give to the digit."""

from decimal import Decimal

import pytest

from app.domain.questionnaires.navigation import offered_departments
from tests.survey_definitions.shipped import all_components, points, scheme_of, shipped

XIAMEN = shipped("xiamen-2008")


def test_six_districts() -> None:
    codes = {unit.code for unit in XIAMEN.departments.departments}
    assert codes == {"xiangan", "huli", "siming", "tongan", "haicang", "jimei"}


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
