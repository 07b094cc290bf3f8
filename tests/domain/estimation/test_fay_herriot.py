"""The Fay–Herriot model against R's metafor (tests/reference/composites_models.R)."""

import math

import numpy as np
import pytest

from app.domain.estimation.composites import SampleEstimates
from app.domain.estimation.fay_herriot import predict_with_poll
from app.errors import InvalidInput
from app.errors.definitions import InfeasibleEstimation
from tests.reference.tables import column, numbered

FILE = "composites_fay_herriot.csv"
SURVEY = SampleEstimates(np.array(column(FILE, "survey")), np.array(column(FILE, "psi")))
POLL = np.array(column(FILE, "poll"))


def test_predictions_and_errors_equal_r() -> None:
    fit = predict_with_poll(SURVEY, POLL)
    r = {name: values[0] for name, values in numbered("composites_fay_herriot_fit.csv").items()}
    assert fit.model_variance == pytest.approx(r["tau2"], rel=1e-9)
    assert fit.coefficients.tolist() == pytest.approx([r["intercept"], r["slope"]], rel=1e-9)
    assert fit.values.tolist() == pytest.approx(column(FILE, "eblup"), rel=1e-9)
    assert fit.root_mean_squared_errors.tolist() == pytest.approx(column(FILE, "rmse"), rel=1e-9)


def test_prediction_lies_between_survey_and_model() -> None:
    fit = predict_with_poll(SURVEY, POLL)
    line = fit.coefficients[0] + fit.coefficients[1] * POLL
    inside = (fit.values - line) * (SURVEY.values - fit.values)
    assert (inside >= -1e-9).all()
    order = np.argsort(SURVEY.variances)
    assert (np.diff(fit.shrinkage[order]) <= 0).all()


def test_department_without_survey_rests_on_the_poll_alone() -> None:
    values, variances = SURVEY.values.copy(), SURVEY.variances.copy()
    values[3] = variances[3] = np.nan
    fit = predict_with_poll(SampleEstimates(values, variances), POLL)
    rest = predict_with_poll(
        SampleEstimates(np.delete(values, 3), np.delete(variances, 3)), np.delete(POLL, 3)
    )
    assert fit.shrinkage[3] == 0
    assert fit.values[3] == pytest.approx(fit.coefficients @ [1, POLL[3]])
    assert fit.root_mean_squared_errors[3] > math.sqrt(fit.model_variance)
    assert np.delete(fit.values, 3) == pytest.approx(rest.values)


def test_departments_on_the_line_have_no_model_variance() -> None:
    line = SampleEstimates(10 + 0.5 * POLL, np.full(len(POLL), 4.0))
    fit = predict_with_poll(line, POLL)
    assert fit.model_variance == 0
    assert fit.values == pytest.approx(line.values)


def test_model_beats_the_survey_where_it_holds() -> None:
    generator = np.random.default_rng(3)
    psi = generator.uniform(1, 12, 40)
    ours = direct = promised = 0.0
    for _ in range(300):
        poll = generator.normal(80, 6, 40)
        truth = 20 + 0.6 * poll + generator.normal(0, 1.5, 40)
        survey = generator.normal(truth, np.sqrt(psi))
        fit = predict_with_poll(SampleEstimates(survey, psi), poll)
        ours += float(((fit.values - truth) ** 2).mean())
        direct += float(((survey - truth) ** 2).mean())
        promised += float((fit.root_mean_squared_errors**2).mean())
    assert ours < 0.5 * direct
    assert promised == pytest.approx(ours, rel=0.06)


def test_error_shared_by_all_departments_is_promised_too() -> None:
    """Few survey points: the same error for everybody, which no covariate can take away."""
    generator = np.random.default_rng(4)
    psi, rho = np.full(40, 2.0), 0.8
    found = honest = textbook = 0.0
    for _ in range(300):
        poll = generator.normal(80, 6, 40)
        truth = 20 + 0.6 * poll + generator.normal(0, 1.5, 40)
        shared, own = generator.normal(0, math.sqrt(2 * rho)), generator.normal(size=40)
        survey = truth + shared + own * math.sqrt(2 * (1 - rho))
        fit = predict_with_poll(SampleEstimates(survey, psi, rho), poll)
        naive = predict_with_poll(SampleEstimates(survey, psi), poll)
        found += float(((fit.values - truth) ** 2).mean())
        honest += float((fit.root_mean_squared_errors**2).mean())
        textbook += float((naive.root_mean_squared_errors**2).mean())
    assert honest == pytest.approx(found, rel=0.08)
    assert textbook < 0.75 * found


def test_assumptions_are_printed() -> None:
    assert any("straight-line" in text for text in predict_with_poll(SURVEY, POLL).assumptions)


def test_too_few_departments_or_a_constant_poll_can_not_be_fitted() -> None:
    few = SampleEstimates(SURVEY.values[:4], SURVEY.variances[:4])
    with pytest.raises(InfeasibleEstimation):
        predict_with_poll(few, POLL[:4])
    with pytest.raises(InfeasibleEstimation):
        predict_with_poll(SURVEY, np.full(len(POLL), 80.0))


def test_senseless_data_are_refused_with_all_faults() -> None:
    with pytest.raises(InvalidInput) as refusal:
        predict_with_poll(
            SampleEstimates(np.ones(3), np.array([1.0, 0.0, 1.0]), 1.0), np.array([np.nan, 1.0])
        )
    assert {fault.field for fault in refusal.value.faults} == {
        "departments",
        "poll_values",
        "variances",
        "shared_correlation",
    }
