"""Margins that the answers can't meet as declared are made usable, and the release says so."""

import numpy as np

from app.domain.questionnaires.text import Text
from app.domain.releases.population import PopulationMargin, usable

AGES = PopulationMargin(
    "age",
    ("young", "middle", "old"),
    tuple(Text(zh=code, en=code) for code in ("young", "middle", "old")),
    np.array([50.0, 30.0, 20.0]),
)
ONES = np.ones(4)


def test_all_answered_leaves_the_margin_alone() -> None:
    found = usable(AGES, np.array([0, 1, 2, 2]), ONES)
    assert found is not None
    assert found.step.totals == {"0": 50.0, "1": 30.0, "2": 20.0}
    assert found.notes == ()


def test_who_did_not_say_is_a_category_of_its_own() -> None:
    found = usable(AGES, np.array([0, 1, 2, -1]), ONES)
    assert found is not None
    assert found.codes.tolist() == [0, 1, 2, 3]
    assert found.step.totals == {"0": 37.5, "1": 22.5, "2": 15.0, "3": 25.0}
    assert "25.0% of the sample did not say" in found.notes[0]


def test_a_category_that_nobody_answered_is_counted_with_the_next() -> None:
    found = usable(AGES, np.array([1, 1, 2, 2]), ONES)
    assert found is not None
    assert found.step.totals == {"1": 80.0, "2": 20.0}
    assert found.notes == (
        "Margin age: nobody answered young; it is counted together with middle.",
    )


def test_the_last_category_is_counted_with_the_one_before() -> None:
    found = usable(AGES, np.array([0, 0, 1, 1]), ONES)
    assert found is not None
    assert found.step.totals == {"0": 50.0, "1": 50.0}


def test_a_question_that_nobody_answered_gives_no_margin() -> None:
    assert usable(AGES, np.full(4, -1), ONES) is None
