"""Cells give what the respondents give, whatever the design, and forget what is removed."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.estimation.cell_estimates import Part, estimate_parts
from app.domain.estimation.cells import EXACT, CellIndex, CellSums, WholeWeights
from app.domain.estimation.design import build_design
from app.domain.estimation.estimates import Estimates, estimate, with_combinations
from app.domain.estimation.specification import DesignFile
from app.domain.estimation.weights import weight
from app.errors import InvalidInput
from tests.domain.estimation.city import DEPARTMENTS, answers, as_numbers, item, margins
from tests.domain.estimation.running import estimated

BASE = {"stratum": 4, "point": 24, "age": 4, "sex": 2}
REQUESTS = [
    item("D01"),
    item("D01", "total"),
    item("D01", "proportion", levels=["4"], name="top"),
    item("D01", "quantile", name="median", probabilities=[0.5]),
    item("D01", name="by age", by=["age"]),
    {
        "statistic": "index",
        "dont_know": ["5"],
        "dimensions": {
            "service": {"weight": 0.7, "items": ["D01", "D02"]},
            "openness": {"weight": 0.3, "items": ["D03"]},
        },
    },
]
DESIGNS: dict[str, dict[str, Any]] = {
    "clusters": {"weight": "weight", "clusters": ["point"]},
    "stratified clusters": {"weight": "weight", "strata": ["stratum"], "clusters": ["point"]},
    "clusters with fpc": {"weight": "weight", "clusters": ["point"], "population": ["points"]},
    "two stages with fpc": {"clusters": ["point"], "population": ["points", "people"]},
    "elements": {"weight": "even"},
    "stratified elements with fpc": {"strata": ["stratum"], "population": ["residents"]},
}


def respondents(seed: int) -> dict[str, Any]:
    """The city, with population sizes for every design above."""
    city = answers(seed)
    rows = len(city["point"])
    return city | {
        "points": np.full(rows, 90),
        "people": np.bincount(city["point"])[city["point"]] * 30,
        "residents": np.bincount(city["stratum"])[city["stratum"]] * 20,
        "even": np.full(rows, 20.0),
    }


def steps(kind: str, columns: Mapping[str, Any]) -> list[dict[str, Any]]:
    if kind == "raked":
        return [{"step": "rake", "margins": margins(columns)}]
    if kind == "post-stratified":
        return [{"step": "poststratify", **margins(columns)[0]}]
    return []


def from_cells(city: dict[str, Any], design: dict[str, Any], weighting: list[Any]) -> Estimates:
    """One index with all that is asked jointly; its cells become the rows."""
    declared = DesignFile.model_validate(
        {"sample": {**design, "weight": None}, "weighting": weighting, "estimates": REQUESTS}
    )
    index = CellIndex(BASE | dict.fromkeys(DEPARTMENTS, 6))
    sums = CellSums(index)
    base = build_design(as_numbers(city), DesignFile.model_validate({"sample": design}).sample)
    cells = index.number({name: city[name] for name in index.widths})
    sums.add(cells, WholeWeights.of(base.base_weights))
    columns = dict(as_numbers(index.codes()))
    for name, key in (("points", None), ("people", "point"), ("residents", "stratum")):
        columns[name] = lookup(city, name, key, columns)
    elements = design.get("clusters") is None or "people" in design.get("population", [])
    grouped = build_design(columns, declared.sample, sums.grouped(elements=elements))
    sample = weight(grouped, declared.weighting, columns)
    return estimate(sample, declared.estimates, columns, declared.variance)


def lookup(city: Any, name: str, key: str | None, columns: Any) -> Any:
    """A population size carried over to the cells of its stratum or point."""
    if key is None:
        return np.full(len(columns["point"]), city[name][0])
    found = dict(zip(city[key].tolist(), city[name].tolist(), strict=True))
    return np.array([found[int(code)] for code in columns[key]], dtype=np.float64)


@pytest.mark.parametrize("kind", ["plain", "raked", "post-stratified"])
@pytest.mark.parametrize("name", list(DESIGNS))
def test_cells_equal_respondents(name: str, kind: str) -> None:
    city = respondents(7)
    columns = as_numbers(city)
    weighting = steps(kind, columns)
    rows = estimated(
        columns, {"sample": DESIGNS[name], "weighting": weighting, "estimates": REQUESTS}
    )
    cells = from_cells(city, DESIGNS[name], weighting)
    np.testing.assert_allclose(cells.values, rows.values, rtol=1e-9)
    np.testing.assert_allclose(cells.standard_errors, rows.standard_errors, rtol=1e-9)
    for a, b in zip(cells.records, rows.records, strict=True):
        assert (a.respondents, a.missing, a.dont_know) == (b.respondents, b.missing, b.dont_know)
        assert a.effective_n == pytest.approx(b.effective_n, rel=1e-6)
        assert a.design_effect == pytest.approx(b.design_effect, rel=1e-7)


def test_departments_in_separate_tables_keep_their_covariance() -> None:
    city = answers(11)
    design = {"weight": "weight", "strata": ["stratum"], "clusters": ["point"]}
    weighting = steps("raked", as_numbers(city))
    requests = [item(name) for name in DEPARTMENTS]
    rows = estimated(
        as_numbers(city), {"sample": design, "weighting": weighting, "estimates": requests}
    )
    cells = from_separate_tables(city, weighting)
    np.testing.assert_allclose(cells.values, rows.values, rtol=1e-9)
    np.testing.assert_allclose(cells.covariance, rows.covariance, rtol=1e-9, atol=1e-12)


def test_an_index_of_separate_tables_equals_that_of_respondents() -> None:
    city = answers(12)
    design = {"weight": "weight", "strata": ["stratum"], "clusters": ["point"]}
    weighting = steps("raked", as_numbers(city))
    rows = estimated(
        as_numbers(city), {"sample": design, "weighting": weighting, "estimates": REQUESTS[-1:]}
    )
    parts = {"mean D01": 0.35, "mean D02": 0.35, "mean D03": 0.3}
    cells = with_combinations(from_separate_tables(city, weighting), {"index": parts}, 0.95)
    index, expected = cells.records[-1], rows.records[0]
    assert index.value == pytest.approx(expected.value, rel=1e-9)
    assert index.standard_error == pytest.approx(expected.standard_error, rel=1e-9)
    assert index.interval == pytest.approx(expected.interval, rel=1e-9)


def test_a_weighted_sum_must_name_estimates() -> None:
    cells = from_separate_tables(answers(12), [])
    with pytest.raises(InvalidInput, match="must name estimates"):
        with_combinations(cells, {"index": {"mean D09": 1.0}}, 0.95)


def from_separate_tables(city: dict[str, Any], weighting: list[Any]) -> Estimates:
    weights = WholeWeights.of(city["weight"])
    index = CellIndex(BASE)
    cells = index.number({name: city[name] for name in BASE})
    whole = CellSums(index)
    whole.add(cells, weights)
    declared = DesignFile.model_validate(
        {"sample": {"strata": ["stratum"], "clusters": ["point"]}, "weighting": weighting}
    )
    design = build_design(index.codes(), declared.sample, whole.grouped())
    sample = weight(design, declared.weighting, index.codes())
    parts = []
    for name in DEPARTMENTS:
        split = CellSums(index, answers=6)
        split.add(cells, weights, city[name])
        request = DesignFile.model_validate({"estimates": [item(name)]}).estimates
        parts.append(Part(split, as_numbers({name: split.answers()}), request))
    return estimate_parts(sample, whole, parts)


def summed(city: dict[str, Any], index: CellIndex) -> CellSums:
    """Everybody's sums, split by the answers to the first department."""
    sums = CellSums(index, answers=6)
    sums.add(numbered(city, index), WholeWeights.of(city["weight"]), city["D01"])
    return sums


def numbered(city: dict[str, Any], index: CellIndex) -> Any:
    return index.number({name: city[name] for name in index.widths})


def assert_same(a: CellSums, b: CellSums) -> None:
    for name in ("counts", "mass", "squares"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 599))
def test_removing_respondents_leaves_no_trace(seed: int, cut: int) -> None:
    city, index = answers(seed), CellIndex(BASE)
    first = {name: values[:cut] for name, values in city.items()}
    rest = {name: values[cut:] for name, values in city.items()}
    everybody = summed(city, index)
    everybody.remove(numbered(rest, index), WholeWeights.of(rest["weight"]), rest["D01"])
    assert_same(everybody, summed(first, index))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 40))
def test_adding_in_portions_is_adding_at_once(seed: int, portions: int) -> None:
    city, index = answers(seed), CellIndex(BASE)
    once, stepwise = summed(city, index), CellSums(index, answers=6)
    for rows in np.array_split(np.random.default_rng(seed).permutation(600), portions):
        some = {name: values[rows] for name, values in city.items()}
        stepwise.add(numbered(some, index), WholeWeights.of(some["weight"]), some["D01"])
    assert_same(once, stepwise)


def test_an_index_that_grows_keeps_the_numbers_it_gave() -> None:
    index = CellIndex({"age": 3})
    sums = CellSums(index)
    sums.add(index.number({"age": np.array([2, 2])}), WholeWeights.of(np.array([1.0, 2.0])))
    sums.add(index.number({"age": np.array([0, 2, -1])}), WholeWeights.of(np.array([4.0, 8, 16])))
    assert index.codes()["age"][sums.cells()].tolist() == [2, -1, 0]
    assert sums.grouped().mass.tolist() == [11.0, 16.0, 4.0]


def test_many_dimensions_are_numbered_by_sorting_with_the_same_result() -> None:
    city = answers(3)
    small, large = CellIndex(BASE), CellIndex(BASE | {"spare": 1 << 22})
    few = numbered(city, small)
    many = numbered(city | {"spare": np.zeros(600, dtype=np.intp)}, large)
    np.testing.assert_array_equal(few, many)
    assert small.codes()["age"].tolist() == large.codes()["age"].tolist()


def test_what_was_never_in_can_not_be_removed() -> None:
    index = CellIndex({"age": 2})
    sums = CellSums(index)
    sums.add(index.number({"age": np.array([1])}), WholeWeights.of(np.array([2.0])))
    with pytest.raises(InvalidInput, match="only be removed from cells that hold them"):
        sums.remove(index.number({"age": np.array([0])}), WholeWeights.of(np.array([2.0])))
    assert sums.grouped().mass.tolist() == [2.0]


def test_elements_of_unequal_weight_need_the_weight_as_a_dimension() -> None:
    index = CellIndex({"age": 2})
    sums = CellSums(index)
    sums.add(index.number({"age": np.array([1, 1])}), WholeWeights.of(np.array([2.0, 3.0])))
    with pytest.raises(InvalidInput, match="must be the same throughout a cell"):
        sums.grouped(elements=True)


def test_sums_beyond_the_digits_of_a_float_stay_exact() -> None:
    weights = WholeWeights.of(np.full(1000, 2.0**16 - 2.0**-30))
    mass, squares = weights.sums(np.zeros(1000, dtype=np.intp), 1)
    assert weights.mass.sum() > EXACT
    assert int(mass[0]) == 1000 * (2**46 - 1)
    assert int(squares[0]) == 1000 * (2**52 - 2**7)


def test_weights_whose_sums_can_not_be_held_are_refused() -> None:
    with pytest.raises(InvalidInput, match="too large for cells"):
        WholeWeights.of(np.array([3e6]))
