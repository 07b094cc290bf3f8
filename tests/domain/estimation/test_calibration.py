"""Calibration meets its margins, stays in its bounds, and refuses by name what can't be met."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.estimation.distances import (
    Distance,
    Exponential,
    Linear,
    Logit,
    TruncatedLinear,
)
from app.errors import InvalidInput
from app.errors.definitions import InfeasibleEstimation
from tests.domain.estimation.city import answers, as_numbers, margins
from tests.domain.estimation.running import weighted

DISTANCES: list[Distance] = [
    Linear(),
    Exponential(),
    TruncatedLinear((0.4, 2.5)),
    Logit((0.4, 2.5)),
]


@pytest.mark.parametrize("distance", DISTANCES, ids=lambda d: type(d).__name__)
def test_a_distance_starts_at_one_and_its_derivatives_fit(distance: Distance) -> None:
    zero, u, h = np.zeros(1), np.linspace(-0.55, 1.4, 14), 1e-6
    assert distance.g(zero)[0] == pytest.approx(1)
    assert distance.slope(zero)[0] == pytest.approx(1)
    slopes = (distance.g(u + h) - distance.g(u - h)) / (2 * h)
    np.testing.assert_allclose(distance.slope(u), slopes, rtol=1e-6)
    rises = (distance.potential(u + h) - distance.potential(u - h)) / (2 * h)
    np.testing.assert_allclose(distance.g(u), rises, rtol=1e-6)


@pytest.mark.parametrize("distance", DISTANCES[2:], ids=lambda d: type(d).__name__)
def test_bounded_distances_never_leave_their_bounds(distance: Distance) -> None:
    g = distance.g(np.linspace(-1e4, 1e4, 2001))
    assert g.min() >= 0.4
    assert g.max() <= 2.5


def calibrating(distance: str, **more: Any) -> dict[str, Any]:
    bounded = distance in ("truncated-linear", "logit")
    return {
        "step": "calibrate",
        "distance": distance,
        **({"bounds": [0.2, 6]} if bounded else {}),
        **more,
    }


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(["linear", "raking", "truncated-linear", "logit"]), st.integers(0, 10_000))
def test_margins_are_met_and_reported(distance: str, seed: int) -> None:
    columns = as_numbers(answers(seed))
    steps = [calibrating(distance, margins=margins(columns))]
    sample = weighted(columns, {"sample": {"weight": "weight"}, "weighting": steps})
    for margin in margins(columns):
        (name,) = margin["by"]
        for label, total in margin["totals"].items():
            met = sample.weights[columns[name] == float(label)].sum()
            assert met == pytest.approx(total, rel=1e-10)
    report = sample.reports[-1]
    assert report.converged
    assert (report.worst_margin_error or 0) < 1e-10
    g = sample.weights / columns["weight"]
    assert (report.g_min, report.g_max) == (pytest.approx(g.min()), pytest.approx(g.max()))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_weights_do_not_depend_on_the_order_of_rows(seed: int) -> None:
    columns = as_numbers(answers(seed))
    order = np.random.default_rng(seed).permutation(600)
    shuffled = {name: values[order] for name, values in columns.items()}
    design = {
        "sample": {"weight": "weight"},
        "weighting": [{"step": "rake", "margins": margins(columns)}],
    }
    one, other = weighted(columns, design).weights, weighted(shuffled, design).weights
    np.testing.assert_allclose(one[order], other, rtol=1e-10)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(1e-3, 1e3))
def test_rescaled_base_weights_give_the_same_raked_weights(seed: int, factor: float) -> None:
    columns = as_numbers(answers(seed))
    scaled = columns | {"weight": columns["weight"] * factor}
    design = {
        "sample": {"weight": "weight"},
        "weighting": [{"step": "rake", "margins": margins(columns)}],
    }
    one, other = weighted(columns, design).weights, weighted(scaled, design).weights
    np.testing.assert_allclose(one, other, rtol=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 0.9))
def test_splitting_rows_changes_no_cell(seed: int, share: float) -> None:
    """A respondent of weight d is as good as two of s·d and (1 − s)·d."""
    columns = as_numbers(answers(seed))
    split = {name: np.concatenate([values, values]) for name, values in columns.items()}
    split["weight"] = np.concatenate([columns["weight"] * share, columns["weight"] * (1 - share)])
    design = {
        "sample": {"weight": "weight"},
        "weighting": [{"step": "rake", "margins": margins(columns)}],
    }
    one, both = weighted(columns, design).weights, weighted(split, design).weights
    np.testing.assert_allclose(one, both[:600] + both[600:], rtol=1e-9)


def test_raking_equals_iterated_proportional_fitting() -> None:
    columns = as_numbers(answers(5))
    design = {
        "sample": {"weight": "weight"},
        "weighting": [{"step": "rake", "margins": margins(columns)}],
    }
    fitted = columns["weight"].copy()
    for _ in range(200):
        for margin in margins(columns):
            (name,) = margin["by"]
            for label, total in margin["totals"].items():
                rows = columns[name] == float(label)
                fitted[rows] *= total / fitted[rows].sum()
    np.testing.assert_allclose(weighted(columns, design).weights, fitted, rtol=1e-10)


def test_numbers_are_calibrated_to_their_totals() -> None:
    columns = as_numbers(answers(5))
    columns["income"] = np.random.default_rng(1).gamma(2.0, 3000.0, 600)
    total = float(columns["weight"] @ columns["income"]) * 1.07
    steps = [calibrating("linear", population=14_000, totals={"income": total})]
    weights = weighted(columns, {"sample": {"weight": "weight"}, "weighting": steps}).weights
    assert weights @ columns["income"] == pytest.approx(total, rel=1e-11)
    assert weights.sum() == pytest.approx(14_000, rel=1e-11)


# Refusals -------------------------------------------------------------------------------------

AGE = {"by": ["age"], "totals": {"young": 30, "old": 70}}
SEX = {"by": ["sex"], "totals": {"f": 55, "m": 45}}


def text(*values: str | None) -> Any:
    return np.array(values, dtype=object)


COLUMNS = {
    "age": text("young", "young", "old", "old"),
    "sex": text("f", "m", "f", "m"),
    "one": np.ones(4),
}


def refused(columns: dict[str, Any], *declared: dict[str, Any], **more: Any) -> Any:
    step = {"step": "rake", "margins": list(declared)} | more
    with pytest.raises(InfeasibleEstimation) as refusal:
        weighted(columns, {"sample": {"weight": "one"}, "weighting": [step]})
    return [(fault.field, fault.code) for fault in refusal.value.faults]


def test_an_empty_category_is_refused_by_its_margin() -> None:
    columns = COLUMNS | {"age": text("young", "young", "young", "young")}
    assert refused(columns, AGE, SEX) == [("age.1", "margin-empty")]


def test_a_category_that_the_margin_does_not_know_is_refused() -> None:
    columns = COLUMNS | {"age": text("young", "old", "old", "child")}
    assert refused(columns, AGE, SEX) == [("age", "margin-category-unknown")]


def test_a_margin_of_zero_with_respondents_is_refused() -> None:
    assert refused(COLUMNS, {**AGE, "totals": {"young": 0, "old": 100}}, SEX) == [
        ("age.0", "margin-zero")
    ]


def test_missing_values_of_a_margin_are_refused() -> None:
    columns = COLUMNS | {"sex": text("f", "m", None, "m")}
    assert refused(columns, AGE, SEX) == [("sex", "margin-value-missing")]


def test_margins_with_different_totals_are_refused_both_named() -> None:
    other = {**SEX, "totals": {"f": 55, "m": 46}}
    assert refused(COLUMNS, AGE, other) == [("sex", "margin-totals-differ")]


def test_a_margin_declared_twice_is_refused() -> None:
    assert ("age", "margin-repeated") in refused(COLUMNS, AGE, AGE)


def test_all_faults_come_at_once() -> None:
    columns = COLUMNS | {"sex": text("f", "m", None, "m"), "age": text(*["young"] * 4)}
    assert len(refused(columns, AGE, SEX)) == 2


def test_margins_that_no_positive_weights_meet_are_refused_by_name() -> None:
    """All women are old, so 55 women among 40 old people can't be."""
    columns = COLUMNS | {"age": text("old", "young", "old", "young")}
    old = {**AGE, "totals": {"young": 60, "old": 40}}
    faults = refused(columns, old, SEX)
    assert {code for _, code in faults} == {"margin-infeasible"}
    assert {field for field, _ in faults} <= {"age", "sex"}


def test_margins_met_only_at_the_edge_are_refused() -> None:
    """Young men would need weight 0: 30 young people, all of them the 30 young women."""
    columns = COLUMNS | {
        "age": text("young", "young", "old", "young"),
        "sex": text("f", "m", "f", "f"),
    }
    edge = ({**AGE, "totals": {"young": 50, "old": 50}}, {**SEX, "totals": {"f": 100, "m": 1e-13}})
    assert refused(columns, *edge)


def test_bounds_too_tight_for_the_margins_are_refused_by_name() -> None:
    tight = {"step": "calibrate", "distance": "logit", "bounds": [0.99, 1.01]}
    faults = refused(COLUMNS, AGE, SEX, **tight)
    assert {code for _, code in faults} == {"margin-infeasible"}
    assert {field for field, _ in faults} <= {"age", "sex"}


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(InvalidInput) as refusal:
        weighted({"one": np.ones(2)}, {"weighting": [{"step": "rake", "margins": [AGE]}]})
    assert refusal.value.faults[0].field == "age"


def test_zero_weights_stay_zero_and_need_no_margin_values() -> None:
    columns = COLUMNS | {"one": np.array([1.0, 1, 1, 0]), "sex": text("f", "m", "m", None)}
    step = {"step": "rake", "margins": [AGE]}
    weights = weighted(columns, {"sample": {"weight": "one"}, "weighting": [step]}).weights
    assert weights.tolist() == pytest.approx([15.0, 15.0, 70.0, 0.0])
