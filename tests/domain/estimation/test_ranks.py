"""Rank intervals against R (PISA 2018, tests/reference/ranks_pisa.R), Tukey, and by their rules."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.domain.estimation.ranks import Ranking, rank_departments
from app.errors import InvalidInput
from tests.reference.tables import column, rows

SCORES = np.array(column("ranks_pisa_scores.csv", "score"))
COVARIANCE = np.diag(np.array(column("ranks_pisa_scores.csv", "se")) ** 2)


def _table(ranking: Ranking) -> list[tuple[int, int, int]]:
    return [(r.rank, r.low, r.high) for r in ranking.ranks]


def test_pisa_intervals_equal_r() -> None:
    """The same bounds for all 37 countries from other random numbers."""
    ranking = rank_departments(SCORES, COVARIANCE, draws=100_000)
    reference = [(int(r["rank"]), int(r["low"]), int(r["high"])) for r in rows("ranks_pisa.csv")]
    assert ranking.method == "max-t"
    assert _table(ranking) == reference


def test_pisa_intervals_on_thirteen_degrees_of_freedom_equal_r() -> None:
    ranking = rank_departments(SCORES, COVARIANCE, degrees_of_freedom=13)
    reference = [
        (int(r["rank"]), int(r["holm_low"]), int(r["holm_high"])) for r in rows("ranks_pisa.csv")
    ]
    assert (ranking.method, ranking.draws, ranking.seed) == ("holm-t", None, None)
    assert _table(ranking) == reference


def test_ranks_are_those_that_csranks_publishes_for_pisa() -> None:
    """The README of the authors' R package prints these estimated ranks."""
    published = [
        *(24, 18, 10, 7, 35, 37, 17, 8, 3, 11, 20, 15, 34, 30, 21, 16, 32, 25, 1, 2, 19, 29, 27),
        *(36, 4, 22, 14, 5, 23, 26, 9, 28, 12, 6, 33, 13, 31),
    ]
    ranking = rank_departments(SCORES, COVARIANCE, degrees_of_freedom=13)
    assert [r.rank for r in ranking.ranks] == published


@pytest.mark.parametrize("row", rows("ranks_tukey.csv"), ids=lambda r: f"{r['p']}-{r['df']}")
def test_first_step_is_tukeys_test(row: dict[str, str]) -> None:
    """With equal independent errors the largest t of all pairs has Tukey's distribution."""
    p, freedom, exact = int(row["p"]), float(row["df"]), float(row["value"])
    values = np.zeros(p)
    for factor, is_apart in ((0.98, False), (1.02, True)):
        values[0] = factor * exact * math.sqrt(2)
        ranking = rank_departments(
            values, np.eye(p), degrees_of_freedom=freedom, draws=20_000, seed=3
        )
        assert bool(ranking.better[0].any()) == is_apart


def test_common_error_of_all_departments_does_not_blur_their_order() -> None:
    """Survey points that answer mildly to everything move all departments together."""
    values = np.array([70.0, 69.0, 60.0])
    independent = np.eye(3)
    shared = independent * 0.05 + 0.95
    assert rank_departments(values, shared).better[0, 1]
    assert not rank_departments(values, independent).better[0, 1]


def test_ties_share_the_better_rank() -> None:
    ranking = rank_departments(np.array([5.0, 7.0, 5.0, 7.0, 1.0]), np.eye(5))
    assert [r.rank for r in ranking.ranks] == [3, 1, 3, 1, 5]


def test_groups_are_the_longest_runs_that_cannot_be_told_apart() -> None:
    ranking = rank_departments(np.array([0.0, 100.0, 6.0, 3.0, 90.0]), np.eye(5))
    assert ranking.groups == ((1,), (4,), (2, 3), (3, 0))


def test_department_of_unknown_variance_may_have_any_rank() -> None:
    covariance = np.eye(4)
    covariance[2, :] = covariance[:, 2] = np.nan
    ranking = rank_departments(np.array([100.0, 0.0, 50.0, -100.0]), covariance)
    assert _table(ranking) == [(1, 1, 2), (3, 2, 3), (2, 1, 4), (4, 3, 4)]


def test_difference_without_variance_is_unknown_not_certain() -> None:
    """Two departments whose errors agree exactly in a few points are not told apart."""
    ranking = rank_departments(np.array([2.0, 1.0]), np.ones((2, 2)))
    assert _table(ranking) == [(1, 1, 2), (2, 1, 2)]


def test_one_department_ranks_first() -> None:
    assert _table(rank_departments(np.array([3.0]), np.eye(1))) == [(1, 1, 1)]


def test_same_seed_same_ranking() -> None:
    first = rank_departments(SCORES, COVARIANCE, draws=500, seed=1)
    assert _table(first) == _table(rank_departments(SCORES, COVARIANCE, draws=500, seed=1))
    others = [rank_departments(SCORES, COVARIANCE, draws=30, seed=s) for s in range(8)]
    assert len({tuple(_table(other)) for other in others}) > 1


def test_step_down_finds_more_than_its_first_step() -> None:
    """Once the far department is out, the critical value for the others falls."""
    values = np.array([100.0, *np.zeros(8), -3.6])
    ranking = rank_departments(values, np.eye(10) * 0.7, degrees_of_freedom=1e9, draws=40_000)
    single = rank_departments(values[1:], np.eye(9) * 0.7, draws=40_000)
    assert ranking.better[1, 9] == single.better[0, 8]
    assert ranking.better[0, 1:].all()


@given(
    values=arrays(float, 6, elements=st.floats(-50, 50)),
    roots=arrays(float, (6, 6), elements=st.floats(-3, 3)),
    freedom=st.sampled_from([2.0, 13.0, math.inf]),
)
def test_intervals_contain_the_rank_and_agree_with_each_other(
    values: np.ndarray, roots: np.ndarray, freedom: float
) -> None:
    ranking = rank_departments(values, roots @ roots.T, degrees_of_freedom=freedom, draws=200)
    for rank in ranking.ranks:
        assert 1 <= rank.low <= rank.rank <= rank.high <= 6
    assert not (ranking.better & ranking.better.T).any()
    assert set().union(*ranking.groups) == set(range(6))
    for group in ranking.groups:
        assert not ranking.better[np.ix_(group, group)].any()


@given(arrays(float, 5, elements=st.floats(-50, 50)), st.floats(-10, 10), st.floats(0.1, 10))
def test_ranking_does_not_depend_on_the_scale(
    values: np.ndarray, shift: float, factor: float
) -> None:
    rounded = np.round(values, 3)
    plain = rank_departments(rounded, np.eye(5), degrees_of_freedom=13)
    scaled = rank_departments(
        np.round(rounded * factor + shift, 9), np.eye(5) * factor**2, degrees_of_freedom=13
    )
    assert plain.better.tolist() == scaled.better.tolist()


def test_senseless_input_is_refused_with_all_faults() -> None:
    with pytest.raises(InvalidInput) as refusal:
        rank_departments(np.array([np.nan, 1.0]), np.eye(3), degrees_of_freedom=0, confidence=1.0)
    assert {fault.field for fault in refusal.value.faults} == {
        "values",
        "covariance",
        "degrees_of_freedom",
        "confidence",
    }
    for wrong in (-np.eye(2), np.array([[1.0, 0.5], [0.2, 1.0]])):
        with pytest.raises(InvalidInput):
            rank_departments(np.array([1.0, 2.0]), wrong)
