"""Changes between waves against R's t.test and p.adjust (tests/reference/ranks_comparisons.R)."""

import math
from typing import Literal

import numpy as np
import pytest

from app.domain.estimation.comparisons import WaveEstimates, adjust_p_values, compare_waves
from app.errors import InvalidInput
from tests.reference.tables import column

FILE = "ranks_comparisons.csv"
BEFORE = WaveEstimates(
    np.array(column(FILE, "before")),
    np.array(column(FILE, "v_before")),
    np.array(column(FILE, "f_before")),
)
AFTER = WaveEstimates(
    np.array(column(FILE, "after")),
    np.array(column(FILE, "v_after")),
    np.array(column(FILE, "f_after")),
)


@pytest.mark.parametrize(("control", "name"), [("holm", "holm"), ("benjamini-hochberg", "bh")])
def test_changes_equal_welchs_test_and_adjustment_in_r(
    control: Literal["holm", "benjamini-hochberg"], name: str
) -> None:
    changes = compare_waves(BEFORE, AFTER, control=control)
    for field, heading in (
        ("difference", "difference"),
        ("standard_error", "error"),
        ("degrees_of_freedom", "freedom"),
        ("low", "low"),
        ("high", "high"),
        ("p_value", "p"),
        ("adjusted_p_value", name),
    ):
        ours = [getattr(change, field) for change in changes]
        assert ours == pytest.approx(column(FILE, heading), rel=1e-9), field
    assert [c.is_significant for c in changes] == [p <= 0.05 for p in column(FILE, name)]
    assert 0 < sum(change.is_significant for change in changes) < len(changes)


@pytest.mark.parametrize(("control", "name"), [("holm", "holm"), ("benjamini-hochberg", "bh")])
def test_adjusted_p_values_with_ties_and_gaps_equal_r(
    control: Literal["holm", "benjamini-hochberg"], name: str
) -> None:
    ours = adjust_p_values(column("ranks_p_adjust.csv", "p"), control)
    expected = column("ranks_p_adjust.csv", name)
    assert ours.tolist() == pytest.approx(expected, rel=1e-12, nan_ok=True)


def test_no_p_values_at_all() -> None:
    assert adjust_p_values([], "holm").tolist() == []
    assert np.isnan(adjust_p_values([math.nan, math.nan], "benjamini-hochberg")).all()


def test_unknown_variance_is_not_tested_and_does_not_cost_the_others() -> None:
    three = compare_waves(
        WaveEstimates(np.zeros(3), np.array([1.0, np.nan, 0.0])),
        WaveEstimates(np.array([2.9, 2.9, 2.9]), np.array([1.0, 1.0, 0.0])),
    )
    assert three[0].adjusted_p_value == three[0].p_value == pytest.approx(0.0403, abs=1e-4)
    assert three[0].is_significant
    for unknown in three[1:]:
        assert math.isnan(unknown.standard_error)
        assert math.isnan(unknown.adjusted_p_value)
        assert not unknown.is_significant


def test_large_samples_are_compared_by_the_normal_distribution() -> None:
    one = WaveEstimates(np.array([60.0]), np.array([0.5]))
    other = WaveEstimates(np.array([61.959963984540054]), np.array([0.5]))
    change = compare_waves(one, other)[0]
    assert change.p_value == pytest.approx(0.05, rel=1e-12)
    assert (change.low, change.high) == pytest.approx((0.0, 2 * 1.959963984540054), abs=1e-12)


def test_same_survey_points_in_both_waves_sharpen_the_comparison() -> None:
    one = WaveEstimates(np.array([60.0]), np.array([2.0]), 13.0)
    other = WaveEstimates(np.array([63.0]), np.array([2.0]), 13.0)
    apart = compare_waves(one, other)[0]
    panel = compare_waves(one, other, covariances=np.array([1.5]))[0]
    assert (apart.degrees_of_freedom, panel.degrees_of_freedom) == (26.0, 13.0)
    assert (apart.standard_error, panel.standard_error) == (2.0, 1.0)
    assert panel.is_significant
    assert not apart.is_significant


def test_forty_unchanged_departments_are_rarely_announced_as_changed() -> None:
    """Holm: any false announcement in at most 5 % of 400 waves, plus three standard errors."""
    generator = np.random.default_rng(1)
    false_alarms = 0
    for _ in range(400):
        before, after = generator.normal(60, 1, (2, 40))
        changes = compare_waves(
            WaveEstimates(before, np.ones(40)), WaveEstimates(after, np.ones(40))
        )
        false_alarms += any(change.is_significant for change in changes)
    assert false_alarms / 400 < 0.05 + 3 * math.sqrt(0.05 * 0.95 / 400)


def test_waves_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(InvalidInput) as refusal:
        compare_waves(
            WaveEstimates(np.zeros(3), np.ones(3)),
            WaveEstimates(np.zeros(2), np.ones(2)),
            confidence=0.0,
        )
    assert {fault.field for fault in refusal.value.faults} == {"departments", "confidence"}
