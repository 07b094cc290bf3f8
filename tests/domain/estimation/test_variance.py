"""Variance by hand, by enumeration of samples, and by replicates; and the few-unit rule."""

import itertools
from typing import Any

import numpy as np
import pytest

from app.domain.estimation.design import build_design
from app.domain.estimation.few_psus import Credit
from app.domain.estimation.replicates import build_replicates
from app.domain.estimation.specification import Sample, Variance
from app.domain.estimation.statistics import mean_of
from app.domain.estimation.variance import residual_scores
from app.errors import InvalidInput
from app.errors.definitions import InfeasibleEstimation
from tests.domain.estimation.city import answers, as_numbers, item, margins
from tests.domain.estimation.running import estimated, one, weighted

MEAN = {"statistic": "mean", "variable": "y"}
TOTAL = {"statistic": "total", "variable": "y"}


def test_simple_random_sampling_without_replacement_by_hand() -> None:
    columns = {"y": np.array([2.0, 4, 9]), "N": np.full(3, 12.0)}
    record = one(columns, {"population": ["N"]}, MEAN)
    variance = (1 - 3 / 12) * np.var([2, 4, 9], ddof=1) / 3
    assert record.standard_error == pytest.approx(np.sqrt(variance), rel=1e-14)
    assert record.design_effect == pytest.approx(1, rel=1e-14)


def test_the_two_stage_estimator_is_unbiased_over_all_samples() -> None:
    """4 clusters of 3 people, 2 clusters and 2 people of each drawn: all 54 samples."""
    population = np.array([[1.0, 2, 6], [3, 3, 4], [9, 5, 5], [0, 2, 7]])
    estimates, variances = [], []
    for pair in itertools.combinations(range(4), 2):
        for people in itertools.product(itertools.combinations(range(3), 2), repeat=2):
            drawn = [
                (c, population[c, k]) for c, some in zip(pair, people, strict=True) for k in some
            ]
            columns = {
                "c": np.array([c for c, _ in drawn]),
                "y": np.array([y for _, y in drawn]),
                "N": np.full(4, 4.0),
                "M": np.full(4, 3.0),
            }
            record = one(columns, {"clusters": ["c"], "population": ["N", "M"]}, TOTAL)
            estimates.append(record.value)
            variances.append(float(record.standard_error or 0) ** 2)
    assert len(estimates) == 54
    assert np.mean(estimates) == pytest.approx(population.sum())
    assert np.mean(variances) == pytest.approx(np.var(estimates))


def test_the_variance_of_a_calibrated_margin_is_zero_and_certain() -> None:
    columns = as_numbers(answers(2))
    sample = {"weight": "weight", "clusters": ["point"]}
    record = one(
        columns,
        sample,
        {"statistic": "count", "where": {"age": ["0"]}},
        weighting=[{"step": "poststratify", **margins(columns)[0]}],
    )
    assert record.value == pytest.approx(margins(columns)[0]["totals"]["0"])
    assert record.standard_error == pytest.approx(0, abs=1e-6)


# Replicates -----------------------------------------------------------------------------------


def test_the_bootstrap_average_over_all_draws_is_the_linearised_variance() -> None:
    """Three units, two draws: nine equally likely bootstrap samples, total by each."""
    y, n_h = np.array([2.0, 5, 11]), 3
    columns = {"y": y, "N": np.full(3, 30.0)}
    exact = one(columns, {"population": ["N"]}, TOTAL).standard_error or 0
    shrink, base, squares = np.sqrt(1 - n_h / 30), 10.0, []
    for draw in itertools.product(range(3), repeat=2):
        times = np.bincount(draw, minlength=3)
        factors = 1 - shrink + shrink * times * n_h / (n_h - 1)
        squares.append((base * factors @ y - base * y.sum()) ** 2)
    assert np.mean(squares) == pytest.approx(exact**2)


def test_bootstrap_factors_are_those_of_rao_and_wu() -> None:
    columns = {"u": np.arange(6), "h": np.array([1, 1, 1, 2, 2, 2]), "N": np.full(6, 12.0)}
    design = build_design(columns, Sample(strata=("h",), clusters=("u",), population=("N",)))
    settings = Variance(method="bootstrap", replicates=4000, seed=3)
    factors = build_replicates(design, settings, {}).factors
    possible = 1 - np.sqrt(0.75) + np.sqrt(0.75) * np.array([0, 1, 2]) * 1.5
    assert np.isin(factors.round(12), possible.round(12)).all()
    np.testing.assert_allclose(factors[:3].sum(axis=0), 3)
    np.testing.assert_allclose(factors.mean(axis=1), 1, atol=0.05)


def test_the_bootstrap_agrees_with_linearisation_and_repeats_with_its_seed() -> None:
    columns = as_numbers(answers(6))
    sample = {"weight": "weight", "strata": ["stratum"], "clusters": ["point"]}
    raked = [{"step": "rake", "margins": margins(columns)}]
    settings = {"method": "bootstrap", "replicates": 400, "seed": 5}
    first = one(columns, sample, item("D01"), weighting=raked, variance=settings)
    again = one(columns, sample, item("D01"), weighting=raked, variance=settings)
    linear = one(columns, sample, item("D01"), weighting=raked)
    assert first == again
    assert first.standard_error == pytest.approx(linear.standard_error, rel=0.12)


def test_replicates_are_handed_out_around_the_published_values() -> None:
    columns = as_numbers(answers(6))
    result = estimated(
        columns,
        {
            "sample": {"weight": "weight", "clusters": ["point"]},
            "variance": {"method": "jk1"},
            "estimates": [item("D01", name="a"), item("D02", name="b")],
            "differences": [{"of": "a", "minus": "b"}],
        },
    )
    assert result.replicates is not None
    assert result.replicates.shape == (24, 3)
    spread = result.replicates - result.replicates.mean(axis=0)
    np.testing.assert_allclose(23 / 24 * spread.T @ spread, result.covariance, rtol=1e-9)


def test_jk1_is_refused_for_strata() -> None:
    columns = as_numbers(answers(6))
    sample = {"weight": "weight", "strata": ["stratum"], "clusters": ["point"]}
    with pytest.raises(InvalidInput, match="without strata"):
        one(columns, sample, item("D01"), variance={"method": "jk1"})


def test_a_replicate_that_can_not_be_weighted_is_refused_with_its_margin() -> None:
    columns = {"u": np.array([1, 2, 3]), "district": np.array([1, 2, 2]), "y": np.ones(3)}
    step = {"step": "poststratify", "by": ["district"], "totals": {"1": 5, "2": 9}}
    with pytest.raises(InfeasibleEstimation, match=r"Replicate 1 can't be weighted.*district"):
        one(columns, {"clusters": ["u"]}, MEAN, weighting=[step], variance={"method": "jk1"})


# Few primary units ----------------------------------------------------------------------------


def few_points(seed: int, rho: float = 0.3) -> dict[str, Any]:
    """14 survey points in 9 districts; people of all ages at each point."""
    rng = np.random.default_rng(seed)
    point = np.repeat(np.arange(14), 50)
    district = np.array([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8])[point]
    effect = rng.normal(0, np.sqrt(rho), 14)[point]
    return {
        "point": point,
        "district": district,
        "age": rng.integers(0, 3, 700),
        "y": effect + rng.normal(0, np.sqrt(1 - rho), 700),
        "d": np.full(700, 10.0),
    }


DISTRICTS = {"by": ["district"], "totals": {str(i): 7000 / 9 for i in range(9)}}
AGES = {"by": ["age"], "totals": {"0": 2300, "1": 2400, "2": 2300}}
POINTS = {"weight": "d", "clusters": ["point"]}


def raked_points(credit: Any, margins_declared: list[Any]) -> dict[str, Any]:
    return {
        "sample": POINTS,
        "weighting": [{"step": "rake", "margins": margins_declared}],
        "variance": {"credit": credit},
        "estimates": [MEAN],
    }


def only_credit(columns: dict[str, Any], design: dict[str, Any]) -> Credit:
    (credit,) = estimated(columns, design).credits.values()
    return credit


EVEN = {**DISTRICTS, "totals": {str(i): 1000 if i < 5 else 500 for i in range(9)}}


def test_the_variance_of_few_points_is_divided_by_the_share_that_survives() -> None:
    columns = few_points(1)
    corrected = estimated(columns, raked_points("auto", [EVEN]))
    naive = estimated(columns, raked_points("all", [EVEN])).records[0].standard_error or 0
    (record,) = corrected.records
    (credit,) = corrected.credits.values()
    assert credit.corrected
    assert record.standard_error == pytest.approx(naive / np.sqrt(credit.share))
    assert record.naive_standard_error == pytest.approx(naive)
    assert "14 primary units are few for the margins of step rake" in corrected.warnings[0]


def test_nine_districts_on_fourteen_equal_points_leave_five_of_thirteen() -> None:
    """Five districts have two points each: share and degrees of freedom by hand."""
    result = estimated(few_points(1), raked_points("auto", [EVEN]))
    (credit,) = result.credits.values()
    assert credit.share == pytest.approx(5 / 13)
    assert credit.freedom == pytest.approx(5 / 13)
    assert result.records[0].degrees_of_freedom == pytest.approx(5)


def test_the_naive_interval_comes_with_a_warning() -> None:
    result = estimated(few_points(1), raked_points("all", [AGES, DISTRICTS]))
    assert "these intervals may be too short" in result.warnings[0]


def test_margins_that_vary_inside_points_change_nothing() -> None:
    result = estimated(few_points(1), raked_points("auto", [AGES]))
    (credit,) = result.credits.values()
    assert (credit.credited, credit.corrected) == (("age",), False)
    assert credit.share > 0.95
    assert result.warnings == ()
    assert result.records[0].naive_standard_error is None


def test_a_margin_that_leaves_no_freedom_is_met_but_not_credited() -> None:
    columns = few_points(1)
    points = {"by": ["point"], "totals": {str(i): 500 for i in range(14)}}
    result = estimated(columns, raked_points("auto", [AGES, points]))
    (credit,) = result.credits.values()
    assert (credit.credited, credit.dropped) == (("age",), ("point",))
    assert "point met by the weights but not credited" in result.warnings[0]
    assert (result.records[0].standard_error or 0) > 0.05


def test_only_margins_can_be_credited() -> None:
    with pytest.raises(InvalidInput) as refusal:
        estimated(few_points(1), raked_points(["income"], [AGES]))
    assert refusal.value.faults[0].field == "variance.credit"


def test_strata_that_already_use_the_districts_make_the_margin_free() -> None:
    columns = few_points(1)
    columns["stratum"] = np.where(columns["district"] < 5, columns["district"], 9)
    even = {"by": ["stratum"], "totals": {str(i): 1000 for i in range(5)} | {"9": 2000}}
    design = raked_points("auto", [even])
    design["sample"] = POINTS | {"strata": ["stratum"]}
    assert only_credit(columns, design).share == pytest.approx(1)


@pytest.mark.slow
def test_the_rule_covers_where_the_naive_interval_does_not() -> None:
    """Repeated samples of 14 points, 9 district margins; the truth is 0."""
    hits = {"auto": 0, "all": 0}
    for seed in range(100):
        columns = few_points(seed)
        for credit in hits:
            (record,) = estimated(columns, raked_points(credit, [DISTRICTS])).records
            lower, upper = record.interval or (0.0, 0.0)
            hits[credit] += lower <= 0 <= upper
    assert 90 <= hits["auto"] <= 99
    assert hits["all"] <= 75


def test_residuals_are_the_derivatives_through_all_steps_of_weighting() -> None:
    """Post-strata, then linear calibration: z_k = d_k ∂θ̂/∂d_k by the chain rule."""
    rng = np.random.default_rng(4)
    columns = {
        "d": rng.uniform(2, 9, 40),
        "g": rng.integers(0, 2, 40),
        "a": rng.integers(0, 3, 40),
        "y": rng.normal(5, 2, 40),
    }
    steps = [
        {"step": "poststratify", "by": ["g"], "totals": {"0": 120, "1": 110}},
        {
            "step": "calibrate",
            "margins": [{"by": ["a"], "totals": {"0": 80, "1": 70, "2": 80}}],
        },
    ]
    design = {"sample": {"weight": "d"}, "weighting": steps}
    sample = weighted(columns, design)
    mean = mean_of(columns["y"], np.ones(40, dtype=np.bool_))
    z = residual_scores(sample, mean.scores(sample.mass)[:, None], {1: ("g",), 2: ("a",)})[:, 0]
    for k in range(40):
        step = 1e-5 * (np.arange(40) == k)
        up, down = (
            mean.value(weighted(columns | {"d": columns["d"] + s}, design).mass)
            for s in (step, -step)
        )
        assert z[k] == pytest.approx(columns["d"][k] * (up - down) / 2e-5, abs=1e-7)
