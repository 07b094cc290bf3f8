"""The short form of `make simulate`: a smaller city, fewer samples, the same conclusions.

The long form's figures are in docs/simulation.md; a change here that breaks one of these
conclusions breaks what is published there.
"""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from benchmarks import simulation_outcomes
from benchmarks.coverage_plot import Dot, draw_coverage
from benchmarks.scenarios import SCENARIOS
from benchmarks.simulation import simulate, simulate_blends, simulate_ranks
from benchmarks.simulation_outcomes import BlendOutcome, Outcome, RankOutcome, write_docs
from benchmarks.synthetic_city import City, Response, build_city, self_selected_poll, survey

pytestmark = pytest.mark.slow
SAMPLES = 40
NAMES = ("coverage", "ranks", "blends")
TOLERANCE = 0.05  # about three standard errors of a mean over 40 samples


@cache
def _city() -> City:
    return build_city(7, size=0.25)


@cache
def _outcomes(scenario: int, analyses: tuple[int, ...]) -> tuple[Outcome, ...]:
    chosen = tuple(SCENARIOS[scenario].analyses[i] for i in analyses)
    return tuple(simulate(_city(), replace(SCENARIOS[scenario], analyses=chosen), SAMPLES))


def test_published_interval_holds_what_it_promises() -> None:
    published = _outcomes(0, (0, 1, 2))[0]
    assert published.published
    assert abs(published.coverage - 0.95) < TOLERANCE
    assert published.claimed == pytest.approx(published.actual, rel=0.2)


def test_unweighted_answers_are_biased_and_their_intervals_fail() -> None:
    published, unweighted, independent = _outcomes(0, (0, 1, 2))
    assert unweighted.bias > 4 * published.bias
    assert unweighted.coverage < 0.85
    assert independent.coverage < 0.4
    assert independent.claimed < 0.5 * independent.actual


def test_rule_for_few_points_holds_where_naive_residuals_fail() -> None:
    rule, naive = _outcomes(1, (0, 1))
    assert rule.published
    assert abs(rule.coverage - 0.95) < TOLERANCE
    assert naive.coverage < 0.75
    assert naive.claimed < 0.6 * naive.actual


def test_satisfaction_that_nobody_recorded_breaks_the_interval() -> None:
    harmless, harmful = (_outcomes(scenario, (0,))[0] for scenario in (5, 6))
    assert harmless.coverage > 0.88
    assert harmful.coverage < 0.85
    assert harmful.bias > 1


def test_ranks_are_not_told_apart_the_wrong_way_round() -> None:
    alike = build_city(7, size=0.15, department_spread=0.0)
    published, bootstrap = simulate_ranks("alike", alike, 30)
    assert published.published
    assert published.sound >= 0.9
    assert published.coverage >= 0.9
    assert bootstrap.sound < published.sound


def test_blends_err_about_as_much_as_they_promise() -> None:
    blends = {blend.name: blend for blend in simulate_blends(_city(), 25)}
    poll = blends["poll alone"]
    assert poll.promised is None
    assert poll.bias > 4
    assert blends["poll with propensity weights"].bias < 0.75 * poll.bias
    for name in ("survey alone", "declared weight 5 : 25", "Fay–Herriot, poll as covariate"):
        promised = blends[name].promised
        assert promised is not None
        assert promised == pytest.approx(blends[name].rmse, rel=0.25)
    assert blends["Fay–Herriot, poll as covariate"].rmse < blends["survey alone"].rmse


def test_same_seed_same_sample_and_those_who_answer_differ_from_those_asked() -> None:
    city = _city()
    first, again = (survey(city, 3, response=Response()) for _ in range(2))
    assert first.rows.tolist() == again.rows.tolist()
    assert len(set(first.points.tolist())) == 14
    old = city.age == 4
    assert old[first.rows].mean() > old[city.neighbourhood == first.points[0]].mean()
    volunteers = self_selected_poll(city, 3)
    assert old[volunteers].mean() < 0.5 * old.mean()
    assert city.mood[volunteers].mean() < -0.3


def test_plot_shows_every_dot_and_needs_no_script() -> None:
    dots = [
        Dot("a & b", "published", 0.95, 0.01, published=True),
        Dot("a & b", "other", 0.5, 0.01, published=False),
        Dot("c", "below the axis", 0.01, 0.0, published=False),
    ]
    svg = draw_coverage(dots)
    places = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', svg)]
    assert len(places) == 3
    assert places == sorted(places, reverse=True)
    assert "a &amp; b" in svg
    assert svg.count('font-weight="bold"') == 2
    assert "<script" not in svg
    assert "style=" not in svg


def test_truth_of_the_city_is_the_mean_of_those_who_know_the_department() -> None:
    city = _city()
    known = ~np.isnan(city.scores[:, 0])
    assert 0.6 < known.mean() < 0.8
    assert city.truth[0] == pytest.approx(city.scores[known, 0].mean(), rel=1e-4)


def test_docs_are_renewed_between_their_marks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulation_outcomes, "DOCS", tmp_path)
    page = tmp_path / "simulation.md"
    marks = "".join(f"before {n}\n<!-- {n} -->\nold\n<!-- /{n} -->\n" for n in NAMES)
    page.write_text(marks + "after\n", "utf-8")
    outcome = Outcome(
        "city", "raked", *(True, True, 9, 0.1, 1.2, 1.1, 1.15, 0.951, 0.004, 0.9, 2.5)
    )
    rank = RankOutcome("city", "Holm", *(True, 9, 0.97, 0.99, 12.5))
    blends = [BlendOutcome("survey", 9, 0.1, 1.5, 1.4), BlendOutcome("poll", 9, 6.0, 6.1, None)]
    write_docs([outcome], [rank], blends)
    once = page.read_text("utf-8")
    write_docs([outcome], [rank], blends)
    assert page.read_text("utf-8") == once
    assert "old" not in once
    assert "| city | **raked** | 0.10 | 1.20 | 1.10 | 1.15 | 95.1 % | 0.4 |" in once
    assert "| city | **Holm** | 97.0 % | 99.0 % | 12.5 |" in once
    assert "| poll | 6.00 | 6.10 | none |" in once
    assert once.startswith("before coverage")
    assert once.endswith("after\n")
    assert "raked" in (tmp_path / "simulation.svg").read_text("utf-8")
    assert (tmp_path / "simulation.csv").read_text("utf-8").count("\n") == 2
