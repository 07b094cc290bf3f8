"""Steps of weighting by hand: non-response, post-strata with collapsing, trimming, records."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.estimation.steps import Trim
from app.domain.estimation.trimming import trimmed
from app.errors import InvalidInput
from app.errors.definitions import InfeasibleEstimation
from tests.domain.estimation.city import answers, as_numbers, margins
from tests.domain.estimation.running import weighted

CLASSES = {
    "class": np.array(["a", "a", "a", "a", "b", "b", "b"], dtype=object),
    "status": np.array(["R", "R", "N", "U", "R", "N", "I"], dtype=object),
    "d": np.array([10.0, 20, 30, 40, 5, 6, 7]),
}
UNKNOWN = {
    "step": "unknown-eligibility",
    "status": "status",
    "unknown": ["U"],
    "classes": ["class"],
}
NONRESPONSE = {
    "step": "nonresponse",
    "status": "status",
    "respondent": ["R"],
    "nonrespondent": ["N"],
    "ineligible": ["I", "U"],
    "classes": ["class"],
}


def run(*steps: dict[str, Any], columns: dict[str, Any] = CLASSES) -> Any:
    return weighted(columns, {"sample": {"weight": "d"}, "weighting": list(steps)})


def test_unknown_eligibility_goes_to_the_known_of_the_class() -> None:
    """Class a: 60 known, 40 unknown, factor 100/60; class b has no unknown."""
    weights = run(UNKNOWN).weights
    assert weights.tolist() == pytest.approx([10 / 0.6, 20 / 0.6, 30 / 0.6, 0, 5, 6, 7])


def test_nonrespondents_hand_their_weight_to_respondents_of_the_class() -> None:
    """Class a: (10 + 20 + 30)/30 = 2; class b: (5 + 6)/5; ineligible and unknown get 0."""
    weights = run(NONRESPONSE).weights
    assert weights.tolist() == pytest.approx([20, 40, 0, 0, 11, 0, 0])


def test_both_adjustments_keep_the_sum_of_each_class() -> None:
    weights = run(UNKNOWN, NONRESPONSE).weights
    assert weights[:4].sum() == pytest.approx(100)
    assert weights[4:].sum() == pytest.approx(11)


def test_a_class_without_respondents_is_refused_by_name() -> None:
    columns = CLASSES | {"status": np.array(["N", "N", "N", "U", "R", "N", "I"], dtype=object)}
    with pytest.raises(InfeasibleEstimation) as refusal:
        run(NONRESPONSE, columns=columns)
    assert refusal.value.faults[0].field == "class"


def test_a_status_that_is_not_declared_is_refused() -> None:
    columns = CLASSES | {"status": np.array(["R", "R", "N", "?", "R", "N", "I"], dtype=object)}
    with pytest.raises(InvalidInput) as refusal:
        run(NONRESPONSE, columns=columns)
    assert refusal.value.faults[0].code == "status-unknown"


# Post-stratification --------------------------------------------------------------------------

THREE = {
    "age": np.array(["18", "18", "35", "35", "60"], dtype=object),
    "d": np.array([1.0, 1, 2, 2, 3]),
}
STRATA = {
    "step": "poststratify",
    "by": ["age"],
    "totals": {"18": 20, "35": 40, "60": 30},
}


def test_post_strata_get_their_population_counts() -> None:
    weights = run(STRATA, columns=THREE).weights
    assert weights.tolist() == pytest.approx([10, 10, 20, 20, 30])


def test_thin_post_strata_are_merged_by_the_declared_rule_and_reported() -> None:
    """One respondent of 60: merged with 35 into 70 people for a weight of 7, a factor of 10."""
    rule = {"into": "35+", "from": ["35", "60"]}
    sample = run({**STRATA, "minimum": 2, "collapse": [rule]}, columns=THREE)
    assert sample.weights.tolist() == pytest.approx([10, 10, 20, 20, 30])
    assert sample.reports[-1].notes == {"collapsed": ["35+"]}
    unequal = {**STRATA, "totals": {"18": 20, "35": 40, "60": 100}}
    sample = run({**unequal, "minimum": 2, "collapse": [rule]}, columns=THREE)
    assert sample.weights.tolist() == pytest.approx([10, 10, 40, 40, 60])


def test_a_rule_that_is_not_needed_is_not_applied() -> None:
    rule = {"into": "35+", "from": ["35", "60"]}
    sample = run({**STRATA, "collapse": [rule]}, columns=THREE)
    assert sample.reports[-1].notes == {"collapsed": []}


def test_a_thin_post_stratum_without_a_rule_is_refused_by_name() -> None:
    with pytest.raises(InfeasibleEstimation) as refusal:
        run({**STRATA, "minimum": 2}, columns=THREE)
    assert [(f.field, f.code) for f in refusal.value.faults] == [("age", "margin-thin")]


def test_an_empty_post_stratum_is_refused_by_name() -> None:
    with pytest.raises(InfeasibleEstimation) as refusal:
        run({**STRATA, "totals": {**STRATA["totals"], "80": 5}}, columns=THREE)
    assert refusal.value.faults[0].field == "age"


def test_a_rule_of_collapsing_must_merge_post_strata() -> None:
    rule = {"into": "x", "from": ["35", "nobody"]}
    with pytest.raises(InvalidInput) as refusal:
        run({**STRATA, "collapse": [rule]}, columns=THREE)
    assert refusal.value.faults[0].code == "collapse-unknown"


# Trimming -------------------------------------------------------------------------------------


def cut(weights: list[float], **options: Any) -> tuple[list[float], int]:
    step = Trim.model_validate({"step": "trim", **options})
    values = np.array(weights)
    result, passes = trimmed(values, np.ones(len(values)), step)
    return result.tolist(), passes


def test_the_excess_is_shared_equally_in_one_pass() -> None:
    assert cut([1, 2, 3, 10], upper=6) == (pytest.approx([7 / 3, 10 / 3, 13 / 3, 6]), 1)


def test_the_excess_may_be_shared_in_proportion() -> None:
    assert cut([1, 2, 3, 10], upper=6, share="proportional")[0] == pytest.approx(
        [5 / 3, 10 / 3, 5, 6]
    )


def test_one_pass_may_leave_weights_outside_and_a_strict_step_may_not() -> None:
    once, _ = cut([1, 5.5, 20], upper=9)
    assert max(once) == pytest.approx(11)
    strict, passes = cut([1, 5.5, 20], upper=9, strict=True)
    assert max(strict) <= 9
    assert passes == 2


def test_bounds_that_can_not_hold_the_sum_are_refused() -> None:
    with pytest.raises(InfeasibleEstimation, match="can't hold the sum"):
        cut([1, 5, 20], upper=8, strict=True)


def test_weights_of_zero_take_no_part() -> None:
    assert cut([0, 2, 10], upper=6, lower=1)[0] == pytest.approx([0, 6, 6])


def test_bounds_may_be_multiples_of_the_median_weight() -> None:
    assert cut([1, 2, 30], upper=3, of="median")[0] == pytest.approx([13, 14, 6])


WEIGHTS = st.lists(st.floats(0.1, 100), min_size=3, max_size=40)


@settings(max_examples=100, deadline=None)
@given(WEIGHTS, st.floats(1.05, 8), st.sampled_from(["equal", "proportional"]))
def test_strict_trimming_keeps_the_sum_the_bound_and_the_order(
    weights: list[float], slack: float, share: str
) -> None:
    upper = slack * float(np.mean(weights))
    result, _ = cut(weights, upper=upper, strict=True, share=share)
    assert sum(result) == pytest.approx(sum(weights))
    assert max(result) <= upper * (1 + 1e-12)
    order = np.argsort(weights, kind="stable")
    assert (np.diff(np.array(result)[order]) >= -1e-9).all()


@settings(max_examples=50, deadline=None)
@given(WEIGHTS, st.floats(1.1, 4), st.floats(1.0, 2))
def test_a_wider_bound_never_cuts_more(weights: list[float], slack: float, wider: float) -> None:
    upper = slack * float(np.mean(weights))
    narrow, _ = cut(weights, upper=upper, strict=True)
    wide, _ = cut(weights, upper=upper * wider, strict=True)
    assert max(narrow) <= max(wide) * (1 + 1e-12)


def test_trimming_and_recalibrating_keep_both_the_bound_and_the_margins() -> None:
    columns = as_numbers(answers(9))
    rake = {"step": "rake", "margins": margins(columns)}
    trim = {"step": "trim", "lower": 8, "upper": 45, "strict": True, "recalibrate": True}
    sample = weighted(columns, {"sample": {"weight": "weight"}, "weighting": [rake, trim]})
    before = weighted(columns, {"sample": {"weight": "weight"}, "weighting": [rake]})
    assert before.weights.max() > 45
    assert before.weights.min() < 8
    assert sample.weights.max() <= 45 * (1 + 1e-9)
    assert sample.weights.min() >= 8 * (1 - 1e-9)
    for margin in margins(columns):
        for label, total in margin["totals"].items():
            rows = columns[margin["by"][0]] == float(label)
            assert sample.weights[rows].sum() == pytest.approx(total, rel=1e-9)
    assert [report.step for report in sample.reports] == ["base", "rake", "trim", "rake"]


def test_trimming_that_fights_the_margins_is_refused() -> None:
    columns = as_numbers(answers(9))
    rake = {"step": "rake", "margins": margins(columns)}
    trim = {"step": "trim", "upper": 20.5, "strict": True, "recalibrate": True}
    with pytest.raises(InfeasibleEstimation, match="together with the margins"):
        weighted(columns, {"sample": {"weight": "weight"}, "weighting": [rake, trim]})


def test_recalibration_needs_something_to_repeat() -> None:
    trim = {"step": "trim", "upper": 45, "recalibrate": True}
    with pytest.raises(InvalidInput, match="no calibration before"):
        run(trim)


# Records --------------------------------------------------------------------------------------


def test_the_record_of_a_step_says_what_the_weights_became() -> None:
    report = run(NONRESPONSE).reports[-1]
    assert report.respondents == 3
    assert report.weight_total == pytest.approx(71)
    assert (report.g_min, report.g_max) == (pytest.approx(2), pytest.approx(2.2))
    assert report.effective_n == pytest.approx(71**2 / (20**2 + 40**2 + 11**2))
    assert report.design_effect == pytest.approx(3 / report.effective_n)


def test_base_weights_may_come_from_probabilities() -> None:
    columns = {"d": np.array([2.0, 4.0]), "asked": np.array([0.5, 0.25])}
    sample = weighted(columns, {"sample": {"weight": "d", "probabilities": ["asked"]}})
    assert sample.weights.tolist() == [4, 16]


def test_base_weights_may_come_from_population_counts() -> None:
    columns = {"h": np.array([1, 1, 2]), "N": np.array([10.0, 10, 7])}
    sample = weighted(columns, {"sample": {"strata": ["h"], "population": ["N"]}})
    assert sample.weights.tolist() == [5, 5, 7]


@pytest.mark.parametrize(
    ("sample", "columns", "code"),
    [
        ({"weight": "d"}, {"d": np.array([1.0, -1])}, "weight"),
        ({"weight": "d"}, {"d": np.array([1.0, np.nan])}, "weight"),
        ({"weight": "d"}, {"d": np.array(["1", "x"], dtype=object)}, "not-a-number"),
        ({"probabilities": ["d"]}, {"d": np.array([1.0, 1.5])}, "probability"),
        ({"population": ["d"]}, {"d": np.array([1.0, 1.0])}, "population"),
        ({"population": ["d"]}, {"d": np.array([5.0, 6.0])}, "population-varies"),
        ({"fraction": ["d"]}, {"d": np.array([0.5, 1.5])}, "fraction"),
        ({"strata": ["d"]}, {"d": np.array(["a", None], dtype=object)}, "value-missing"),
        ({"weight": "e"}, {"d": np.ones(2)}, "column-missing"),
    ],
)
def test_a_faulty_column_of_the_design_is_named(
    sample: dict[str, Any], columns: dict[str, Any], code: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        weighted(columns, {"sample": sample})
    assert refusal.value.faults[0].code == code
