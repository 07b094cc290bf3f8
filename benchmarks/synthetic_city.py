"""A city that does not exist: every resident, what they think of forty departments, who answers.

Residents live in 400 neighbourhoods of nine equal districts. Satisfaction depends on age, on the
rating that a resident gave after the last visit to a service hall (known for everybody from the
hall's records), on neighbourhood and district, and on a general mood that nobody records. Each
resident knows about 70 % of the departments. The figures are invented; what matters is that age,
rating, mood and neighbourhood move both the answers and the chance of answering.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.domain.sampling.selection import Method, Unit, draw

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

DISTRICTS = 9
NEIGHBOURHOODS = 396
DEPARTMENTS = 40
SCORES = np.array([0.0, 30.0, 60.0, 80.0, 100.0])  # from very dissatisfied to very satisfied
THRESHOLDS = (-1.3, -0.6, 0.2, 0.9)
AGES = ("18-24", "25-34", "35-44", "45-59", "60+")
RATINGS = ("no visit", "satisfied", "dissatisfied")


@dataclass(frozen=True)
class Response:
    """Log-odds of answering: by age, by recorded rating, and per unit of unrecorded mood."""

    constant: float = -0.2
    age: tuple[float, ...] = (-0.6, -0.3, 0.0, 0.3, 0.6)
    rating: tuple[float, ...] = (0.0, 0.5, -0.4)
    mood: float = 0.0


@dataclass(frozen=True, eq=False)
class City:
    """Every resident, one row each, and the truth about every department.

    `scores` (residents, departments) are 0 … 100, NaN where the department is not known.
    """

    district: Codes
    neighbourhood: Codes
    age: Codes
    rating: Codes
    mood: Floats
    scores: NDArray[np.float32]

    @cached_property
    def truth(self) -> Floats:
        """Mean score of each department among the residents who know it."""
        return np.asarray(np.nanmean(self.scores, axis=0, dtype=np.float64))

    @property
    def first_resident(self) -> Codes:
        """Row of the first resident of each neighbourhood, and the number of rows at the end."""
        return np.searchsorted(self.neighbourhood, np.arange(NEIGHBOURHOODS + 1))

    def margin(self, codes: Codes) -> Floats:
        return np.bincount(codes).astype(float)


def build_city(
    seed: int,
    *,
    size: float = 1.0,
    department_spread: float = 0.25,
    neighbourhood_spread: float = 0.15,
    district_spread: float = 0.09,
) -> City:
    """Make a city of about 690,000 × `size` residents; spreads are on the scale of feelings."""
    generator = np.random.default_rng(seed)
    sizes = (generator.lognormal(np.log(1400 * size), 0.35, NEIGHBOURHOODS) + 300 * size).astype(
        int
    )
    neighbourhood = np.repeat(np.arange(NEIGHBOURHOODS), sizes)
    district = neighbourhood // (NEIGHBOURHOODS // DISTRICTS)
    age = _categories(generator, (0.14, 0.27, 0.24, 0.21, 0.14), neighbourhood, concentration=40)
    rating = _categories(generator, (0.55, 0.30, 0.15), neighbourhood, concentration=60)
    mood = generator.normal(size=len(age))
    shared = (
        np.array([-0.25, -0.15, 0.0, 0.15, 0.3])[age]
        + np.array([0.0, 0.45, -0.8])[rating]
        + generator.normal(0, neighbourhood_spread, NEIGHBOURHOODS)[neighbourhood]
        + generator.normal(0, district_spread, DISTRICTS)[district]
        + 0.5 * mood
    )
    scores = np.empty((len(age), DEPARTMENTS), dtype=np.float32)
    for department in range(DEPARTMENTS):
        level = generator.normal(0.3, department_spread)
        local = generator.normal(0, 0.6 * neighbourhood_spread, NEIGHBOURHOODS)[neighbourhood]
        feeling = level + shared + local + generator.normal(0, 0.8, len(age))
        scores[:, department] = SCORES[np.searchsorted(THRESHOLDS, feeling)]
        scores[generator.random(len(age)) < 0.3, department] = np.nan
    return City(district, neighbourhood, age, rating, mood, scores)


def _categories(
    generator: np.random.Generator,
    shares: tuple[float, ...],
    neighbourhood: Codes,
    *,
    concentration: float,
) -> Codes:
    """A category per resident; the mix differs from neighbourhood to neighbourhood."""
    mixes = generator.dirichlet(np.array(shares) * concentration, NEIGHBOURHOODS)
    bounds = np.cumsum(mixes, axis=1)[neighbourhood]
    return np.asarray((generator.random(len(bounds))[:, np.newaxis] > bounds[:, :-1]).sum(axis=1))


@dataclass(frozen=True, eq=False)
class Answers:
    """The respondents of one sample: rows of the city, their points and base weights."""

    rows: Codes
    points: Codes
    base_weights: Floats


def survey(
    city: City,
    seed: int,
    *,
    response: Response,
    points: int = 14,
    asked: int = 700,
    method: Method = "sampford",
) -> Answers:
    """Draw survey points in proportion to their size, ask people there, see who answers."""
    generator = np.random.default_rng((seed, 1))
    first = city.first_resident
    order = _shuffled_within_districts(generator)
    frame = [Unit(str(i), int(first[i + 1] - first[i])) for i in order]
    rows, weights = [], []
    for drawn in draw(frame, points, method=method, seed=f"simulation {seed}"):
        people = first[order[drawn.position]] + generator.permutation(drawn.unit.size)[:asked]
        probability = drawn.inclusion_probability * len(people) / drawn.unit.size
        people = people[generator.random(len(people)) < _chance(city, people, response)]
        rows.append(people)
        weights.append(np.full(len(people), 1 / probability))
    chosen = np.concatenate(rows)
    return Answers(chosen, city.neighbourhood[chosen], np.concatenate(weights))


def _shuffled_within_districts(generator: np.random.Generator) -> Codes:
    """Neighbourhoods in an order that spreads a systematic draw over districts, and no further."""
    shuffled = generator.permutation(NEIGHBOURHOODS)
    return shuffled[np.argsort(shuffled // (NEIGHBOURHOODS // DISTRICTS), kind="stable")]


def _chance(city: City, rows: Codes, response: Response) -> Floats:
    log_odds = (
        response.constant
        + np.array(response.age)[city.age[rows]]
        + np.array(response.rating)[city.rating[rows]]
        + response.mood * city.mood[rows]
    )
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def self_selected_poll(city: City, seed: int, *, expected: int = 6000) -> Codes:
    """Rows of the residents who come to an open online poll: young, and those in a bad mood."""
    generator = np.random.default_rng((seed, 2))
    young = Response(constant=0.0, age=(1.0, 0.8, 0.2, -0.5, -1.2), mood=-0.5)
    chance = _chance(city, np.arange(len(city.age)), replace(young, constant=-4.0))
    return np.flatnonzero(generator.random(len(chance)) < chance * expected / chance.sum())
