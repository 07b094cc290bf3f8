"""Sample sizes against R (tests/reference/sampling_sizes_and_allocations.R) and by hand."""

from itertools import product

import pytest

from app.domain.sampling.design import SizePlan
from app.domain.sampling.domains import plan_size
from app.domain.sampling.size import (
    Precision,
    margin_of_error,
    proportion_variance,
    size_for_mean,
    size_for_proportion,
)
from app.errors import InvalidInput
from tests.reference.tables import numbered

R = numbered("sampling_sizes_and_allocations.csv")


def test_sizes_for_proportions_equal_cochran_in_r() -> None:
    grid = product((0.9, 0.95, 0.99), (500, 17_560_000), (0.1, 0.5), (0.01, 0.03, 0.05))
    ours = [
        size_for_proportion(
            Precision(margin=d, confidence=confidence, population=N), proportion=p
        ).respondents
        for confidence, N, p, d in grid
    ]
    assert ours == R["proportion"]


def test_sizes_for_means_equal_the_root_found_by_r() -> None:
    plans = [
        (Precision(margin=2, population=10**6), 25),
        (Precision(margin=2, population=5000, design_effect=1.8), 25),
        (Precision(margin=1, population=800, design_effect=2.5, confidence=0.99), 30),
    ]
    for (precision, spread), expected in zip(plans, R["mean"], strict=True):
        size = size_for_mean(precision, standard_deviation=spread)
        assert size.respondents == pytest.approx(expected, abs=1)
        assert size.respondents >= expected


def test_cochrans_island() -> None:
    """Cochran (1977), 4.4: blood groups of 3,200 islanders, 5 % margin at t = 2: 356 people."""
    two_sigma = Precision(margin=0.05, confidence=0.9544997361036416, population=3200)
    assert size_for_proportion(two_sigma).respondents == 356
    no_population = Precision(margin=0.05, confidence=0.9544997361036416)
    assert size_for_proportion(no_population).respondents == 400


def test_one_person_fewer_misses_the_margin() -> None:
    precision = Precision(margin=0.03, design_effect=1.7, population=20_000)
    size = size_for_proportion(precision)
    variance = proportion_variance(0.5, 20_000)
    fewer = margin_of_error(precision, unit_variance=variance, respondents=size.respondents - 1)
    assert size.margin <= 0.03 < fewer


def test_more_people_are_invited_than_answer() -> None:
    size = size_for_proportion(Precision(margin=0.05, response_rate=0.4))
    assert (size.respondents, size.invitations) == (385, 963)
    assert not size.limited_by_population


def test_population_too_small_for_its_response_rate_is_said() -> None:
    size = size_for_proportion(Precision(margin=0.01, population=300, response_rate=0.5))
    assert size.respondents <= 300
    assert size.limited_by_population


def test_whole_population_answers_without_error() -> None:
    size = size_for_mean(Precision(margin=1e-9, population=50), standard_deviation=20)
    assert size.respondents == 50
    assert size.margin == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("margin", 0),
        ("margin", float("nan")),
        ("confidence", 1),
        ("design_effect", -1),
        ("population", 0),
        ("response_rate", 0),
        ("response_rate", 1.01),
    ],
)
def test_senseless_precision_is_refused(field: str, value: float) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Precision(**{"margin": 0.05, field: value})  # type: ignore[arg-type]
    assert [fault.field for fault in refusal.value.faults] == [field]


def test_senseless_expectations_are_refused() -> None:
    with pytest.raises(InvalidInput):
        size_for_proportion(Precision(margin=0.05), proportion=1.0)
    with pytest.raises(InvalidInput):
        size_for_mean(Precision(margin=0.05), standard_deviation=0)


def test_separate_districts_add_up() -> None:
    plan = SizePlan.model_validate(
        {
            "estimate": "proportion",
            "margin": 0.05,
            "response_rate": 0.5,
            "domains": [{"code": "Futian", "population": 3200}, {"code": "Luohu", "margin": 0.1}],
        }
    )
    planned = plan_size(plan)
    assert [size.respondents for size in planned.domains.values()] == [344, 97]
    assert (planned.respondents, planned.invitations) == (441, 688 + 194)


def test_overlapping_departments_share_one_sample_and_the_rarest_decides() -> None:
    plan = SizePlan.model_validate(
        {
            "estimate": "mean",
            "standard_deviation": 25,
            "margin": 5,
            "response_rate": 0.5,
            "domains_overlap": True,
            "domains": [{"code": "police", "share": 0.8}, {"code": "archives", "share": 0.05}],
        }
    )
    planned = plan_size(plan)
    assert {size.respondents for size in planned.domains.values()} == {97}
    assert (planned.respondents, planned.invitations) == (97 * 20, 97 * 40)


def test_design_effect_follows_from_points_and_weights() -> None:
    plan = SizePlan.model_validate(
        {
            "estimate": "proportion",
            "margin": 0.05,
            "clusters": {"respondents_per_point": 30, "intraclass_correlation": 0.05},
            "weights_coefficient_of_variation": 0.5,
        }
    )
    planned = plan_size(plan)
    assert planned.design_effect == pytest.approx((1 + 29 * 0.05) * 1.25)
    assert planned.respondents == 1177  # ⌈384.15 · 3.0625⌉
