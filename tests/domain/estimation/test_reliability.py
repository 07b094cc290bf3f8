"""Warnings beside published estimates."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.domain.estimation.reliability import (
    Basis,
    Thresholds,
    effective_n,
    flag,
    top_weight_share,
    weight_basis,
)
from app.errors import InvalidInput

SOUND = {
    "respondents": 400,
    "effective_n": 300.0,
    "top_weight_share": 0.02,
    "estimate": 70.0,
    "standard_error": 1.0,
}


def _codes(**changed: float) -> list[tuple[str, str]]:
    basis = Basis(**(SOUND | changed))  # type: ignore[arg-type]
    return [(f.code, f.severity) for f in flag(basis)]


def test_sound_estimate_has_no_flag() -> None:
    assert _codes() == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"respondents": 9}, ("too-few-respondents", "withhold")),
        ({"respondents": 10}, ("too-few-respondents", "remark")),
        ({"respondents": 29}, ("too-few-respondents", "remark")),
        ({"effective_n": 29.9}, ("low-effective-n", "remark")),
        ({"standard_error": 70 * 0.167}, ("imprecise", "remark")),
        ({"standard_error": 70 * 0.334}, ("imprecise", "withhold")),
        ({"standard_error": math.nan}, ("unknown-precision", "remark")),
        ({"estimate": 0.0}, ("imprecise", "withhold")),
        ({"top_weight_share": 0.11}, ("few-weights-decide", "remark")),
    ],
)
def test_each_weakness_has_its_flag(changed: dict[str, float], expected: tuple[str, str]) -> None:
    assert _codes(**changed) == [expected]


@pytest.mark.parametrize(
    "changed",
    [
        {"respondents": 30},
        {"effective_n": 30.0},
        {"standard_error": 70 * 0.166},
        {"top_weight_share": 0.1},
        {"estimate": -70.0},
    ],
)
def test_thresholds_themselves_are_good_enough(changed: dict[str, float]) -> None:
    assert _codes(**changed) == []


def test_difference_has_no_coefficient_of_variation_but_an_error_that_may_be_unknown() -> None:
    assert flag(Basis(400, 300.0, 0.02, None, 1e6)) == ()
    assert flag(Basis(400, 300.0, 0.02, None, math.nan))[0].code == "unknown-precision"


def test_rows_that_stand_for_several_respondents_share_the_weight_of_the_heaviest() -> None:
    weights, counts = np.array([1.0, 5.0, 3.0]), np.array([150.0, 1.0, 99.0])
    rows = np.repeat(weights, counts.astype(int))
    assert top_weight_share(weights, counts) == pytest.approx(top_weight_share(rows))
    assert top_weight_share(weights, counts) == pytest.approx((5 + 2 * 3) / (150 + 5 + 297))


def test_gravest_flag_comes_first() -> None:
    codes = _codes(effective_n=5.0, standard_error=60.0, top_weight_share=0.5)
    assert [severity for _, severity in codes] == ["withhold", "remark", "remark"]


def test_a_scheme_may_declare_other_thresholds() -> None:
    basis = Basis(400, 300.0, 0.02, 70.0, 1.0)
    assert flag(basis, Thresholds(enough_respondents=500))[0].code == "too-few-respondents"


def test_one_per_cent_of_a_few_people_is_not_a_concentration() -> None:
    assert _codes(respondents=99, effective_n=90.0, top_weight_share=0.5) == []


def test_effective_n_and_top_share_by_hand() -> None:
    weights = np.array([1.0] * 99 + [101.0])
    assert effective_n(weights) == pytest.approx(200**2 / (99 + 101**2))
    assert top_weight_share(weights) == pytest.approx(101 / 200)
    assert top_weight_share(np.append(weights, 50.0)) == pytest.approx(151 / 250)  # ⌈1.01⌉ = 2


def test_basis_counts_only_who_carries_weight() -> None:
    basis = weight_basis(np.array([2.0, 0.0, 2.0]), estimate=50, standard_error=5)
    assert (basis.respondents, basis.effective_n, basis.top_weight_share) == (2, 2.0, 0.5)
    nobody = weight_basis(np.zeros(4), estimate=50, standard_error=math.nan)
    assert (nobody.respondents, nobody.effective_n, nobody.top_weight_share) == (0, 0.0, 0.0)
    assert flag(nobody)[0].severity == "withhold"


@given(arrays(float, st.integers(1, 300), elements=st.floats(0.01, 1e6)), st.floats(0.01, 100))
def test_measures_ignore_the_scale_of_weights(weights: np.ndarray, factor: float) -> None:
    assert effective_n(weights * factor) == pytest.approx(effective_n(weights))
    assert top_weight_share(weights * factor) == pytest.approx(top_weight_share(weights))
    assert effective_n(weights) >= 1 - 1e-9
    assert effective_n(weights) <= len(weights) * (1 + 1e-9)
    assert 0.01 * (1 - 1e-9) <= top_weight_share(weights) <= 1


def test_negative_or_unknown_weights_are_refused() -> None:
    for wrong in (-1.0, math.nan, math.inf):
        with pytest.raises(InvalidInput):
            weight_basis(np.array([1.0, wrong]), estimate=1, standard_error=1)
