"""How answers are spread, and who gave them: distributions of items, respondents by margin."""

from collections.abc import Iterator

import numpy as np

from app.domain.estimation.columns import MISSING, Codes, Floats
from app.domain.questionnaires.checks.questionnaire import RESERVED
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.releases.department_estimates import DepartmentRows
from app.domain.releases.document import Category, Distribution, Names, Share
from app.domain.releases.population import PopulationMargin, population_margins
from app.domain.releases.rated_items import RatedItem
from app.domain.releases.rounding import SHARE_DIGITS, exactly, rounded
from app.domain.releases.source_weights import WeightedSource


def distributions(rows: DepartmentRows, source: str, department: str) -> Iterator[Distribution]:
    """The answers to every item about a department."""
    table = rows.source.table
    mass = rows.sample.mass * rows.multiplier
    asked = rows.asked
    patterns = rows.pattern[asked]
    for at, item in enumerate(table.items.items):
        codes = table.patterns[patterns, at].astype(np.intp)
        weights = (rows.counts[asked], mass[asked])
        yield _distribution((source, department), item, codes, *weights)


def general_distributions(source: WeightedSource, code: str) -> Iterator[Distribution]:
    """The answers to every rating of the city as a whole."""
    people = np.ones(source.table.rows)
    for item, codes in zip(source.table.items.general, source.table.general, strict=True):
        yield _distribution((code, None), item, codes.astype(np.intp), people, source.weights)


def _distribution(
    of: tuple[str, str | None],
    item: RatedItem,
    codes: Codes,
    people: Floats,
    mass: Floats,
) -> Distribution:
    """`of`: source and department. Code −1 is no answer, that after the last level "don't know"."""
    width = item.dont_know + 2
    weighted = np.bincount(codes + 1, mass, width)[1:]
    counted = np.bincount(codes + 1, people, width)[1:]
    rated, said = weighted[:-1].sum(), weighted.sum()
    shares = weighted[:-1] / rated if rated > 0 else np.zeros(0)
    return Distribution(
        source=of[0],
        department=of[1],
        question=item.question,
        aspect=item.aspect,
        n=int(counted[:-1].sum()),
        shares=tuple(
            Share(level=level.code, share=exactly(share, SHARE_DIGITS))
            for level, share in zip(item.levels, shares.tolist(), strict=False)
        ),
        dont_know=rounded(weighted[-1] / said if said > 0 else None, SHARE_DIGITS),
        suppressed=None,
    )


def who_answered(definition: SurveyDefinition, source: WeightedSource) -> tuple[Category, ...]:
    """Respondents by the declared margins that the class was asked about."""
    categories: list[Category] = []
    for margin in population_margins(definition):
        codes = source.table.choices.get(margin.question)
        if margin.question == RESERVED:
            codes = source.table.stratum
        if codes is not None and (codes != MISSING).any():
            categories += _categories(margin, codes.astype(np.intp), source.weights)
    return tuple(categories)


def _categories(margin: PopulationMargin, codes: Codes, weights: Floats) -> Iterator[Category]:
    """Shares are of those who answered the question."""
    said = codes != MISSING
    people = np.bincount(codes[said], minlength=len(margin.categories))
    mass = np.bincount(codes[said], weights[said], len(margin.categories))
    for at, category in enumerate(margin.categories):
        yield Category(
            margin=margin.question,
            category=category,
            name=Names(zh=margin.names[at].zh, en=margin.names[at].en),
            population=exactly(float(margin.shares[at]), SHARE_DIGITS),
            n=int(people[at]),
            unweighted=exactly(float(people[at] / people.sum()), SHARE_DIGITS),
            weighted=exactly(float(mass[at] / mass.sum()), SHARE_DIGITS),
            suppressed=None,
        )
