"""What is estimated and what is said to be unknown: domains, skipped items, lone answers, waves."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.estimation.estimates import change_between
from app.domain.estimation.statistics import Combination, Ratio, Total, mean_of
from app.errors import InvalidInput
from app.errors.definitions import InfeasibleEstimation
from tests.domain.estimation.city import answers, as_numbers, item, margins
from tests.domain.estimation.running import estimated, one

SMALL = {
    "point": np.array([1, 1, 2, 2, 3, 3]),
    "d": np.array([1.0, 2, 1, 2, 1, 0]),
    "where": np.array(["a", "a", "a", "b", "b", "c"], dtype=object),
    "y": np.array(["5", "9", "3", None, "1", "4"], dtype=object),
    "same": np.full(6, 4.0),
}
CLUSTERS = {"weight": "d", "clusters": ["point"]}
Y = {"statistic": "mean", "variable": "y", "dont_know": ["9"]}


def test_skipped_and_dont_know_answers_leave_the_item_and_are_counted() -> None:
    record = one(SMALL, CLUSTERS, Y)
    assert record.value == pytest.approx((5 + 3 + 1) / 3)
    assert (record.respondents, record.missing, record.dont_know) == (3, 1, 1)


def test_weights_of_zero_count_nowhere() -> None:
    record = one(SMALL, CLUSTERS, {**Y, "where": {"where": ["c"]}})
    assert (record.value, record.respondents, record.standard_error) == (None, 0, None)
    assert record.notes == ("no respondent of this domain answered",)


def test_every_domain_is_reported_also_the_empty_one() -> None:
    result = estimated(SMALL, {"sample": CLUSTERS, "estimates": [{**Y, "by": ["where"]}]})
    assert [(r.domain["where"], r.respondents) for r in result.records] == [
        ("a", 2),
        ("b", 1),
        ("c", 0),
    ]


def test_answers_of_one_primary_unit_have_no_standard_error() -> None:
    columns = SMALL | {"where": np.array(["a", "a", "b", "b", "b", "b"], dtype=object)}
    record = one(
        columns, CLUSTERS, {"statistic": "mean", "variable": "same", "where": {"where": ["a"]}}
    )
    assert record.value == 4
    assert record.standard_error is None
    assert "one primary unit" in record.notes[0]


def test_equal_answers_have_no_interval() -> None:
    record = one(SMALL, CLUSTERS, {"statistic": "mean", "variable": "same"})
    assert record.standard_error == 0
    assert record.interval is None
    assert record.notes == (
        "all answers are alike: the sample can't say how far others may differ",
    )


def test_a_census_is_certain() -> None:
    columns = {"y": np.array([1.0, 2, 3]), "N": np.full(3, 3.0)}
    record = one(columns, {"population": ["N"]}, {"statistic": "mean", "variable": "y"})
    assert (record.value, record.standard_error, record.interval) == (2, 0, (2, 2))


def test_one_primary_unit_in_all_leaves_the_error_unknown() -> None:
    columns = SMALL | {"point": np.ones(6)}
    record = one(columns, CLUSTERS | {"lonely_psu": "remove"}, Y)
    assert (record.standard_error, record.interval, record.degrees_of_freedom) == (None, None, 0)


def test_a_lonely_primary_unit_fails_unless_declared() -> None:
    columns = SMALL | {"h": np.array([1, 1, 1, 1, 2, 2])}
    with pytest.raises(InfeasibleEstimation) as refusal:
        one(columns, CLUSTERS | {"strata": ["h"]}, Y)
    assert refusal.value.faults[0].field == "sample.lonely_psu"


def test_counts_are_totals_of_people() -> None:
    record = one(SMALL, CLUSTERS, {"statistic": "count", "where": {"where": ["a"]}})
    assert record.value == 4


def test_a_share_without_levels_gives_each_level() -> None:
    request = {"statistic": "proportion", "variable": "y", "dont_know": ["9"]}
    result = estimated(SMALL, {"sample": CLUSTERS, "estimates": [request]})
    assert [(r.level, r.value) for r in result.records] == [
        ("1", pytest.approx(1 / 3)),
        ("3", pytest.approx(1 / 3)),
        ("4", 0),
        ("5", pytest.approx(1 / 3)),
    ]


def test_labels_are_scored_and_unscored_answers_refused() -> None:
    columns = {"y": np.array(["good", "bad", "good", "don't know"], dtype=object)}
    request = {"statistic": "mean", "variable": "y", "scores": {"good": 100, "bad": 0}}
    assert one(columns, {}, {**request, "dont_know": ["don't know"]}).value == pytest.approx(
        200 / 3
    )
    with pytest.raises(InvalidInput) as refusal:
        one(columns, {}, request)
    assert refusal.value.faults[0].code == "score-missing"


def test_an_index_weighs_dimensions_and_each_item_has_its_own_respondents() -> None:
    columns = {
        "a": np.array([80.0, 60, np.nan, 100]),
        "b": np.array([50.0, np.nan, np.nan, 70]),
        "c": np.array([10.0, 20, 30, 40]),
    }
    request = {
        "statistic": "index",
        "dimensions": {
            "service": {"weight": 0.75, "items": ["a", "b"], "item_weights": [2, 1]},
            "conduct": {"weight": 0.25, "items": ["c"]},
        },
    }
    record = one(columns, {}, request)
    assert record.value == pytest.approx(0.75 * (2 * 80 + 60) / 3 + 0.25 * 25)
    assert record.respondents == 4


def test_an_index_without_an_item_is_unknown() -> None:
    columns = {"a": np.array([80.0, 60]), "b": np.array([np.nan, np.nan])}
    dimensions = {"all": {"weight": 1, "items": ["a", "b"]}}
    record = one(columns, {}, {"statistic": "index", "dimensions": dimensions})
    assert (record.value, record.standard_error, record.interval) == (None, None, None)


def test_unnamed_requests_for_the_same_number_are_refused() -> None:
    with pytest.raises(InvalidInput) as refusal:
        estimated(SMALL, {"sample": CLUSTERS, "estimates": [Y, Y]})
    assert refusal.value.faults[0].code == "name-repeated"


# Differences ----------------------------------------------------------------------------------


def test_a_difference_uses_the_covariance_of_the_same_respondents() -> None:
    columns = as_numbers(answers(4))
    columns["gap"] = columns["sex"] - columns["age"]
    design = {
        "sample": {"weight": "weight", "clusters": ["point"]},
        "estimates": [
            {"statistic": "mean", "variable": name, "name": name} for name in ("sex", "age", "gap")
        ],
        "differences": [{"of": "sex", "minus": "age"}],
    }
    *_, gap, difference = estimated(columns, design).records
    assert difference.value == pytest.approx(gap.value)
    assert difference.standard_error == pytest.approx(gap.standard_error, rel=1e-10)


def test_a_difference_must_name_estimates() -> None:
    design = {
        "sample": CLUSTERS,
        "estimates": [{**Y, "name": "y", "by": ["where"]}],
        "differences": [{"of": "y", "between": ["a", "nowhere"]}, {"of": "x", "minus": "y"}],
    }
    with pytest.raises(InvalidInput) as refusal:
        estimated(SMALL, design)
    assert [fault.field for fault in refusal.value.faults] == ["differences.0", "differences.1"]


def test_the_difference_of_something_unknown_is_unknown() -> None:
    design = {
        "sample": CLUSTERS,
        "estimates": [{**Y, "name": "y", "by": ["where"]}],
        "differences": [{"of": "y", "between": ["a", "b"]}],
    }
    record = estimated(SMALL, design).records[-1]
    assert record.value == pytest.approx(4 - 1)
    assert (record.standard_error, record.interval) == (None, None)


def test_waves_of_independent_samples_differ_with_satterthwaites_degrees_of_freedom() -> None:
    """Two elementary samples: Welch's t test, worked by hand."""
    request = {"sample": {}, "estimates": [{"statistic": "mean", "variable": "y", "name": "y"}]}
    first, second = np.array([3.0, 5, 8, 4]), np.array([6.0, 9, 7, 9, 10, 7])
    earlier, later = (estimated({"y": y}, request) for y in (first, second))
    (change,) = change_between(later, earlier, 0.95)
    v, w = second.var(ddof=1) / 6, first.var(ddof=1) / 4
    assert change.value == pytest.approx(8 - 5)
    assert change.standard_error == pytest.approx(math.sqrt(v + w))
    assert change.degrees_of_freedom == pytest.approx((v + w) ** 2 / (v**2 / 5 + w**2 / 3))


def test_waves_without_anything_in_common_are_refused() -> None:
    one_wave = estimated(SMALL, {"sample": CLUSTERS, "estimates": [Y]})
    other = estimated(SMALL, {"sample": CLUSTERS, "estimates": [{**Y, "name": "else"}]})
    with pytest.raises(InvalidInput, match="no estimate in common"):
        change_between(one_wave, other, 0.95)


# Scores ---------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 100_000))
def test_scores_are_the_derivatives_by_the_weights(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y, x, rows = rng.normal(3, 1, 12), rng.uniform(1, 2, 12), rng.random(12) < 0.7
    rows[:2] = True
    mass, step = rng.uniform(1, 5, 12), 1e-6
    parts = [Ratio(y, x, rows), mean_of(y, rows), Total(y, rows)]
    for statistic in (*parts, Combination(parts, [0.3, 0.5, 0.2])):
        scores = statistic.scores(mass)
        for k in range(12):
            moved = mass + step * (np.arange(12) == k)
            slope = (statistic.value(moved) - statistic.value(mass)) / step
            assert scores[k] == pytest.approx(slope, abs=1e-4)


# Invariance -----------------------------------------------------------------------------------

CITY_DESIGN = {"weight": "weight", "strata": ["stratum"], "clusters": ["point"]}


def city_estimates(columns: Any) -> Any:
    return estimated(
        columns,
        {
            "sample": CITY_DESIGN,
            "weighting": [{"step": "rake", "margins": margins(columns)}],
            "estimates": [item("D01"), item("D02", "proportion", levels=["4"], name="top")],
        },
    )


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_estimates_do_not_depend_on_the_order_of_rows(seed: int) -> None:
    columns = as_numbers(answers(seed))
    order = np.random.default_rng(seed).permutation(600)
    shuffled = {name: values[order] for name, values in columns.items()}
    one_way, other = city_estimates(columns), city_estimates(shuffled)
    np.testing.assert_allclose(one_way.values, other.values, rtol=1e-10)
    np.testing.assert_allclose(one_way.covariance, other.covariance, rtol=1e-8)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(1e-3, 1e3))
def test_means_do_not_depend_on_the_scale_of_the_weights(seed: int, factor: float) -> None:
    columns = as_numbers(answers(seed))
    scaled = columns | {"weight": columns["weight"] * factor}
    plain = {"sample": CITY_DESIGN, "estimates": [item("D01")]}
    (a,), (b,) = estimated(columns, plain).records, estimated(scaled, plain).records
    assert a.value == pytest.approx(b.value, rel=1e-12)
    assert a.standard_error == pytest.approx(b.standard_error, rel=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 0.9))
def test_splitting_a_respondent_in_two_changes_no_clustered_estimate(
    seed: int, share: float
) -> None:
    columns = as_numbers(answers(seed))
    split = {name: np.concatenate([values, values]) for name, values in columns.items()}
    split["weight"] = np.concatenate([columns["weight"] * share, columns["weight"] * (1 - share)])
    one_way, other = city_estimates(columns), city_estimates(split)
    np.testing.assert_allclose(one_way.values, other.values, rtol=1e-9)
    np.testing.assert_allclose(one_way.covariance, other.covariance, rtol=1e-7)


def test_a_declared_dont_know_is_no_answer_even_if_it_has_a_score() -> None:
    columns = {"y": np.array(["good", "bad", "don't know"], dtype=object)}
    scores = {"good": 100, "bad": 0, "don't know": 50}
    request = {"statistic": "mean", "variable": "y", "scores": scores, "dont_know": ["don't know"]}
    record = one(columns, {}, request)
    assert (record.respondents, record.dont_know) == (2, 1)
