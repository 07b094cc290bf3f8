"""Figures of an invented town, computed plainly from people one can name: nothing is hidden yet.

One class rates departments on two items, all weights equal, so that every mean is that of the
people listed and what an attacker works out can be held against them.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby

from app.domain.releases.document import (
    Category,
    Counts,
    Dimension,
    Distribution,
    Figures,
    IndexFigure,
    Interval,
    Names,
    Part,
    Period,
    Place,
    Scale,
    SetAside,
    Share,
    Source,
    Survey,
    Unit,
)

SOURCE = "residents/web+paper"
MODES = ("paper", "web")
TRUST = {"paper": "fieldwork", "web": "open"}
ITEMS = ("attitude", "speed")
LEVELS = {"bad": 0, "fair": 50, "good": 100}
MINIMUM = 10


@dataclass(frozen=True)
class Person:
    """Somebody who answered: department → level by item; a department not rated is not there."""

    stratum: str
    mode: str
    sex: str
    levels: dict[str, tuple[str, str]] = field(default_factory=dict)
    set_aside: bool = False

    @property
    def trust(self) -> str:
        return TRUST[self.mode]

    def score(self, department: str) -> Decimal:
        return sum((Decimal(LEVELS[one]) for one in self.levels[department]), Decimal(0)) / 2


def a_town(
    seed: int,
    *,
    n: int = 200,
    departments: int = 6,
    strata: Sequence[float] = (0.5, 0.3, 0.15, 0.05),
    rated: float = 0.5,
) -> list[Person]:
    """Draw people of uneven strata who rate uneven numbers of departments."""
    draw = random.Random(seed)
    share = [rated * (k + 1) / departments for k in range(departments)]
    codes = [f"s{k}" for k in range(len(strata))]
    return [
        Person(
            stratum=draw.choices(codes, strata)[0],
            mode=draw.choices(MODES, (0.1, 0.9))[0],
            sex=draw.choices(("f", "m", "x"), (0.5, 0.48, 0.02))[0],
            levels={
                f"D{k}": (draw.choice([*LEVELS]), draw.choice([*LEVELS]))
                for k in range(departments)
                if draw.random() < share[k]
            },
        )
        for _ in range(n)
    ]


def figures_of(people: Sequence[Person], *, departments: int = 6) -> Figures:
    """Compute all that a release of these people says, before disclosure control."""
    codes = [f"D{k}" for k in range(departments)]
    counted = [one for one in people if not one.set_aside]
    strata = sorted({one.stratum for one in people})
    indices = [
        _index([one for one in people if keep(one)], code, stratum, trust)
        for code in codes
        for stratum, trust, keep in _groups(strata)
    ]
    return Figures(
        format="minyi-release/1",
        wave="town",
        period=Period(first=date(2026, 11, 1), last=date(2026, 11, 30)),
        survey=Survey(code="town", version="0" * 64, title=_names("Town"), organiser=_names("T")),
        responses=f"{len(counted):064x}",
        minimum_n=MINIMUM,
        departments=tuple(Unit(code=c, group="bureaus", name=_names(c)) for c in codes),
        dimensions=(Dimension(code="service", name=_names("Service"), weight=Decimal(1)),),
        scales=tuple(
            Scale(
                question="rating",
                aspect=item,
                name=_names(item),
                levels=tuple((k, _names(k), Decimal(v)) for k, v in LEVELS.items()),
            )
            for item in ITEMS
        ),
        counts=tuple(_counts(people, mode) for mode in MODES),
        sources=(_source(len(counted), len(strata)),),
        who_answered={SOURCE: _who_answered(counted, strata)},
        indices=tuple(indices),
        distributions=tuple(_distribution(counted, c, k) for c in codes for k in range(2)),
        ranking=_ranking(indices),
        compared_with=None,
    )


def _names(text: str) -> Names:
    return Names(zh=text, en=text)


def _groups(
    strata: Sequence[str],
) -> Iterator[tuple[str | None, str | None, Callable[[Person], bool]]]:
    yield None, None, lambda one: True
    for code in strata:
        yield code, None, lambda one, code=code: one.stratum == code
    for mode in MODES:
        yield None, TRUST[mode], lambda one, mode=mode: one.mode == mode


def _mean(scores: Sequence[Decimal]) -> Decimal | None:
    return (sum(scores, Decimal(0)) / len(scores)).quantize(Decimal("0.0001")) if scores else None


def _index(
    people: Sequence[Person], code: str, stratum: str | None, trust: str | None
) -> IndexFigure:
    rated = [one for one in people if code in one.levels]
    scores = [one.score(code) for one in rated if not one.set_aside]
    everybody = _mean([one.score(code) for one in rated])
    value = _mean(scores)
    error = Decimal("1.2345")
    return IndexFigure(
        source=SOURCE,
        department=code,
        stratum=stratum,
        trust=trust,
        n=len(scores),
        dont_know=sum(not one.set_aside for one in people) - len(scores),
        missing=0,
        effective_n=Decimal(len(scores)),
        value=value,
        standard_error=error if scores else None,
        interval=None if value is None else _interval(value, 2 * error),
        design_effect=Decimal(1),
        unweighted=value,
        with_set_aside=SetAside(n=len(rated), value=everybody)
        if everybody is not None and len(rated) > len(scores)
        else None,
        parts=(Part(dimension="service", value=value, standard_error=error),),
        change=None,
        flags=("below-30",) if len(scores) < 30 else (),
        suppressed=None,
    )


def _interval(value: Decimal, half: Decimal) -> Interval:
    return Interval(low=value - half, high=value + half, level=Decimal("0.95"), method="t")


def _distribution(people: Sequence[Person], code: str, item: int) -> Distribution:
    given = sorted(one.levels[code][item] for one in people if code in one.levels)
    counts = {level: len(list(group)) for level, group in groupby(given)}
    return Distribution(
        source=SOURCE,
        department=code,
        question="rating",
        aspect=ITEMS[item],
        n=len(given),
        shares=tuple(
            Share(level=k, share=_share(counts.get(k, 0), len(given))) for k in LEVELS if given
        ),
        dont_know=_share(len(people) - len(given), len(people)),
        suppressed=None,
    )


def _share(part: int, of: int) -> Decimal:
    return (Decimal(part) / of).quantize(Decimal("0.000001")) if of else Decimal(0)


def _counts(people: Sequence[Person], mode: str) -> Counts:
    here = [one for one in people if one.mode == mode]
    aside = sum(one.set_aside for one in here)
    return Counts(
        respondent_class="residents",
        mode=mode,
        trust=TRUST[mode],
        distributed=None,
        returned=len(here),
        valid=len(here) - aside,
        duplicate=0,
        set_aside=aside,
        void=0,
    )


def _source(n: int, strata: int) -> Source:
    return Source(
        code=SOURCE,
        respondent_class="residents",
        name=_names("Residents"),
        modes=MODES,
        trust=tuple(TRUST[mode] for mode in MODES),
        kind="self-selected",
        n=n,
        base="equal",
        strata=strata,
        primary_units=None,
        degrees_of_freedom=max(n - strata, 0),
        variance="linearised",
        credited_margins=(),
        steps=(),
        notes=(),
    )


def _who_answered(people: Sequence[Person], strata: Sequence[str]) -> tuple[Category, ...]:
    tables = {"stratum": strata, "sex": ("f", "m", "x")}
    return tuple(
        _category(people, margin, category, len(codes))
        for margin, codes in tables.items()
        for category in codes
    )


def _category(people: Sequence[Person], margin: str, category: str, of: int) -> Category:
    n = sum(getattr(one, margin) == category for one in people)
    return Category(
        margin=margin,
        category=category,
        name=_names(category),
        population=_share(1, of),
        n=n,
        unweighted=_share(n, len(people)),
        weighted=_share(n, len(people)),
        suppressed=None,
    )


def _ranking(indices: Sequence[IndexFigure]) -> tuple[Place, ...]:
    whole = [one for one in indices if one.stratum is None and one.trust is None and one.n]
    ordered = sorted(whole, key=lambda one: -(one.value or 0))
    codes = [one.department for one in ordered]
    return tuple(
        Place(
            source=SOURCE,
            department=code,
            rank=place,
            best=max(1, place - 1),
            worst=min(len(codes), place + 1),
            like=tuple(codes[max(0, place - 2) : place - 1] + codes[place : place + 1]),
        )
        for place, code in enumerate(codes, 1)
    )
