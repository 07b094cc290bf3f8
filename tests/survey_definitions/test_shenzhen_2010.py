"""shenzhen-2010 says what the published descriptions of the trial of 2010 say."""

import datetime
from collections import Counter
from decimal import Decimal
from fractions import Fraction

from app.domain.questionnaires.audience import IDENTIFYING, Mode, Trust
from app.domain.questionnaires.navigation import offered_departments
from tests.survey_definitions.shipped import all_components, points, scheme_of, shipped

SHENZHEN = shipped("shenzhen-2010")


def test_forty_units_are_32_departments_6_districts_and_2_new_districts() -> None:
    groups = Counter(unit.group for unit in SHENZHEN.departments.departments)
    assert groups == {"departments": 32, "districts": 6, "new-districts": 2}
    assert len({unit.name.zh for unit in SHENZHEN.departments.departments}) == 40


def test_districts_are_the_eight_of_2010() -> None:
    names = {one.name.en for one in SHENZHEN.departments.departments if one.group != "departments"}
    districts = ["Futian", "Luohu", "Nanshan", "Yantian", "Bao'an", "Longgang"]
    new_districts = ["Guangming", "Pingshan"]
    assert names == {f"{name} District" for name in districts} | {
        f"{name} New District Committee" for name in new_districts
    }


def test_the_list_of_departments_is_marked_as_not_published() -> None:
    assert SHENZHEN.departments.illustrative


def test_fourteen_survey_points_for_10207_forms() -> None:
    assert len(SHENZHEN.sample.points) == 14
    assert SHENZHEN.sample.allocation is not None
    assert SHENZHEN.sample.allocation.total == 10_207


def test_every_mode_runs_from_1_to_31_december_2010() -> None:
    dates = SHENZHEN.audience.collection.dates
    assert set(dates) == {Mode.WEB, Mode.KIOSK, Mode.PAPER}
    for one in dates.values():
        assert one.opens == datetime.date(2010, 12, 1)
        assert one.closes == datetime.date(2010, 12, 31)


def test_sampled_residents_answer_on_numbered_paper_only() -> None:
    ways = SHENZHEN.audience.named("sampled-residents").ways_in
    assert [(way.mode, way.trust) for way in ways] == [(Mode.PAPER, Trust.FIELDWORK)]


def test_the_poll_is_open_to_anonymous_and_to_identified_citizens() -> None:
    trusts = {way.trust for way in SHENZHEN.audience.named("online-residents").ways_in}
    assert Trust.OPEN in trusts
    assert trusts & set(IDENTIFYING) == {Trust.VERIFIED, Trust.CONFIDENTIAL}


def test_a_sampled_resident_rates_4_units_each_with_chance_one_in_ten() -> None:
    offer = offered_departments(
        SHENZHEN, "sampled-residents", seed=b"form 1", own_unit=None, fixed=None
    )
    assert len(offer.codes) == 4
    assert set(offer.probabilities.values()) == {Fraction(1, 10)}


def test_an_online_resident_may_choose_among_all_units() -> None:
    offer = offered_departments(
        SHENZHEN, "online-residents", seed=b"device", own_unit=None, fixed=None
    )
    assert len(offer.codes) == 40


def test_points_are_65_and_5_internal_25_and_5_external() -> None:
    worth = points(scheme_of("shenzhen-2010"))
    assert worth == {
        "internal": Decimal(70),
        "system": Decimal(65),
        "leaders": Decimal(5),
        "external": Decimal(30),
        "survey": Decimal(25),
        "epoll": Decimal(5),
    }


def test_the_same_points_are_also_objective_65_and_subjective_35() -> None:
    scheme = scheme_of("shenzhen-2010")
    worth = points(scheme)
    sums = {one.code: sum(worth[part] for part in one.components) for one in scheme.groupings}
    assert sums == {"objective": 65, "subjective": 35}


def test_external_is_at_least_30_and_satisfaction_at_least_15() -> None:
    scheme = scheme_of("shenzhen-2010")
    components = all_components(scheme).values()
    external = sum(one.points for one in components if one.external)
    satisfaction = sum(one.points for one in components if one.satisfaction)
    assert external >= scheme.minimum_external == 30
    assert satisfaction >= scheme.minimum_satisfaction == 15


def test_survey_and_poll_stay_apart_in_the_scheme() -> None:
    components = all_components(scheme_of("shenzhen-2010"))
    classes = {
        code: getattr(one.feeds, "respondent_class", None) for code, one in components.items()
    }
    assert classes["survey"] == "sampled-residents"
    assert classes["epoll"] == "online-residents"


def test_four_bands_with_green_and_blue_zones() -> None:
    scheme = scheme_of("shenzhen-2010")
    assert [(band.name.zh, band.colour) for band in scheme.bands] == [
        ("优", "green"),
        ("良", "blue"),
        ("中", None),
        ("差", None),
    ]
    assert scheme.illustrative


def test_the_bureaus_average_of_2008_is_in_the_band_good() -> None:
    reached = [
        band for band in scheme_of("shenzhen-2010").bands if band.from_score <= Decimal("89.46")
    ]
    assert max(reached, key=lambda band: band.from_score).code == "good"
