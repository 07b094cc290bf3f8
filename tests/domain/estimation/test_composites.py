"""Two samples blended: by hand, and by simulation of the error that is promised."""

import math

import numpy as np
import pytest

from app.domain.estimation.composites import (
    SampleEstimates,
    blend_with_declared_weight,
    blend_with_least_error,
    pooled_squared_bias,
    shared_correlation,
)
from app.errors import InvalidInput

SURVEY = SampleEstimates(np.array([60.0, 70.0, 65.0]), np.array([4.0, 9.0, 1.0]))
POLL = SampleEstimates(np.array([66.0, 78.0, 70.0]), np.array([0.25, 0.25, 0.25]))
BIAS = (36 + 64 + 25) / 3 - 14 / 3 - 0.25


def test_squared_bias_is_the_gap_less_what_sampling_explains() -> None:
    assert pooled_squared_bias(SURVEY, POLL) == pytest.approx(BIAS)


def test_declared_weight_and_its_error_by_hand() -> None:
    blend = blend_with_declared_weight(SURVEY, POLL, poll_weight=0.2)
    assert blend.values == pytest.approx([61.2, 71.6, 66.0])
    errors = [math.sqrt(0.64 * v + 0.04 * (0.25 + BIAS)) for v in (4, 9, 1)]
    assert blend.root_mean_squared_errors == pytest.approx(errors)
    assert not blend.model_based
    assert blend.squared_bias == pytest.approx(BIAS)


def test_least_error_weights_by_hand() -> None:
    blend = blend_with_least_error(SURVEY, POLL)
    weights = [v / (v + 0.25 + BIAS) for v in (4, 9, 1)]
    assert blend.poll_weights == pytest.approx(weights)
    # at the optimum the error is the survey's times the survey's own weight
    errors = [math.sqrt(v * (1 - w)) for v, w in zip((4, 9, 1), weights, strict=True)]
    assert blend.root_mean_squared_errors == pytest.approx(errors)
    assert blend.model_based


def test_no_declared_weight_beats_the_least_error() -> None:
    best = blend_with_least_error(SURVEY, POLL).root_mean_squared_errors
    for weight in np.linspace(0, 1, 101):
        blend = blend_with_declared_weight(SURVEY, POLL, poll_weight=float(weight))
        assert (best <= blend.root_mean_squared_errors + 1e-12).all()


def test_poll_that_agrees_within_sampling_error_has_no_bias() -> None:
    poll = SampleEstimates(SURVEY.values + 0.5, np.full(3, 0.1))
    assert pooled_squared_bias(SURVEY, poll) == 0
    assert blend_with_least_error(SURVEY, poll).poll_weights[1] == pytest.approx(9 / 9.1)


def test_exact_survey_leaves_nothing_to_the_poll() -> None:
    exact = SampleEstimates(SURVEY.values, np.zeros(3))
    assert blend_with_least_error(exact, POLL).poll_weights.tolist() == [0, 0, 0]
    same = SampleEstimates(SURVEY.values, np.zeros(3))
    assert blend_with_least_error(exact, same).root_mean_squared_errors.tolist() == [0, 0, 0]


def test_promised_error_is_the_error_found_in_repeated_samples() -> None:
    generator = np.random.default_rng(7)
    truth, bias = generator.normal(65, 4, 40), generator.normal(3, 2, 40)
    v_survey, v_poll = generator.uniform(1, 4, 40), np.full(40, 0.2)
    squared, promised = np.zeros(40), np.zeros(40)
    for _ in range(2000):
        survey = SampleEstimates(generator.normal(truth, np.sqrt(v_survey)), v_survey)
        poll = SampleEstimates(generator.normal(truth + bias, np.sqrt(v_poll)), v_poll)
        blend = blend_with_declared_weight(survey, poll, poll_weight=0.3)
        squared += (blend.values - truth) ** 2 / 2000
        promised += blend.root_mean_squared_errors**2 / 2000
    assert np.sqrt(promised.mean()) == pytest.approx(np.sqrt(squared.mean()), rel=0.02)
    assert pooled_squared_bias(survey, poll) == pytest.approx((bias**2).mean(), rel=0.4)


def test_shared_correlation_is_the_mean_one_between_departments() -> None:
    matrix = np.array([[4.0, 3.0, np.nan], [3.0, 9.0, np.nan], [np.nan, np.nan, np.nan]])
    assert shared_correlation(matrix) == pytest.approx(3 / (2 * 3))
    assert shared_correlation(np.array([[1.0, -0.5], [-0.5, 1.0]])) == 0
    assert shared_correlation(np.eye(1)) == 0


def test_every_result_prints_its_assumptions() -> None:
    declared = blend_with_declared_weight(SURVEY, POLL, poll_weight=0.5).assumptions
    optimal = blend_with_least_error(SURVEY, POLL).assumptions
    assert any("declared" in sentence for sentence in declared)
    assert any("same for every department" in sentence for sentence in declared)
    assert any("minimises" in sentence for sentence in optimal)
    assert set(optimal) - set(declared)


def test_samples_that_do_not_fit_together_are_refused() -> None:
    one = SampleEstimates(np.array([1.0]), np.array([1.0]))
    broken = SampleEstimates(np.array([1.0, np.nan, 2.0]), np.array([1.0, -1.0, 2.0]))
    with pytest.raises(InvalidInput):
        blend_with_least_error(one, one)
    with pytest.raises(InvalidInput):
        blend_with_least_error(SURVEY, one)
    with pytest.raises(InvalidInput) as refusal:
        blend_with_least_error(SURVEY, broken)
    assert {fault.field for fault in refusal.value.faults} == {"departments", "variances"}
    for weight in (-0.1, 1.1, math.nan):
        with pytest.raises(InvalidInput):
            blend_with_declared_weight(SURVEY, POLL, poll_weight=weight)
