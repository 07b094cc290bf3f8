import pytest

from app.domain.exports.base_weights import base_weights
from tests.support.results import shenzhen

COUNTED = {
    ("sampled-residents", "paper", "futian"): 500,
    ("sampled-residents", "paper", "nanshan"): 1000,
    ("online-residents", "web", ""): 4000,
}


def test_a_sample_counts_people_of_its_stratum_and_a_poll_counts_one_each() -> None:
    weights = base_weights(shenzhen(), COUNTED)
    assert weights["sampled-residents", "paper", "futian"] == pytest.approx(1_147_000 / 500)
    assert weights["sampled-residents", "paper", "nanshan"] == 947
    assert weights["online-residents", "web", ""] == 1


def test_the_weights_of_a_stratum_add_up_to_its_people() -> None:
    weights = base_weights(shenzhen(), COUNTED)
    key = ("sampled-residents", "paper", "futian")
    assert weights[key] * COUNTED[key] == pytest.approx(1_147_000)
