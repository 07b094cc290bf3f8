"""Population margins as the answers allow them to be used.

Two things would make a declared margin impossible, and a release must not fail by them:

    no answer     whoever left the question out gets a category of their own. Its total is the
                  share of the sample that it has, the other totals shrink in proportion: those
                  who do not say are taken to be spread like the rest, and nobody is left out.
    nobody there  a category that nobody answered is counted together with the next one of the
                  question that somebody did answer, or the one before where there is no next.

What was done stands in the notes of the source.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.domain.estimation.columns import MISSING, Codes, Floats
from app.domain.estimation.steps import Margin as Step
from app.domain.questionnaires.checks.questionnaire import RESERVED
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.model import SingleChoice
from app.domain.questionnaires.text import Text


@dataclass(frozen=True, eq=False)
class PopulationMargin:
    """How many people the population has in each category, in the order of the question."""

    question: str
    categories: tuple[str, ...]
    names: tuple[Text, ...]
    totals: Floats

    @property
    def shares(self) -> Floats:
        """Part of the population in each category."""
        return np.asarray(self.totals / self.totals.sum())


@dataclass(frozen=True, eq=False)
class UsableMargin:
    """A margin that the sample can meet: the category of each cell, and its total."""

    question: str
    codes: Codes
    step: Step
    notes: tuple[str, ...]


def population_size(definition: SurveyDefinition) -> float:
    """How many people the sample speaks for; 0 if the definition does not say."""
    strata = sum(stratum.population for stratum in definition.sample.strata)
    margins = [sum(margin.totals.values()) for margin in definition.sample.margins]
    return float(strata or next(iter(margins), 0.0))


def population_margins(definition: SurveyDefinition) -> list[PopulationMargin]:
    """The declared margins, brought to one population size (they may differ by rounding)."""
    people = population_size(definition)
    names = _category_names(definition)
    margins = []
    for margin in definition.sample.margins:
        known = names[margin.question]
        totals = np.array([float(margin.totals[code]) for code in known])
        margins.append(
            PopulationMargin(
                margin.question,
                tuple(known),
                tuple(known.values()),
                totals * (people / totals.sum()),
            )
        )
    return margins


def _category_names(definition: SurveyDefinition) -> dict[str, dict[str, Text]]:
    names = {
        question.code: {option.code: option.text for option in question.options}
        for question in definition.questionnaire.questions()
        if isinstance(question, SingleChoice)
    }
    return names | {RESERVED: {one.code: one.name for one in definition.sample.strata}}


def usable(margin: PopulationMargin, codes: Codes, mass: Floats) -> UsableMargin | None:
    """Fit a margin to cells with these categories (−1: not said) and base weights.

    None where nobody said anything: then there is nothing to adjust by.
    """
    said = codes != MISSING
    held = np.bincount(codes[said], mass[said], len(margin.totals))
    if not held.any():
        return None
    place = _nearest_answered(held > 0)
    silent = float(mass[~said].sum() / mass.sum())
    totals = np.bincount(place, margin.totals * (1 - silent), len(held) + 1)
    totals[-1] = margin.totals.sum() * silent
    labels = {str(code): float(total) for code, total in enumerate(totals) if total > 0}
    kept = np.append(place, len(held))[codes]  # −1 takes the last: those who did not say
    return UsableMargin(
        margin.question,
        kept,
        Step(by=(margin.question,), totals=labels),
        tuple(_notes(margin, place, silent)),
    )


def _nearest_answered(answered: Sequence[bool] | np.ndarray) -> Codes:
    """Where each category is counted: itself, the next answered one, or the last before it."""
    there = np.flatnonzero(answered)
    after = np.minimum(np.searchsorted(there, np.arange(len(answered))), len(there) - 1)
    return np.asarray(there[after], dtype=np.intp)


def _notes(margin: PopulationMargin, place: Codes, silent: float) -> list[str]:
    notes = [
        f"Margin {margin.question}: nobody answered {margin.categories[at]}; it is counted "
        f"together with {margin.categories[to]}."
        for at, to in enumerate(place.tolist())
        if at != to
    ]
    if silent > 0:
        notes.append(
            f"Margin {margin.question}: {silent:.1%} of the sample did not say; they are taken "
            "to be spread like the others."
        )
    return notes
