"""A city of which everything is known: who lives there, and what it thinks of each department.

For demonstrations and tests of the whole way from answer to index: what comes out can be held
against what went in. Residents are drawn from the population margins that the definition declares,
taken as independent. A resident's opinion of a department is the department's own level, moved by
what the resident is (young people are harsher than old ones, and so on) and by one's temper. Each
answer is the level of the scale that is nearest to opinion plus noise.
"""

import itertools
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.model import Scale

NOISE = 0.2
TEMPER = 0.1
SPREAD_OF_EFFECTS = 0.12
LOWEST, HIGHEST = 0.5, 0.85


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody with answers to the questions about oneself, and a temper."""

    facts: Mapping[str, str]
    temper: float


class SyntheticCity:
    """The residents and opinions of a definition's population; the generator spreads the levels."""

    def __init__(self, definition: SurveyDefinition, generator: random.Random) -> None:
        self.definition = definition
        self.margins = {
            margin.question: dict(margin.totals)
            for margin in (definition.sample.margins if definition.sample else [])
        }
        self._effects = {question: _centred(totals) for question, totals in self.margins.items()}
        codes = [department.code for department in definition.departments.departments]
        levels = [
            LOWEST + (HIGHEST - LOWEST) * at / max(len(codes) - 1, 1) for at in range(len(codes))
        ]
        generator.shuffle(levels)
        self.levels = dict(zip(codes, levels, strict=True))

    def resident(
        self,
        generator: random.Random,
        *,
        among: Mapping[str, Sequence[str]] | None = None,
        drawn_to: Mapping[str, Mapping[str, float]] | None = None,
    ) -> Resident:
        """Draw a resident, `among` those with the facts named.

        `drawn_to` makes some categories likelier than their share: who likes to answer.
        """
        facts = {}
        for question, totals in self.margins.items():
            allowed = (among or {}).get(question, list(totals))
            appeal = (drawn_to or {}).get(question, {})
            shares = [totals[code] * appeal.get(code, 1.0) for code in allowed]
            facts[question] = generator.choices(allowed, shares)[0]
        return Resident(facts, generator.gauss(0, TEMPER))

    def opinion(self, resident: Resident, department: str | None) -> float:
        """Give what a resident thinks of a department, or of the government (None), 0 to 1."""
        return self._level(department) + self._effect(resident.facts) + resident.temper

    def truth(self, scale: Scale) -> dict[str, float]:
        """Compute each department's index had everybody answered: the mean score, exactly."""
        return {code: self._mean_score(level, scale) for code, level in self.levels.items()}

    def _level(self, department: str | None) -> float:
        if department is None:
            return sum(self.levels.values()) / len(self.levels)
        return self.levels[department]

    def _effect(self, facts: Mapping[str, str]) -> float:
        return sum(self._effects[question][code] for question, code in facts.items())

    def _mean_score(self, level: float, scale: Scale) -> float:
        return sum(
            share * _expected_score(level + effect, scale) for effect, share in self._everybody
        )

    @cached_property
    def _everybody(self) -> list[tuple[float, float]]:
        """Each combination of categories: its effect and its share of the population."""
        parts = [
            [(self._effects[q][code], n / sum(totals.values())) for code, n in totals.items()]
            for q, totals in self.margins.items()
        ]
        return [
            (sum(effect for effect, _ in one), math.prod(share for _, share in one))
            for one in itertools.product(*parts)
        ]


def _centred(totals: Mapping[str, float]) -> dict[str, float]:
    """Effects from harsh to mild in the order of the categories, zero on average."""
    last = max(len(totals) - 1, 1)
    effects = {code: SPREAD_OF_EFFECTS * (at / last) for at, code in enumerate(totals)}
    mean = sum(effects[code] * n for code, n in totals.items()) / sum(totals.values())
    return {code: effect - mean for code, effect in effects.items()}


def _expected_score(opinion: float, scale: Scale) -> float:
    """The mean of the nearest level's score under normal temper and noise."""
    levels = sorted(scale.levels, key=lambda level: level.score)
    spread = 100 * math.hypot(TEMPER, NOISE)
    steps = [
        (above.score - below.score, (above.score + below.score) / 2)
        for below, above in itertools.pairwise(levels)
    ]
    return levels[0].score + sum(
        rise * _above(threshold, 100 * opinion, spread) for rise, threshold in steps
    )


def _above(threshold: float, mean: float, spread: float) -> float:
    return 0.5 * math.erfc((threshold - mean) / (spread * math.sqrt(2)))
