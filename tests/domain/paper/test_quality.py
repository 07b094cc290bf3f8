"""Error rates by hand and by definition; likeness against a planted forger."""

import random

import pytest
from scipy.stats import beta

from app.domain.paper.entries import Entry
from app.domain.paper.error_rates import CheckedForm, error_rate, error_rates
from app.domain.paper.near_duplicates import likeness
from tests.domain.paper.test_marks import FIELDS

QUESTIONS = [f"q{n}" for n in range(25)]


def test_the_interval_is_clopper_and_pearsons() -> None:
    """By its definition: quantiles of two beta distributions; in closed form without errors."""
    found = error_rate(3, 100)
    assert found.low == pytest.approx(beta.ppf(0.025, 3, 98), abs=1e-9)
    assert found.high == pytest.approx(beta.ppf(0.975, 4, 97), abs=1e-9)
    none = error_rate(0, 50)
    assert (none.low, none.high) == pytest.approx((0, 1 - 0.025 ** (1 / 50)), abs=1e-9)


def test_an_error_is_a_mark_that_differs_from_the_final_one() -> None:
    final = {"sex": "1", "whole": "7"}
    form = CheckedForm(
        FIELDS, [Entry(1, "ann", {"sex": "2", "whole": "7"}), Entry(2, "bo", final)], final
    )
    agreed = CheckedForm(FIELDS, [Entry(1, "ann", final), Entry(2, "chen", final)], final)
    rates = error_rates([form, agreed])
    n = len(FIELDS)
    keyers = {name: (one.errors, one.n) for name, one in rates.by_keyer.items()}
    assert keyers == {"ann": (1, 2 * n), "bo": (0, n), "chen": (0, n)}
    assert (rates.by_question["sex"].errors, rates.by_question["sex"].n) == (1, 4)
    assert (rates.by_question["grid"].errors, rates.by_question["grid"].n) == (0, 16)


def respondents(n: int, seed: int) -> list[dict[str, str]]:
    generator = random.Random(seed)
    return [{q: str(generator.randint(1, 5)) for q in QUESTIONS} for _ in range(n)]


def forged(n: int) -> list[dict[str, str]]:
    """Twenty forms copied from four, two fields changed in each."""
    generator = random.Random(5)
    models = respondents(4, 9)
    made = []
    for place in range(n):
        form = dict(models[place % 4])
        for question in generator.sample(QUESTIONS, 2):
            form[question] = str(generator.randint(1, 5))
        made.append(form)
    return made


def test_whoever_copies_forms_stands_out_and_others_do_not() -> None:
    sheets = {f"I{n}": respondents(20, n) for n in range(6)} | {"forger": forged(20)}
    found = likeness(sheets, QUESTIONS, seed=2008, resamples=99)
    assert found[0].interviewer == "forger"
    assert (found[0].p, found[0].n) == (0.01, 20)
    assert found[0].mean_match > 0.8 > found[0].usual_match
    assert all(one.p > 0.01 for one in found[1:])


def test_the_same_seed_finds_the_same() -> None:
    sheets = {f"I{n}": respondents(10, n) for n in range(3)}
    assert likeness(sheets, QUESTIONS, seed=1) == likeness(sheets, QUESTIONS, seed=1)
    assert likeness(sheets, QUESTIONS, seed=1) != likeness(sheets, QUESTIONS, seed=2)


def test_blank_fields_do_not_make_forms_alike() -> None:
    blank = [{"q1": "1"}, {"q2": "1"}, {"q3": "1"}]
    sheets = {"lazy": blank, "other": respondents(10, 1)}
    [found] = [one for one in likeness(sheets, QUESTIONS, seed=1) if one.interviewer == "lazy"]
    assert found.mean_match == 0


def test_too_few_forms_are_not_judged() -> None:
    assert likeness({"I1": respondents(2, 1), "I2": respondents(9, 2)}, QUESTIONS, seed=1) == []
