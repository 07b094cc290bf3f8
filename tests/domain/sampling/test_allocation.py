"""Allocation against R's real-valued formulas, against brute force, and by its properties."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.sampling.allocation import (
    Rule,
    Stratum,
    allocate_budget,
    allocate_total,
    standard_error_of_mean,
)
from app.errors import InvalidInput
from app.errors.definitions import InfeasibleEstimation
from tests.reference.tables import numbered

R = numbered("sampling_sizes_and_allocations.csv")
N = (913400, 1082500, 1294500, 208900, 3340100, 1988700, 480900, 300900, 1389000, 132000)
S = (21.5, 24.1, 19.8, 22.7, 27.3, 26.2, 24.9, 25.5, 23.3, 18.6)
M = (71.2, 68.4, 73.7, 70.1, 62.6, 64.0, 66.5, 65.2, 69.9, 72.8)
C = (40, 40, 45, 60, 35, 35, 50, 50, 40, 65)
DISTRICTS = [
    Stratum(f"d{i}", n, standard_deviation=s, mean=m, cost=c)
    for i, (n, s, m, c) in enumerate(zip(N, S, M, C, strict=True))
]


@pytest.mark.parametrize(
    ("reference", "rule", "power"),
    [
        ("proportional", "proportional", 0.5),
        ("neyman", "neyman", 0.5),
        ("cost_total", "cost-optimal", 0.5),
        ("power_half", "power", 0.5),
        ("power_zero", "power", 0.0),
        ("power_one", "power", 1.0),
    ],
)
def test_thousand_people_are_split_as_in_r(reference: str, rule: Rule, power: float) -> None:
    ours = allocate_total(DISTRICTS, rule=rule, total=1000, power=power)
    assert ours.total == sum(ours.sizes) == 1000
    assert all(abs(n - real) < 1 for n, real in zip(ours.sizes, R[reference], strict=True))


def test_budget_is_split_as_in_r_and_not_overspent() -> None:
    ours = allocate_budget(DISTRICTS, rule="cost-optimal", budget=40_000)
    assert 40_000 - min(C) < ours.cost <= 40_000
    assert all(abs(n - real) < 1.5 for n, real in zip(ours.sizes, R["cost_budget"], strict=True))


def test_standard_error_of_the_mean_equals_r() -> None:
    ours = allocate_total(DISTRICTS, rule="equal", total=1000)
    assert ours.sizes == (100,) * 10
    assert ours.standard_error == pytest.approx(R["se_equal"][0], rel=1e-12)


def test_power_one_is_neyman() -> None:
    neyman = allocate_total(DISTRICTS, rule="neyman", total=777)
    assert allocate_total(DISTRICTS, rule="power", total=777, power=1.0).sizes == neyman.sizes


@given(
    populations=st.lists(st.integers(2, 9), min_size=2, max_size=4),
    spreads=st.lists(st.floats(0.5, 30), min_size=4, max_size=4),
    share=st.floats(0, 1),
)
def test_no_other_whole_numbers_have_a_smaller_variance(
    populations: list[int], spreads: list[float], share: float
) -> None:
    strata = [
        Stratum(str(i), n, standard_deviation=s)
        for i, (n, s) in enumerate(zip(populations, spreads, strict=False))
    ]
    total = len(strata) + round(share * (sum(populations) - len(strata)))
    ours = allocate_total(strata, rule="neyman", total=total).standard_error
    assert ours is not None
    best = min(
        standard_error_of_mean(strata, sizes) or 0.0
        for sizes in product(*(range(1, n + 1) for n in populations))
        if sum(sizes) == total
    )
    assert ours == pytest.approx(best, rel=1e-9, abs=1e-9)


@st.composite
def _bounded_strata(draw: st.DrawFn) -> list[Stratum]:
    strata = []
    for i in range(draw(st.integers(1, 12))):
        population = draw(st.integers(1, 5000))
        minimum = draw(st.integers(0, 20))
        strata.append(
            Stratum(
                str(i),
                population,
                standard_deviation=draw(st.floats(0, 50)),
                mean=draw(st.floats(1, 100)),
                cost=draw(st.floats(0.5, 90)),
                minimum=minimum,
                maximum=draw(st.none() | st.integers(minimum, 4000)),
            )
        )
    return strata


RULES = st.sampled_from(["equal", "proportional", "neyman", "cost-optimal", "power"])


@given(strata=_bounded_strata(), rule=RULES, share=st.floats(0, 1))
def test_totals_are_exact_and_bounds_hold(strata: list[Stratum], rule: Rule, share: float) -> None:
    least = sum(s.lower_bound for s in strata)
    most = sum(s.upper_bound for s in strata)
    total = least + round(share * (most - least))
    sizes = allocate_total(strata, rule=rule, total=total).sizes
    assert sum(sizes) == total
    for stratum, n in zip(strata, sizes, strict=True):
        assert min(stratum.minimum, stratum.population) <= n <= stratum.population
        assert stratum.maximum is None or n <= stratum.maximum


@given(strata=_bounded_strata(), rule=RULES, purse=st.floats(0, 1e6))
def test_budgets_are_never_overspent_nor_left_idle(
    strata: list[Stratum], rule: Rule, purse: float
) -> None:
    least = sum(s.lower_bound * s.cost for s in strata)
    ours = allocate_budget(strata, rule=rule, budget=least + purse)
    left = least + purse - ours.cost
    assert left >= -1e-6
    for stratum, n in zip(strata, ours.sizes, strict=True):
        assert stratum.lower_bound <= n <= stratum.upper_bound
        wanted = n < stratum.upper_bound and (stratum.standard_deviation or 0) > 1e-3
        assert not wanted or stratum.cost > left - 1e-6


@given(total=st.integers(10, 3000), rule=RULES)
def test_nobody_loses_when_one_person_is_added(total: int, rule: Rule) -> None:
    small = allocate_total(DISTRICTS, rule=rule, total=total).sizes
    large = allocate_total(DISTRICTS, rule=rule, total=total + 1).sizes
    assert all(after >= before for before, after in zip(small, large, strict=True))


def test_strata_without_spread_take_only_what_the_others_cannot() -> None:
    strata = [
        Stratum("calm", 100, standard_deviation=0.0),
        Stratum("small", 5, standard_deviation=20.0),
    ]
    assert allocate_total(strata, rule="neyman", total=6).sizes == (1, 5)
    assert allocate_total(strata, rule="neyman", total=50).sizes == (45, 5)


def test_a_stratum_with_one_respondent_of_several_is_named() -> None:
    strata = [Stratum("big", 10_000), Stratum("small", 10), Stratum("alone", 1)]
    assert allocate_total(strata, rule="proportional", total=100).single == ("small",)


def test_bounds_without_room_are_refused() -> None:
    strata = [Stratum("a", 10, minimum=4), Stratum("b", 5, minimum=4)]
    for total in (7, 16):
        with pytest.raises(InfeasibleEstimation, match="total"):
            allocate_total(strata, rule="equal", total=total)
    with pytest.raises(InfeasibleEstimation, match="budget"):
        allocate_budget(strata, rule="equal", budget=7.9)


def test_all_faults_of_the_strata_are_reported_at_once() -> None:
    strata = [
        Stratum("a", 0),
        Stratum("a", 10, standard_deviation=-1.0, cost=0.0),
        Stratum("b", 10, standard_deviation=float("nan"), minimum=5, maximum=4),
    ]
    with pytest.raises(InvalidInput) as refusal:
        allocate_total(strata, rule="neyman", total=10)
    assert {fault.field for fault in refusal.value.faults} == {
        "strata",
        "strata.0.population",
        "strata.0.standard_deviation",
        "strata.1.standard_deviation",
        "strata.1.cost",
        "strata.2.standard_deviation",
        "strata.2.maximum",
    }


def test_no_strata_and_no_power_are_refused() -> None:
    with pytest.raises(InvalidInput):
        allocate_total([], rule="equal", total=1)
    with pytest.raises(InvalidInput):
        allocate_total(DISTRICTS, rule="power", total=100, power=1.5)
