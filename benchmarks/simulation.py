"""How honest the published figures are: repeated samples from a synthetic city.

    python -m benchmarks.simulation            the long form, for releases: 500 samples each
    python -m benchmarks.simulation -n 200     a quick look

Writes docs/simulation.csv, docs/simulation.svg and the tables of docs/simulation.md.
"""

import argparse
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache

import numpy as np
from numpy.typing import NDArray

from app.domain.estimation.columns import Columns
from app.domain.estimation.composites import (
    SampleEstimates,
    blend_with_declared_weight,
    blend_with_least_error,
    shared_correlation,
)
from app.domain.estimation.design import build_design
from app.domain.estimation.estimates import Estimates, estimate
from app.domain.estimation.fay_herriot import predict_with_poll
from app.domain.estimation.propensity import weigh_volunteers
from app.domain.estimation.ranks import rank_departments
from app.domain.estimation.weights import weight
from benchmarks.scenarios import PUBLISHED, SCENARIOS, Analysis, Scenario
from benchmarks.simulation_outcomes import BlendOutcome, Outcome, RankOutcome, write_docs
from benchmarks.synthetic_city import (
    DEPARTMENTS,
    Answers,
    City,
    Response,
    build_city,
    self_selected_poll,
    survey,
)

Floats = NDArray[np.float64]
CITY_SEED = 20101201
POLL_WEIGHT = 5 / 30  # Shenzhen 2010: survey 25 points, poll 5


def simulate(city: City, scenario: Scenario, samples: int, first_seed: int = 0) -> list[Outcome]:
    """Draw the samples of one scenario and judge every analysis by the same draws."""
    designs = [(analysis, analysis.design(city)) for analysis in scenario.analyses]
    found: dict[str, list[Floats]] = {analysis.name: [] for analysis in scenario.analyses}
    for seed in range(first_seed, first_seed + samples):
        answers = survey(
            city, seed, response=scenario.response, points=scenario.points, method=scenario.method
        )
        columns = columns_of(city, answers)
        for analysis, design in designs:
            sample = weight(build_design(columns, design.sample), design.weighting, columns)
            estimates = estimate(sample, design.estimates, columns, design.variance)
            found[analysis.name].append(_intervals(estimates))
    return [
        _judge(scenario, analysis, np.array(found[analysis.name]), city.truth)
        for analysis in scenario.analyses
    ]


def columns_of(city: City, answers: Answers) -> Columns:
    """The respondents as the columns of a data file."""
    rows = answers.rows
    columns: dict[str, Floats] = {
        "point": answers.points.astype(float),
        "base_weight": answers.base_weights,
        "one": np.ones(len(rows)),
        "age": city.age[rows].astype(float),
        "rating": city.rating[rows].astype(float),
        "district": city.district[rows].astype(float),
    }
    for department in range(DEPARTMENTS):
        columns[f"department {department}"] = city.scores[rows, department].astype(float)
    return columns


def _intervals(estimates: Estimates) -> Floats:
    """Rows value, standard error, low, high; one column per department."""
    return np.array(
        [(r.value, r.standard_error, *(r.interval or (np.nan, np.nan))) for r in estimates.records],
        dtype=float,
    ).T


def _judge(scenario: Scenario, analysis: Analysis, found: Floats, truth: Floats) -> Outcome:
    value, error, low, high = np.moveaxis(found, 1, 0)
    covered = (low <= truth) & (truth <= high)
    per_sample = covered.mean(axis=1)
    return Outcome(
        scenario=scenario.name,
        analysis=analysis.name,
        published=analysis.published,
        holds=scenario.holds,
        samples=len(found),
        bias=float(np.abs(value.mean(axis=0) - truth).mean()),
        rmse=float(np.sqrt(((value - truth) ** 2).mean())),
        claimed=float(error.mean()),
        actual=float(value.std(axis=0, ddof=1).mean()),
        coverage=float(covered.mean()),
        noise=float(per_sample.std(ddof=1) / np.sqrt(len(found))),
        worst_department=float(covered.mean(axis=0).min()),
        half_width=float((high - low).mean() / 2),
    )


def simulate_ranks(name: str, city: City, samples: int) -> list[RankOutcome]:
    """Rank intervals from the published estimates: as published, and as if points were plenty."""
    worse = city.truth[:, np.newaxis] < city.truth
    true_ranks = 1 + worse.sum(axis=1)
    freedoms = {"Holm, t on 13 degrees of freedom": None, "bootstrap of the largest t": np.inf}
    found: dict[str, list[tuple[bool, bool, float]]] = {method: [] for method in freedoms}
    for estimates, _ in _published(city, samples):
        for method, freedom in freedoms.items():
            ranking = rank_departments(
                estimates.values,
                estimates.covariance,
                degrees_of_freedom=freedom or float(estimates.degrees_of_freedom.min()),
                draws=500,
            )
            low, high = np.array([(rank.low, rank.high) for rank in ranking.ranks]).T
            covered = bool(((low <= true_ranks) & (true_ranks <= high)).all())
            sound = not (ranking.better & worse).any()
            found[method].append((covered, sound, float((high - low + 1).mean())))
    return [
        RankOutcome(name, method, freedoms[method] is None, samples, *map(float, means))
        for method, means in ((method, np.mean(hits, axis=0)) for method, hits in found.items())
    ]


def simulate_blends(city: City, samples: int) -> list[BlendOutcome]:
    """Survey, self-selected poll, and every way to put them together."""
    errors: dict[str, list[Floats]] = {}
    promises: dict[str, list[Floats]] = {}
    for seed, (estimates, answers) in enumerate(_published(city, samples)):
        volunteers = self_selected_poll(city, seed)
        for name, (value, promise) in _blends(city, estimates, answers, volunteers).items():
            errors.setdefault(name, []).append(value - city.truth)
            if promise is not None:
                promises.setdefault(name, []).append(promise)
    return [
        BlendOutcome(
            name,
            samples,
            bias=float(np.abs(np.mean(error, axis=0)).mean()),
            rmse=float(np.sqrt(np.mean(np.square(error)))),
            promised=float(np.sqrt(np.mean(np.square(promises[name]))))
            if name in promises
            else None,
        )
        for name, error in errors.items()
    ]


def _blends(
    city: City, estimates: Estimates, answers: Answers, volunteers: NDArray[np.intp]
) -> dict[str, tuple[Floats, Floats | None]]:
    probability = SampleEstimates(
        estimates.values, estimates.standard_errors**2, shared_correlation(estimates.covariance)
    )
    scores = city.scores[volunteers].astype(float)
    counts = np.isfinite(scores).sum(axis=0)
    poll = SampleEstimates(np.nanmean(scores, axis=0), np.nanvar(scores, axis=0, ddof=1) / counts)
    declared = blend_with_declared_weight(probability, poll, poll_weight=POLL_WEIGHT)
    best = blend_with_least_error(probability, poll)
    model = predict_with_poll(probability, poll.values)
    weights = weigh_volunteers(
        _by_age_and_rating(city, volunteers),
        _by_age_and_rating(city, answers.rows),
        answers.base_weights,
        by=["age", "rating"],
    ).weights
    known = np.isfinite(scores)
    borrowed = (np.where(known, scores, 0.0).T @ weights) / (known.T @ weights)
    return {
        "survey alone": (probability.values, estimates.standard_errors),
        "poll alone": (poll.values, None),
        "poll with propensity weights": (borrowed, None),
        "declared weight 5 : 25": (declared.values, declared.root_mean_squared_errors),
        "least mean squared error": (best.values, best.root_mean_squared_errors),
        "Fay–Herriot, poll as covariate": (model.values, model.root_mean_squared_errors),
    }


def _by_age_and_rating(city: City, rows: NDArray[np.intp]) -> Columns:
    return {"age": city.age[rows].astype(float), "rating": city.rating[rows].astype(float)}


def _published(city: City, samples: int) -> Iterator[tuple[Estimates, Answers]]:
    """The published estimates of repeated samples, and the answers they were made from."""
    design = PUBLISHED.design(city)
    for seed in range(samples):
        answers = survey(city, seed, response=Response())
        columns = columns_of(city, answers)
        sample = weight(build_design(columns, design.sample), design.weighting, columns)
        yield estimate(sample, design.estimates, columns, design.variance), answers


@cache
def _city(department_spread: float | None = None) -> City:
    """The city of this process; without spread its departments hardly differ."""
    if department_spread is None:
        return build_city(CITY_SEED)
    return build_city(CITY_SEED, department_spread=department_spread)


def _scenario(place: int, samples: int) -> list[Outcome]:
    return simulate(_city(), SCENARIOS[place], samples)


def _ranks(department_spread: float | None, samples: int) -> list[RankOutcome]:
    name = "departments differ" if department_spread is None else "departments hardly differ"
    return simulate_ranks(name, _city(department_spread), samples)


def _blends_found(samples: int) -> list[BlendOutcome]:
    return simulate_blends(_city(), samples)


def main() -> None:
    """Run everything, one process per processor, and write the docs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=500, help="samples of each scenario (500)")
    samples = parser.parse_args().n
    start = time.perf_counter()
    with ProcessPoolExecutor() as pool:
        waiting = [pool.submit(_scenario, place, samples) for place in range(len(SCENARIOS))]
        blends = pool.submit(_blends_found, samples)
        ranks = [pool.submit(_ranks, spread, samples) for spread in (None, 0.0)]
        outcomes = [outcome for task in waiting for outcome in task.result()]
        ranked = [outcome for task in ranks for outcome in task.result()]
        write_docs(outcomes, ranked, blends.result())
    print(f"docs/simulation.md, .csv and .svg are written ({time.perf_counter() - start:.0f} s)")


if __name__ == "__main__":
    main()
