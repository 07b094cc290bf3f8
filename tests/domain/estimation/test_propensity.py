"""Propensity weights for volunteers against R (tests/reference/composites_models.R)."""

import numpy as np
import pytest

from app.domain.estimation.columns import Column
from app.domain.estimation.propensity import weigh_volunteers
from app.errors import InvalidInput
from app.errors.definitions import InfeasibleEstimation
from tests.reference.tables import FOLDER, column, rows


def _columns(name: str) -> dict[str, Column]:
    table = rows(name)
    return {key: np.array([row[key] for row in table], dtype=object) for key in table[0]}


POLL = _columns("composites_poll.csv")
REFERENCE = _columns("composites_reference_sample.csv")
D = np.array(column("composites_reference_sample.csv", "d"))


def test_weights_and_coefficients_equal_r() -> None:
    ours = weigh_volunteers(POLL, REFERENCE, D, by=["age", "sex"], numeric=["visits"])
    assert ours.weights.tolist() == pytest.approx(column("composites_poll.csv", "weight"), rel=1e-9)
    lines = (FOLDER / "composites_propensity_fit.csv").read_text("utf-8").splitlines()
    expected = [float(line.split(",")[1]) for line in lines]
    assert list(ours.coefficients.values()) == pytest.approx(expected, rel=1e-9)
    assert list(ours.coefficients) == ["intercept", "age=35-54", "age=55+", "sex=m", "visits"]
    assert ours.largest_margin_error < 1e-9


def test_one_category_is_post_stratification_to_the_reference() -> None:
    ours = weigh_volunteers(POLL, REFERENCE, D, by=["age"])
    for age in ("18-34", "35-54", "55+"):
        mine, theirs = POLL["age"] == age, REFERENCE["age"] == age
        expected = D[theirs].sum() / mine.sum()
        assert ours.weights[mine] == pytest.approx(np.full(mine.sum(), expected))
    assert ours.population == pytest.approx(D.sum())
    assert ours.reference_population == pytest.approx(D.sum())


def test_categories_written_as_text_and_as_numbers_are_the_same() -> None:
    codes = np.arange(1, 12)
    poll = {"ward": np.repeat(codes, codes).astype(str).astype(object)}
    reference = {"ward": codes.astype(float)}
    ours = weigh_volunteers(poll, reference, 60.0 + codes, by=["ward"])
    assert ours.weights == pytest.approx(np.repeat((60.0 + codes) / codes, codes))


def test_weights_remove_the_bias_that_the_variables_explain() -> None:
    generator = np.random.default_rng(5)
    old = generator.random(200_000) < 0.4
    satisfied = np.where(old, 80.0, 60.0) + generator.normal(0, 10, 200_000)
    takes_part = generator.random(200_000) < np.where(old, 0.01, 0.05)
    asked = generator.choice(200_000, 4000, replace=False)
    age = np.where(old, "old", "young").astype(object)
    ours = weigh_volunteers(
        {"age": age[takes_part]}, {"age": age[asked]}, np.full(4000, 50.0), by=["age"]
    )
    naive = satisfied[takes_part].mean() - satisfied.mean()
    weighted = np.average(satisfied[takes_part], weights=ours.weights) - satisfied.mean()
    assert naive < -4
    assert abs(weighted) < 0.6


def test_unequal_chances_cost_effective_respondents() -> None:
    ours = weigh_volunteers(POLL, REFERENCE, D, by=["age", "sex"])
    assert ours.effective_n == pytest.approx(len(ours.weights) / ours.design_effect)
    assert 1 < ours.design_effect < 4


def test_assumptions_are_printed() -> None:
    ours = weigh_volunteers(POLL, REFERENCE, D, by=["sex"])
    assert any("does not depend on the answers" in text for text in ours.assumptions)


def test_category_of_one_sample_only_is_refused_by_variable() -> None:
    gone = {"age": np.where(POLL["age"] == "55+", "35-54", POLL["age"])}
    with pytest.raises(InfeasibleEstimation, match=r"^age"):
        weigh_volunteers(gone, REFERENCE, D, by=["age"])
    with pytest.raises(InfeasibleEstimation, match=r"^age"):
        weigh_volunteers(POLL, {"age": REFERENCE["age"][:1]}, D[:1], by=["age"])


def test_variables_that_explain_each_other_are_refused() -> None:
    poll, reference = dict(POLL), dict(REFERENCE)
    poll["again"], reference["again"] = POLL["sex"], REFERENCE["sex"]
    with pytest.raises(InfeasibleEstimation, match="explain each other"):
        weigh_volunteers(poll, reference, D, by=["sex", "again"])


def test_poll_larger_than_the_population_it_comes_from_is_refused() -> None:
    with pytest.raises(InfeasibleEstimation):
        weigh_volunteers(POLL, REFERENCE, D / 100, by=["sex"])


def test_missing_values_and_weights_are_refused() -> None:
    holes = {"age": POLL["age"].copy(), "visits": POLL["visits"].copy()}
    holes["age"][0] = holes["visits"][3] = None
    for arguments in (
        {"by": ["age"]},
        {"by": [], "numeric": ["visits"]},
        {"by": []},
        {"by": ["nothing"]},
    ):
        with pytest.raises(InvalidInput):
            weigh_volunteers(holes, REFERENCE, D, **arguments)  # type: ignore[arg-type]
    for weights in (D[:-1], -D, np.full(len(D), np.nan), np.zeros(len(D))):
        with pytest.raises(InvalidInput):
            weigh_volunteers(POLL, REFERENCE, weights, by=["sex"])
