"""Rank intervals of composites, and what a self-selected poll does to them."""

from decimal import Decimal
from math import sqrt
from typing import Literal

import numpy as np
import pytest

from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.scoring.evaluation import evaluate
from app.domain.scoring.external_evaluation import Ranking
from app.domain.scoring.precision import UNKNOWN_BIAS
from tests.domain.scoring.test_compute import CODES, base
from tests.support.evaluations import Sample, material

ANCHORED = ("modes: [web, kiosk]", "modes: [web, kiosk], anchor: survey")


def external(
    definition: SurveyDefinition,
    survey: list[str],
    poll: list[str],
    *,
    kind: Literal["probability", "self-selected"] = "self-selected",
    error: str = "1",
) -> Ranking:
    samples = [
        Sample("sampled", ("paper",), dict(zip(CODES, survey, strict=True)), standard_error=error),
        Sample(
            "online",
            ("web", "kiosk"),
            dict(zip(CODES, poll, strict=True)),
            kind=kind,
            standard_error="0.5",
        ),
    ]
    found = evaluate(material(definition, samples, {}))
    (ranking,) = found.rankings
    assert ranking.of == "external"
    return ranking


FAR_APART = ["90", "80", "70", "60", "50"]


def test_clear_leads_leave_no_doubt_about_ranks() -> None:
    ranking = external(base(ANCHORED), FAR_APART, FAR_APART)
    assert [(one.best, one.rank, one.worst) for one in ranking.places] == [
        (rank, rank, rank) for rank in range(1, 6)
    ]
    assert ranking.groups == tuple((code,) for code in CODES)


def test_departments_that_differ_by_less_than_their_errors_are_not_told_apart() -> None:
    near = ["70.1", "70.0", "69.9", "60", "50"]
    ranking = external(base(ANCHORED), near, near)
    assert [(one.best, one.worst) for one in ranking.places] == [(1, 3)] * 3 + [(4, 4), (5, 5)]
    assert ranking.places[0].like == ("police", "tax")
    assert ranking.groups[0] == ("health", "police", "tax")


def test_errors_are_weighted_like_the_indices() -> None:
    ranking = external(base(ANCHORED), FAR_APART, FAR_APART)
    expected = sqrt((0.245 * 1) ** 2 + (0.055 * 0.5) ** 2)
    for place in ranking.places:
        assert float(place.sampling_error or 0) == pytest.approx(expected, abs=5e-5)


def test_the_bias_of_an_anchored_poll_is_in_the_error() -> None:
    poll = ["96", "84", "76", "64", "56"]
    ranking = external(base(ANCHORED), FAR_APART, poll)
    gaps = np.array([6, 4, 6, 4, 6])
    squared_bias = float((gaps**2).mean()) - 1 - 0.25
    assert float(ranking.squared_bias["poll"]) == pytest.approx(squared_bias, abs=5e-5)
    expected = sqrt((0.245 * 1) ** 2 + 0.055**2 * (0.25 + squared_bias))
    for place in ranking.places:
        assert float(place.root_mean_squared_error or 0) == pytest.approx(expected, abs=5e-5)


def test_a_poll_without_anchor_leaves_every_rank_open() -> None:
    ranking = external(base(), FAR_APART, FAR_APART)
    assert [(one.best, one.worst) for one in ranking.places] == [(1, 5)] * 5
    assert {one.root_mean_squared_error for one in ranking.places} == {None}
    assert UNKNOWN_BIAS in ranking.assumptions


def test_a_probability_sample_needs_no_anchor() -> None:
    ranking = external(base(), FAR_APART, FAR_APART, kind="probability")
    assert [(one.best, one.worst) for one in ranking.places] == [(r, r) for r in range(1, 6)]
    assert UNKNOWN_BIAS not in ranking.assumptions


def test_few_degrees_of_freedom_widen_the_intervals() -> None:
    def widths(freedom: int) -> int:
        samples = [
            Sample(
                "sampled",
                ("paper",),
                dict(zip(CODES, ["74", "72", "70", "68", "66"], strict=True)),
                standard_error="0.4",
                degrees_of_freedom=freedom,
            )
        ]
        definition = base(
            ("      - code: poll", "      - code: unused"),
            ("points: 24.5", "points: 30"),
            ("points: 5.5", "points: 0"),
            ("components: [survey, poll]", "components: [survey, unused]"),
        )
        (ranking,) = evaluate(material(definition, samples, {})).rankings
        return sum(one.worst - one.best for one in ranking.places)

    assert widths(2) > widths(1000)


def test_neighbours_name_the_answers_that_would_turn_them() -> None:
    ranking = external(base(ANCHORED), FAR_APART, FAR_APART)
    first = [one for one in ranking.flips if one.above == "health"]
    assert [(one.component, one.difference) for one in first] == [
        ("survey", Decimal(3)),
        ("poll", Decimal(3)),
    ]
    # 24.5 × 90 / 100 × m / (400 + m) > 3, and likewise with 5.5 points
    assert [one.answers for one in first] == [63, 616]
