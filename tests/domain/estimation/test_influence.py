"""Influence of components: Xiamen 2008, where 5 points moved as much as 30."""

from decimal import Decimal

import numpy as np
import pytest

from app.domain.estimation.influence import Influence, measure_influence
from app.errors import InvalidInput

DISTRICTS = ("Xiang'an", "Huli", "Siming", "Tong'an", "Haicang", "Jimei")
XIAMEN_2008 = {
    "indicators": ("52.26", "51.456", "50.478", "50.388", "47.538", "48.63"),
    "survey": ("24.84", "23.82", "25.257", "24.141", "24.639", "23.742"),
    "online": ("4.22", "4.485", "4.555", "4.795", "4.655", "3.305"),
    "mutual": ("4.608", "4.708", "4.791", "4.672", "4.653", "4.721"),
    "inspection": ("-0.3", "0", "-1", "0", "0", "-0.7"),
}


def _measure(points: dict[str, tuple[str, ...]]) -> dict[str, Influence]:
    decimals = {name: [Decimal(text) for text in own] for name, own in points.items()}
    return {c.component: c for c in measure_influence(decimals).components}


def test_xiamens_online_poll_spreads_the_districts_as_much_as_its_survey() -> None:
    measured = _measure(XIAMEN_2008)
    assert measured["survey"].spread == Decimal("1.515")
    assert measured["online"].spread == Decimal("1.490")


def test_xiamens_totals_are_those_published() -> None:
    decimals = {name: [Decimal(t) for t in own] for name, own in XIAMEN_2008.items()}
    totals = [sum(row) for row in zip(*decimals.values(), strict=True)]
    published = ("85.628", "84.469", "84.081", "83.996", "81.485", "79.698")
    assert totals == [Decimal(total) for total in published]
    report = measure_influence(decimals)
    assert report.spread_of_totals == Decimal("85.628") - Decimal("79.698")
    assert report.pairs == 15


def test_shares_of_variance_add_up_to_one() -> None:
    shares = [c.share_of_variance or 0.0 for c in _measure(XIAMEN_2008).values()]
    assert sum(shares) == pytest.approx(1)
    points = np.array([[float(text) for text in own] for own in XIAMEN_2008.values()])
    with_total = np.cov(np.vstack([points, points.sum(axis=0)]))[:, -1]
    assert shares == pytest.approx(list(with_total[:-1] / with_total[-1]))


def test_pairs_and_places_that_a_component_turns() -> None:
    """Without the poll A, B, C score 10, 9, 8: it lifts C above both and leaves A and B alone."""
    measured = _measure({"survey": ("10", "9", "8"), "poll": ("0", "0", "3")})
    assert (measured["poll"].pairs_turned, measured["poll"].largest_move) == (2, 2)
    # without the survey A and B tie behind C: only the order of A and B was its doing
    assert (measured["survey"].pairs_turned, measured["survey"].largest_move) == (1, 1)


def test_component_that_is_equal_for_all_has_no_influence() -> None:
    measured = _measure({"survey": ("70", "60"), "gift": ("5", "5")})["gift"]
    assert measured == Influence("gift", Decimal(0), 0.0, 0, 0)


def test_component_against_the_others_pulls_together() -> None:
    measured = _measure({"survey": ("70", "60"), "poll": ("1", "4")})
    assert measured["poll"].share_of_variance == pytest.approx(-3 / 7)


def test_equal_totals_have_no_shares() -> None:
    measured = _measure({"survey": ("1", "2"), "poll": ("2", "1")})
    assert measured["survey"].share_of_variance is None
    assert measured["survey"].pairs_turned == 1


def test_components_that_score_different_departments_are_refused() -> None:
    for points in ({}, {"survey": ("1",)}, {"survey": ("1", "2"), "poll": ("1", "2", "3")}):
        with pytest.raises(InvalidInput):
            _measure(points)
