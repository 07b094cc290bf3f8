"""service-window is the national rating of single cases, with nothing asked of some only."""

from collections import Counter

from app.domain.questionnaires.audience import RatesFixed
from app.domain.questionnaires.model import DepartmentGrid
from tests.survey_definitions.shipped import shipped

WINDOW = shipped("service-window")


def test_five_national_levels_score_100_80_60_30_0() -> None:
    (scale,) = WINDOW.questionnaire.scales.values()
    assert {level.text.zh: level.score for level in scale.levels} == {
        "非常满意": 100,
        "满意": 80,
        "基本满意": 60,
        "不满意": 30,
        "非常不满意": 0,
    }
    assert scale.dont_know is not None


def test_ratings_go_on_all_year_once_per_day_window_and_device() -> None:
    collection = WINDOW.audience.collection
    assert collection.continuous
    assert collection.once_per == "day"
    assert collection.dates == {}


def test_every_window_has_a_code_of_its_own() -> None:
    windows = Counter(one.code for unit in WINDOW.departments.departments for one in unit.windows)
    assert len(windows) >= 10
    assert set(windows.values()) == {1}
    assert all(unit.windows for unit in WINDOW.departments.departments)


def test_the_code_opened_fixes_the_department() -> None:
    (users,) = WINDOW.audience.classes
    assert isinstance(users.rates, RatesFixed)


def test_one_required_rating_and_reasons_for_everyone_alike() -> None:
    (section,) = WINDOW.questionnaire.sections
    rating, reasons, comment = section.questions
    assert isinstance(rating, DepartmentGrid)
    assert rating.required
    assert not reasons.required
    assert not comment.required
    assert section.show_if is None
    assert all(question.show_if is None for question in section.questions)
