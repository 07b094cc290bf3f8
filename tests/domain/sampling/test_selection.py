"""The draw: repeatable by anyone, with the inclusion probabilities that it states."""

import hashlib
from collections import Counter
from fractions import Fraction
from itertools import combinations, pairwise
from math import prod, sqrt
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.sampling import selection
from app.domain.sampling.random_keys import KEY_RANGE
from app.domain.sampling.selection import Method, Unit, certainty_units, draw
from app.errors import InvalidInput
from app.errors.definitions import InfeasibleEstimation
from tests.reference.tables import numbered

R = numbered("sampling_sizes_and_allocations.csv")
POINTS = [Unit(name, size) for name, size in zip("abcdef", (5, 10, 20, 30, 15, 35), strict=True)]
METHODS: tuple[Method, ...] = ("simple-random", "systematic", "pps-systematic", "sampford")
REPETITIONS = 4000


def _chosen(units: list[Unit], n: int, method: Method, seed: str) -> str:
    return "".join(d.unit.identifier for d in draw(units, n, method=method, seed=seed))


@pytest.mark.parametrize("method", METHODS)
def test_units_come_as_often_as_their_inclusion_probability_says(method: Method) -> None:
    counts: Counter[str] = Counter()
    stated: dict[str, float] = {}
    for seed in range(REPETITIONS):
        drawn = draw(POINTS, 3, method=method, seed=str(seed))
        assert len({d.unit for d in drawn}) == 3
        counts.update(d.unit.identifier for d in drawn)
        stated |= {d.unit.identifier: d.inclusion_probability for d in drawn}
    assert sum(stated.values()) == pytest.approx(3)
    for name, pi in stated.items():
        assert abs(counts[name] / REPETITIONS - pi) < 4 * sqrt(pi * (1 - pi) / REPETITIONS)


def test_sampfords_pairs_come_as_often_as_r_says() -> None:
    joint = [R["sampford_joint"][6 * i : 6 * i + 6] for i in range(6)]
    pairs: Counter[str] = Counter()
    for seed in range(REPETITIONS):
        pairs.update(map("".join, combinations(_chosen(POINTS, 3, "sampford", str(seed)), 2)))
    for i, j in combinations(range(6), 2):
        pi = joint[i][j]
        share = pairs["abcdef"[i] + "abcdef"[j]] / REPETITIONS
        assert abs(share - pi) < 4.5 * sqrt(pi * (1 - pi) / REPETITIONS)


def test_sampfords_rejection_has_exactly_the_probabilities_it_states() -> None:
    """All samples enumerated: P(s) ∝ Σ_{i ∈ s} p_i Π_{j ∈ s, j ≠ i} p_j / (1 − n p_j)."""
    n, total = 3, sum(unit.size for unit in POINTS)
    p = [Fraction(unit.size, total) for unit in POINTS]
    odds = [pi / (1 - n * pi) for pi in p]
    chance = {
        s: sum(p[i] * prod(odds[j] for j in s if j != i) for i in s)
        for s in combinations(range(6), n)
    }
    for i in range(6):
        contained = sum(c for s, c in chance.items() if i in s)
        assert contained / sum(chance.values()) == n * p[i]


SIZES = st.lists(st.integers(0, 12), min_size=1, max_size=7).filter(any)


@given(sizes=SIZES, data=st.data())
def test_systematic_pps_has_exactly_its_probabilities(
    sizes: list[int], data: st.DataObject
) -> None:
    """Every start tried: what is drawn changes at multiples of 1/Σ size only."""
    n = data.draw(st.integers(1, sum(size > 0 for size in sizes)))
    units = [Unit(str(i), size) for i, size in enumerate(sizes)]
    certain = certainty_units(sizes, n)
    starts = sum(size for i, size in enumerate(sizes) if i not in certain) or 1
    counts: Counter[int] = Counter()
    for k in range(starts):
        start = (2 * k + 1) * KEY_RANGE // (2 * starts)
        with mock.patch.object(selection, "random_key", lambda *_, start=start: start):
            drawn = draw(units, n, method="pps-systematic", seed="any")
        assert len(drawn) == n
        counts.update(d.position for d in drawn)
        stated = {d.position: d.inclusion_probability for d in drawn}
        assert all(pi == 1 for i, pi in stated.items() if i in certain)
    for i, size in enumerate(sizes):
        expected = 1 if i in certain else Fraction((n - len(certain)) * size, starts)
        assert Fraction(counts[i], starts) == expected


def test_certainty_units_are_those_of_r() -> None:
    sizes = (5, 10, 20, 30, 15, 400, 90)
    certain = certainty_units(sizes, 4)
    assert [i in certain for i in range(7)] == [pi == 1 for pi in R["pi"]]
    units = [Unit(str(i), size) for i, size in enumerate(sizes)]
    for method in ("pps-systematic", "sampford"):
        for seed in range(40):
            for d in draw(units, 4, method=method, seed=str(seed)):  # type: ignore[arg-type]
                assert d.inclusion_probability == pytest.approx(R["pi"][d.position], rel=1e-12)


def test_simple_random_draw_can_be_repeated_with_any_sha256() -> None:
    def key(name: str) -> str:
        return hashlib.sha256(f"lottery 3 14 15\nNanshan\nunit\n{name}".encode()).hexdigest()

    names = [f"household {i}" for i in range(200)]
    drawn = draw(
        [Unit(name) for name in names],
        12,
        method="simple-random",
        seed="lottery 3 14 15",
        group="Nanshan",
    )
    assert {d.unit.identifier for d in drawn} == set(sorted(names, key=key)[:12])


def test_systematic_draw_can_be_repeated_by_hand() -> None:
    start = int(hashlib.sha256(b"7\n\nstart").hexdigest(), 16) / 2**256
    drawn = draw([Unit(str(i)) for i in range(10)], 4, method="systematic", seed="7")
    assert [d.position for d in drawn] == [int((start + i) * 10 / 4) for i in range(4)]


def test_published_draws_never_change() -> None:
    """A change of these lines breaks the promise that old draws can be repeated."""
    assert [_chosen(POINTS, 3, method, "2010-12-01") for method in METHODS] == [
        "bef",
        "ace",
        "cdf",
        "def",
    ]


@given(st.randoms(use_true_random=False), st.text(min_size=1).filter(lambda s: "\n" not in s))
def test_simple_random_draw_ignores_the_order_of_the_frame(random: object, seed: str) -> None:
    units = [Unit(str(i)) for i in range(30)]
    shuffled = units.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first = {d.unit for d in draw(units, 7, method="simple-random", seed=seed)}
    assert {d.unit for d in draw(shuffled, 7, method="simple-random", seed=seed)} == first


def test_a_larger_simple_random_sample_contains_the_smaller() -> None:
    units = [Unit(str(i)) for i in range(50)]
    sets = [{d.unit for d in draw(units, n, method="simple-random", seed="s")} for n in range(51)]
    assert all(small < large for small, large in pairwise(sets))


def test_other_seeds_and_groups_draw_other_samples() -> None:
    units = [Unit(str(i)) for i in range(500)]
    samples = {
        tuple(d.position for d in draw(units, 20, method="simple-random", seed=s, group=g))
        for s in ("1", "2")
        for g in ("a", "b")
    }
    assert len(samples) == 4


@pytest.mark.parametrize("method", METHODS)
def test_everybody_or_nobody(method: Method) -> None:
    assert draw(POINTS, 0, method=method, seed="1") == ()
    everybody = draw(POINTS, 6, method=method, seed="1")
    assert [d.inclusion_probability for d in everybody] == [1.0] * 6


def test_units_of_size_zero_are_never_drawn() -> None:
    units = [Unit("empty", 0), Unit("a", 1), Unit("b", 2), Unit("void", 0)]
    for method in ("pps-systematic", "sampford"):
        for seed in range(50):
            assert _chosen(units, 1, method, str(seed)) in {"a", "b"}  # type: ignore[arg-type]
        with pytest.raises(InfeasibleEstimation):
            draw(units, 3, method=method, seed="1")  # type: ignore[arg-type]


def test_sampford_gives_up_where_rejection_would_not_end() -> None:
    with pytest.raises(InfeasibleEstimation, match="pps-systematic"):
        draw([Unit(str(i), 100 + i) for i in range(200)], 150, method="sampford", seed="1")


def test_frames_that_can_not_be_drawn_from_are_refused() -> None:
    frame = [Unit("a", -1), Unit("a", 2), Unit("b\nc", 2)]
    with pytest.raises(InvalidInput) as refusal:
        draw(frame, -1, method="sampford", seed="")
    assert {fault.code for fault in refusal.value.faults} == {
        "duplicate",
        "out-of-range",
        "line-feed",
        "missing",
    }
