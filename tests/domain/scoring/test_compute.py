"""Rules that the three cities do not need, one at a time, on the base definition."""

from decimal import Decimal

import pytest

from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.parsing import parse_definition
from app.domain.scoring.arithmetic import rounded
from app.domain.scoring.evaluation import evaluate
from app.domain.scoring.external_evaluation import DepartmentScore
from app.domain.scoring.places import ranks
from app.errors.scoring import NoScheme
from tests.questionnaires.corpus import changed
from tests.support.evaluations import Sample, material

CODES = ("health", "police", "tax", "east", "west")


def base(*changes: tuple[str, str]) -> SurveyDefinition:
    """The corpus's base definition with texts of its scheme replaced."""
    made = [{"file": "scheme.yaml", "replace": old, "with": new} for old, new in changes]
    return parse_definition(changed(made))


def scores(
    definition: SurveyDefinition,
    *,
    survey: str = "80",
    poll: str = "70",
    figures: dict[tuple[str, str], str] | None = None,
) -> dict[str, DepartmentScore]:
    samples = [
        Sample("sampled", ("paper",), dict.fromkeys(CODES, survey)),
        Sample("online", ("web", "kiosk"), dict.fromkeys(CODES, poll), kind="self-selected"),
    ]
    given = {(code, "internal"): "90" for code in CODES} if figures is None else figures
    found = evaluate(material(definition, samples, given))
    return {one.department.code: one for one in found.departments}


def points_of(score: DepartmentScore, component: str) -> str:
    return str(next(one.points for one in score.components if one.component == component))


def steps_of(score: DepartmentScore, component: str) -> list[tuple[str, str]]:
    found = next(one for one in score.components if one.component == component)
    return [(one.rule, str(one.result)) for one in found.steps]


def test_an_index_is_rounded_before_it_is_weighted_and_the_points_after() -> None:
    score = scores(base(), survey="81.2349")["health"]
    assert steps_of(score, "survey") == [
        ("index", "81.2349"),
        ("rounded", "81.23"),
        ("weighted", "19.90135"),
        ("rounded", "19.9"),
    ]


@pytest.mark.parametrize(
    ("mode", "expected"), [("half-up", "2.5"), ("half-even", "2.4"), ("down", "2.4")]
)
def test_halves_are_rounded_as_declared(mode: str, expected: str) -> None:
    assert str(rounded(Decimal("2.45"), 1, mode)) == expected  # type: ignore[arg-type]


def test_a_group_of_departments_has_points_of_its_own() -> None:
    definition = base(
        ("points: 70", "points: 70\n    points_by_group: {district: 60}"),
        ("points: 30", "points: 30\n    points_by_group: {district: 40}"),
        ("points: 24.5", "points: 24.5\n        points_by_group: {district: 34.5}"),
    )
    found = scores(definition)
    assert points_of(found["health"], "survey") == "19.6"
    assert points_of(found["east"], "survey") == "27.6"
    assert [str(found[one].external.worth) for one in ("health", "east")] == ["30", "40"]


def test_entered_points_stand_as_they_are_within_floor_and_cap() -> None:
    definition = base(
        ("en: Performance Office}", "en: Performance Office}, unit: points"),
        ("points: 70", "points: 70\n    at_least: -2\n    at_most: 60"),
    )
    figures = {
        ("health", "internal"): "65.5",
        ("police", "internal"): "-9",
        ("tax", "internal"): "12.345",
    }
    found = scores(definition, figures=figures)
    assert points_of(found["health"], "internal") == "60"
    assert points_of(found["police"], "internal") == "-2"
    assert points_of(found["tax"], "internal") == "12.35"


def test_without_offset_first_the_limit_comes_before_the_addition() -> None:
    figures = {("health", "inspection.deducted"): "-8", ("health", "inspection.added"): "2"}
    (first,) = scores(base(), figures=figures)["health"].adjustments
    assert [(one.rule, str(one.result)) for one in first.steps[2:]] == [
        ("limited", "-5"),
        ("offset", "-3"),
    ]
    definition = base(("at_most: 0}", "at_most: 0, offset_first: true}"))
    (second,) = scores(definition, figures=figures)["health"].adjustments
    assert [(one.rule, str(one.result)) for one in second.steps[2:]] == [
        ("offset", "-6"),
        ("limited", "-5"),
    ]


def test_what_is_not_entered_leaves_the_sums_it_belongs_to_unknown() -> None:
    found = scores(base(), figures={("health", "internal"): "90"})
    tax = found["tax"]
    assert tax.missing == ("internal",)
    assert (tax.internal.points, tax.combined.points, tax.band, tax.gap) == (None,) * 4
    assert str(tax.external.points) == "23.45"
    assert str(found["health"].combined.points) == "86.45"


def test_a_withheld_index_gives_no_points() -> None:
    score = scores(base(), poll="withheld")["health"]
    assert score.missing == ("poll",)
    assert score.external.points is None


@pytest.mark.parametrize(
    ("ties", "expected"), [("competition", [1, 2, 2, 4]), ("dense", [1, 2, 2, 3])]
)
def test_equal_scores_share_a_rank_and_the_next_is_skipped_or_not(
    ties: str, expected: list[int]
) -> None:
    given = [Decimal(9), Decimal("8.50"), Decimal("8.5"), Decimal(7)]
    assert ranks(given, ties) == expected  # type: ignore[arg-type]


def test_groups_are_ranked_by_themselves_where_the_scheme_says_so() -> None:
    definition = base(("adjustments:", "ranked: by-group\nadjustments:"))
    figures = {(code, "internal"): str(90 - at) for at, code in enumerate(CODES)}
    samples = [
        Sample("sampled", ("paper",), dict.fromkeys(CODES, "80")),
        Sample("online", ("web", "kiosk"), dict.fromkeys(CODES, "70")),
    ]
    found = evaluate(material(definition, samples, figures)).rankings
    combined = {one.group: one.places for one in found if one.of == "combined"}
    assert {one.department: one.rank for one in combined["bureau"]} == {
        "health": 1,
        "police": 2,
        "tax": 3,
    }
    assert [one.department for one in combined["district"]] == ["east", "west"]


def test_a_definition_without_scheme_can_t_be_evaluated() -> None:
    definition = base().model_copy(update={"scheme": None})
    with pytest.raises(NoScheme):
        evaluate(material(definition, [], {}))
