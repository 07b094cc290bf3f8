"""beijing says what the published description of 2012 says."""

from decimal import Decimal

from app.domain.questionnaires.navigation import offered_departments
from app.domain.questionnaires.scheme import Component, IndexSource
from tests.survey_definitions.shipped import all_components, leaves, scheme_of, shipped

BEIJING = shipped("beijing")

TABLE = {
    "履职效率": {"职责任务": 40},
    "管理效能": {"依法行政": 8, "能力建设": 7},
    "服务效果": {"服务中央在京单位": 5, "公众评价": 20, "领导评价": 10, "协调配合": 5},
    "创新创优": {"创新创优项目": 5},
}
"""Dimension, indicator, points. The source calls the innovation indicator by its dimension."""


def rated_by(component: Component) -> set[str]:
    """Collect the respondent classes below a component."""
    own = {component.feeds.respondent_class} if isinstance(component.feeds, IndexSource) else set()
    return own.union(*(rated_by(part) for part in component.parts))


def test_four_dimensions_and_eight_indicators_are_the_published_table() -> None:
    scheme = scheme_of("beijing")
    assert {
        dimension.name.zh: {part.name.zh: part.points for part in dimension.parts}
        for dimension in scheme.components
    } == TABLE
    assert sum(one.points for one in scheme.components) == 100


def test_parts_add_up_to_their_whole_down_to_the_leaves() -> None:
    scheme = scheme_of("beijing")
    assert sum(leaf.points for leaf in leaves(scheme).values()) == 100
    for one in all_components(scheme).values():
        assert not one.parts or sum(part.points for part in one.parts) == one.points


def test_who_rates_what() -> None:
    components = all_components(scheme_of("beijing"))
    assert rated_by(components["public-evaluation"]) == {"residents", "enterprises"}
    assert rated_by(components["coordination"]) == {"peer-departments", "districts"}
    assert rated_by(components["capital-service"]) == {"central-units"}
    assert rated_by(components["leaders"]) == {"leaders"}
    assert rated_by(components["duties"]) == set()


def test_accountability_takes_5_per_event_and_10_at_most() -> None:
    (accountability,) = scheme_of("beijing").adjustments
    assert accountability.per_event == -5
    assert (accountability.at_least, accountability.at_most) == (Decimal(-10), Decimal(0))


def test_departments_are_ranked_without_bands() -> None:
    assert scheme_of("beijing").bands == []


def test_no_department_rates_itself() -> None:
    every = {unit.code for unit in BEIJING.departments.departments}
    offer = offered_departments(
        BEIJING, "peer-departments", seed=b"letter", own_unit="B05", fixed=None
    )
    assert set(offer.codes) == every - {"B05"}


def test_six_classes_and_each_has_an_index_of_its_own() -> None:
    assert BEIJING.index is not None
    for one in BEIJING.audience.classes:
        counted = [d for d in BEIJING.index.dimensions if not d.classes or one.code in d.classes]
        assert sum(Decimal(str(dimension.weight)) for dimension in counted) == 1, one.code
    assert len(BEIJING.audience.classes) == 6


def test_the_unnamed_62_departments_are_not_made_up() -> None:
    assert BEIJING.departments.illustrative
    assert 12 <= len(BEIJING.departments.departments) < 62
    assert any("62" in line for line in BEIJING.survey.illustrative)
