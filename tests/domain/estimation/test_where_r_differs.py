"""Cases in which R's survey package answers and this project does not follow, and why.

R's answers are in tests/reference/estimation_r_differs.csv, made by the script of the same name.
"""

import numpy as np
import pytest

from app.errors.definitions import InfeasibleEstimation
from tests.domain.estimation.running import one, table, weighted
from tests.domain.estimation.test_against_r import AWARDS, CLUS1, MEAN, STRAT, STYPE, WIDE
from tests.reference.tables import rows

R = {row["case"]: float(row["value"]) for row in rows("estimation_r_differs.csv")}


def test_rake_of_contradicting_margins_is_silent_in_r_and_refused_here() -> None:
    assert R["rake unequal totals: stype total"] == pytest.approx(7194)  # stype sums to 6194
    contradicting = {**WIDE, "totals": {"No": 2072, "Yes": 5122}}
    design = {
        "sample": CLUS1[1],
        "weighting": [{"step": "rake", "margins": [STYPE, contradicting]}],
    }
    with pytest.raises(InfeasibleEstimation) as refusal:
        weighted(table(CLUS1[0]), design)
    assert [fault.field for fault in refusal.value.faults] == ["sch.wide"]
    assert "'stype' and 'sch.wide' have different totals" in refusal.value.detail


def test_standard_errors_after_raking_follow_calibrate_not_rake() -> None:
    assert R["largest relative difference of weights"] < 1e-10
    record = one(
        table(STRAT[0]),
        STRAT[1],
        MEAN,
        weighting=[{"step": "rake", "margins": [AWARDS, WIDE]}],
    )
    assert record.standard_error == pytest.approx(R["calibrate SE of api00"], rel=1e-9)
    assert record.standard_error != pytest.approx(R["rake SE of api00"], rel=1e-4)


def test_a_quantile_below_the_first_share_is_the_smallest_value() -> None:
    """F̂ is 0.25 at 10, so the smallest value with F̂ ≥ 0.1 is 10; R 4.2's svyquantile says 20."""
    assert R["quantile 0.1 of 10 20 30 40"] == 20
    columns = {"y": np.array([10.0, 20, 30, 40])}
    request = {"statistic": "quantile", "variable": "y", "probabilities": [0.1]}
    assert one(columns, {}, request).value == 10


def test_one_respondent_has_an_unknown_error_not_a_zero_one() -> None:
    assert R["SE of one respondent"] == 0
    columns = table(CLUS1[0])
    request = {**MEAN, "where": {"snum": [columns["snum"][0]]}}
    record = one(columns, CLUS1[1], request)
    assert record.respondents == 1
    assert record.standard_error is None
    assert record.interval is None
    assert "one primary unit" in record.notes[0]


def test_a_share_of_zero_still_has_an_interval() -> None:
    assert R["upper limit of a share of 0"] != R["upper limit of a share of 0"]  # NaN
    columns = table(CLUS1[0])
    request = {
        "statistic": "proportion",
        "variable": "stype",
        "levels": ["none"],
        "interval": "korn-graubard",
    }
    record = one(columns, CLUS1[1], request)
    assert record.value == 0
    lower, upper = record.interval or (1.0, 0.0)
    assert lower == 0
    assert 0 < upper < 0.05
