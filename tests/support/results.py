"""Release documents as a city would publish them: Shenzhen 2010 with known, invented truth.

Every figure is drawn from a seeded generator around each department's true index, so that pages
have something realistic to show: two sources, strata, suppressed cells, a previous wave.
"""

import datetime
import hashlib
import math
import random
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path

from sqlalchemy import update

from app.domain.questionnaires.audience import DatesOfMode
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.parsing import parse_definition
from app.domain.questionnaires.text import Text
from app.domain.releases.canonical import canonical_document
from app.domain.releases.document import (
    FORMAT,
    Category,
    Change,
    Correction,
    Counts,
    Dimension,
    Distribution,
    Figures,
    Header,
    IndexFigure,
    Interval,
    Names,
    Part,
    Period,
    Place,
    Predecessor,
    Release,
    Scale,
    SetAside,
    Share,
    Source,
    State,
    Survey,
    Unit,
    WeightingStep,
)
from app.services.resources import Resources
from app.services.waves import create_wave, find_wave
from app.store.definitions import read_folder
from app.store.releases import PreparedRecord, ReleaseRecord, insert_prepared, insert_release
from app.tables import waves

SHENZHEN = Path(__file__).parents[2] / "survey_definitions" / "shenzhen-2010"
PAPER, ONLINE = "sampled-residents/paper", "online-residents/kiosk+web"
SOURCES = {PAPER: (640, 1.1), ONLINE: (150, 2.0)}
"""Respondents per department and the standard error there, by source."""
TINY = "D31"
"""A department that too few people in the e-poll know."""
NOON = datetime.datetime(2011, 1, 20, 4, tzinfo=datetime.UTC)
SPREAD = {2010: 0.0, 2009: -1.8, 2008: -2.6}
"""How far below the truth of 2010 earlier years lie."""


@cache
def shenzhen() -> SurveyDefinition:
    return parse_definition(read_folder(SHENZHEN))


def names(text: Text) -> Names:
    return Names(zh=text.zh, en=text.en)


def number(value: float, places: int = 4) -> Decimal:
    return Decimal(f"{value:.{places}f}")


def truth() -> dict[str, float]:
    """Each department's true index: between 62 and 74, as the published ones of 2008."""
    generator = random.Random(2010)
    codes = [one.code for one in shenzhen().departments.departments]
    return {code: generator.uniform(62.0, 73.9) for code in codes}


def release(
    *,
    year: int = 2010,
    sequence: int = 1,
    state: State = "final",
    correction: Correction | None = None,
) -> Release:
    """Make the release of a wave, `shenzhen-<year>`."""
    wave = f"shenzhen-{year}"
    previous = None
    if sequence > 1:
        previous = Predecessor(release=f"{wave}.{sequence - 1}", digest="c" * 64)
    header = Header(
        release=f"{wave}.{sequence}",
        sequence=sequence,
        state=state,
        published_at=NOON.replace(year=year + 1) + datetime.timedelta(days=sequence),
        previous=previous,
        correction=correction,
    )
    return Release(header=header, figures=figures(year))


@cache
def figures(year: int) -> Figures:
    definition = shenzhen()
    index = definition.index
    assert index is not None
    rows = _indices(year)
    return Figures(
        format=FORMAT,
        wave=f"shenzhen-{year}",
        period=Period(first=datetime.date(year, 12, 1), last=datetime.date(year, 12, 31)),
        survey=Survey(
            code=definition.survey.code,
            version="a" * 64,
            title=names(definition.survey.title),
            organiser=names(definition.survey.organiser),
        ),
        responses="b" * 64,
        minimum_n=10,
        departments=tuple(
            Unit(code=one.code, group=one.group, name=names(one.name))
            for one in definition.departments.departments
        ),
        dimensions=tuple(
            Dimension(code=one.code, name=names(one.name), weight=number(one.weight, 2))
            for one in index.dimensions
        ),
        scales=_scales(definition),
        counts=_counts(),
        sources=_sources(definition),
        who_answered={source: tuple(_who(definition, source)) for source in SOURCES},
        indices=tuple(rows),
        distributions=tuple(_distributions()),
        ranking=tuple(place for source in SOURCES for place in _ranking(rows, source)),
        compared_with=None if year - 1 not in SPREAD else f"shenzhen-{year - 1}.1",
    )


def _scales(definition: SurveyDefinition) -> tuple[Scale, ...]:
    scale = definition.questionnaire.scales["satisfaction"]
    levels = tuple((one.code, names(one.text), Decimal(str(one.score))) for one in scale.levels)
    aspects = next(q for q in definition.questionnaire.questions() if q.code == "ratings").aspects
    return tuple(
        Scale(question="ratings", aspect=one.code, name=names(one.text), levels=levels)
        for one in aspects
    )


def _counts() -> tuple[Counts, ...]:
    def count(who: str, mode: str, trust: str, distributed: int | None, **n: int) -> Counts:
        returned = sum(n.values())
        return Counts(
            respondent_class=who,
            mode=mode,
            trust=trust,
            distributed=distributed,
            returned=returned,
            **n,
        )

    return (
        count("sampled-residents", "paper", "fieldwork", 10207, valid=8964, duplicate=131,
              set_aside=0, void=217),
        count("online-residents", "kiosk", "invited", 400, valid=311, duplicate=9,
              set_aside=0, void=0),
        count("online-residents", "web", "confidential", 702, valid=690, duplicate=12,
              set_aside=0, void=0),
        count("online-residents", "web", "open", None, valid=4120, duplicate=402,
              set_aside=236, void=0),
        count("online-residents", "web", "verified", 1250, valid=1034, duplicate=0,
              set_aside=0, void=0),
    )  # fmt: skip


def _sources(definition: SurveyDefinition) -> tuple[Source, ...]:
    sampled, online = definition.audience.classes
    paper = Source(
        code=PAPER,
        respondent_class=sampled.code,
        name=names(sampled.name),
        modes=("paper",),
        trust=("fieldwork",),
        kind="probability",
        n=8964,
        base="stratum",
        strata=6,
        primary_units=14,
        degrees_of_freedom=Decimal("8.00"),
        variance="linearised",
        credited_margins=(),
        steps=(
            _step("base", 1, 1.4, effective=8100, error=None, low=0.6, high=1.9),
            _step("rake", 7, 1.6, effective=5602, error=1e-9, low=0.4, high=2.3),
            _step("trim", 1, 1.55, effective=5783, error=2e-9, low=0.8, high=1.0),
        ),
        notes=("No margin is credited: 14 survey points carry none.",),
    )
    poll = Source(
        code=ONLINE,
        respondent_class=online.code,
        name=names(online.name),
        modes=("kiosk", "web"),
        trust=("confidential", "invited", "open", "verified"),
        kind="self-selected",
        n=6155,
        base="equal",
        strata=1,
        primary_units=None,
        degrees_of_freedom=Decimal("6154.00"),
        variance="linearised",
        credited_margins=("sex", "age", "residency", "district"),
        steps=(_step("rake", 12, 2.2, effective=2798, error=1e-9, low=0.2, high=4.4),),
        notes=(),
    )
    return (paper, poll)


def _step(
    name: str, rounds: int, deff: float, *, effective: float, error: float | None, low: float,
    high: float,
) -> WeightingStep:  # fmt: skip
    return WeightingStep(
        step=name,
        converged=True,
        rounds=rounds,
        worst_margin_error=None if error is None else number(error, 10),
        smallest_factor=number(low),
        largest_factor=number(high),
        design_effect=number(deff),
        effective_n=number(effective, 1),
        notes=(),
    )


def _who(definition: SurveyDefinition, source: str) -> Iterator[Category]:
    """In the e-poll the young answer, the old don't; on paper it is nearly as it should be."""
    pull = 1.0 if source == ONLINE else 0.25
    n = next(one.n for one in _sources(definition) if one.code == source)
    questions = {q.code: q for q in definition.questionnaire.questions()}
    for margin in definition.sample.margins:
        total = sum(margin.totals.values())
        shares = {code: people / total for code, people in margin.totals.items()}
        tilted = {
            code: share * (1 + pull * (0.6 - i / max(len(shares) - 1, 1)))
            for i, (code, share) in enumerate(shares.items())
        }
        whole = sum(tilted.values())
        labels = {option.code: names(option.text) for option in questions[margin.question].options}
        for code, share in shares.items():
            here = tilted[code] / whole
            hidden = source == ONLINE and code == "pingshan"
            yield Category(
                margin=margin.question,
                category=code,
                name=labels[code],
                population=number(share, 6),
                n=None if hidden else round(n * here),
                unweighted=None if hidden else number(here, 6),
                weighted=None if hidden else number(share, 6),
                suppressed="minimum-n" if hidden else None,
            )


def _indices(year: int) -> list[IndexFigure]:
    generator = random.Random(year)
    rows = []
    strata = [one.code for one in shenzhen().sample.strata]
    trust = ["confidential", "invited", "open", "verified"]
    for source, (n, error) in SOURCES.items():
        for code, centre in truth().items():
            mean = centre + SPREAD[year] + (3.5 if source == ONLINE else 0.0)
            whole = _index(generator, source, code, n=n, error=error, mean=mean, year=year)
            rows.append(whole)
            parts = [(one, None) for one in strata] if source == PAPER else []
            parts += [(None, one) for one in trust] if source == ONLINE else []
            for stratum, level in parts:
                few = n * generator.uniform(0.05, 0.3)
                share = few if whole.suppressed is None else 4
                rows.append(
                    _index(
                        generator,
                        source,
                        code,
                        n=round(share),
                        error=error * (n / share) ** 0.5,
                        mean=mean,
                        year=year,
                        stratum=stratum,
                        trust=level,
                    )
                )
    return rows


def _index(
    generator: random.Random,
    source: str,
    department: str,
    *,
    n: int,
    error: float,
    mean: float,
    year: int,
    stratum: str | None = None,
    trust: str | None = None,
) -> IndexFigure:
    whole = stratum is None and trust is None
    if department == TINY and source == ONLINE:
        n = 6
    n = round(n * generator.uniform(0.8, 1.25))
    value = mean + generator.gauss(0, error * 0.6)
    half = error * (2.306 if source == PAPER else 1.96)
    if n < 10:
        return _hidden(source, department, stratum, trust)
    return IndexFigure(
        source=source,
        department=department,
        stratum=stratum,
        trust=trust,
        n=n,
        dont_know=round(n * 0.08),
        missing=round(n * 0.02),
        effective_n=number(n / 1.55, 1),
        value=number(value),
        standard_error=number(error),
        interval=Interval(
            low=number(value - half),
            high=number(value + half),
            level=Decimal("0.95"),
            method="t",
        ),
        design_effect=number(1.55),
        unweighted=number(value + 0.4),
        with_set_aside=SetAside(n=n + 31, value=number(value + 1.7)) if whole and source == ONLINE
        and department == "D05" else None,
        parts=_parts(value, error),
        change=_change(generator, value, error, year) if whole and year - 1 in SPREAD else None,
        flags=("too-few-respondents",) if n < 30 else (),
        suppressed=None,
    )  # fmt: skip


def _hidden(source: str, department: str, stratum: str | None, trust: str | None) -> IndexFigure:
    nothing: dict[str, None] = dict.fromkeys(
        ("n", "dont_know", "missing", "effective_n", "value", "standard_error", "interval",
         "design_effect", "unweighted", "with_set_aside", "change")
    )  # fmt: skip
    return IndexFigure(
        source=source,
        department=department,
        stratum=stratum,
        trust=trust,
        parts=_parts(None, None),
        flags=(),
        suppressed="minimum-n" if stratum is None else "complementary",
        **nothing,
    )


def _parts(value: float | None, error: float | None) -> tuple[Part, ...]:
    index = shenzhen().index
    assert index is not None
    shifts = (2.0, -2.5, 3.0, -0.833333)
    return tuple(
        Part(
            dimension=one.code,
            value=None if value is None else number(value + shift),
            standard_error=None if error is None else number(error * 1.2),
        )
        for one, shift in zip(index.dimensions, shifts, strict=True)
    )


def _change(generator: random.Random, value: float, error: float, year: int) -> Change:
    difference = SPREAD[year] - SPREAD[year - 1] + generator.gauss(0, error)
    both = error * 2**0.5
    p = math.erfc(abs(difference) / both / 2**0.5)
    return Change(
        release=f"shenzhen-{year - 1}.1",
        value=number(value - difference),
        difference=number(difference),
        standard_error=number(both),
        p=number(p, 6),
        significant=p < 0.05,
    )


def _distributions() -> Iterator[Distribution]:
    generator = random.Random(7)
    levels = [one.code for one in shenzhen().questionnaire.scales["satisfaction"].levels]
    for source, (n, _) in SOURCES.items():
        for department, mean in truth().items():
            for scale in _scales(shenzhen()):
                hidden = source == ONLINE and department == TINY
                shares = _shares(generator, mean, len(levels))
                yield Distribution(
                    source=source,
                    department=department,
                    question=scale.question,
                    aspect=scale.aspect,
                    n=None if hidden else n,
                    shares=()
                    if hidden
                    else tuple(
                        Share(level=level, share=number(share, 6))
                        for level, share in zip(levels, shares, strict=True)
                    ),
                    dont_know=None if hidden else number(generator.uniform(0.04, 0.2), 6),
                    suppressed="minimum-n" if hidden else None,
                )


def _shares(generator: random.Random, mean: float, levels: int) -> list[float]:
    """Spread answers over levels so that content ones lead where the mean is high."""
    good = (mean / 100) * generator.uniform(0.95, 1.05)
    weights = [
        good**2 * 0.6, good * 0.9, 0.45, (1 - good) * 0.7, (1 - good) ** 2 * 0.9
    ]  # fmt: skip
    return [weight / sum(weights[:levels]) for weight in weights[:levels]]


def _ranking(rows: Sequence[IndexFigure], source: str) -> Iterator[Place]:
    whole = [
        row
        for row in rows
        if row.source == source and row.stratum is None and row.trust is None and row.value
    ]
    for row in whole:
        better = [other for other in whole if _above(other, row)]
        worse = [other for other in whole if _above(row, other)]
        apart = {one.department for one in (*better, *worse, row)}
        yield Place(
            source=source,
            department=row.department,
            rank=1 + sum(_value(other) > _value(row) for other in whole),
            best=1 + len(better),
            worst=len(whole) - len(worse),
            like=tuple(sorted(o.department for o in whole if o.department not in apart)),
        )


def _value(row: IndexFigure) -> Decimal:
    assert row.value is not None
    return row.value


def _above(one: IndexFigure, other: IndexFigure) -> bool:
    """Found better, with room for many comparisons."""
    assert one.standard_error is not None
    assert other.standard_error is not None
    error = (one.standard_error**2 + other.standard_error**2).sqrt()
    return _value(one) - _value(other) > Decimal("2.6") * error


def fewer(whole: Release, n: int = 6) -> Release:
    """The same release with the first departments only: every kind of row, a short page."""
    figures = whole.figures
    kept = {one.code for one in figures.departments[: n - 1]} | {TINY}
    own = {
        name: tuple(one for one in getattr(figures, name) if one.department in kept)
        for name in ("indices", "distributions", "ranking")
    }
    units = tuple(one for one in figures.departments if one.code in kept)
    ranking = tuple(
        one.model_copy(update={"like": tuple(sorted(kept & set(one.like)))})
        for one in own["ranking"]
    )
    shown = figures.model_copy(update=own | {"departments": units, "ranking": ranking})
    return whole.model_copy(update={"figures": shown})


async def publish(resources: Resources, *releases: Release) -> None:
    """Put releases where published ones are, each wave under the Shenzhen definition."""
    for one in releases:
        await _make_wave(resources, one)
        wave = await find_wave(resources, one.figures.wave)
        async with resources.database.writing() as connection:
            number = await insert_prepared(connection, _prepared(one, wave.id))
            await insert_release(connection, _record(one, wave.id, number))


async def _make_wave(resources: Resources, one: Release) -> None:
    period = one.figures.period
    days = DatesOfMode(opens=period.first, closes=period.last)
    if one.header.sequence == 1:
        await create_wave(resources, code=one.figures.wave, folder=SHENZHEN, dates=days)
        async with resources.database.writing() as connection:
            code = waves.c.code == one.figures.wave
            await connection.execute(update(waves).where(code).values(state="released"))
        resources.waves.forget()


def _prepared(one: Release, wave_id: int) -> PreparedRecord:
    return PreparedRecord(
        id=0,
        wave_id=wave_id,
        first_day=one.figures.period.first,
        last_day=one.figures.period.last,
        after_sequence=one.header.sequence - 1,
        digest=bytes(32),
        figures=b"{}",
        prepared_by="ana",
        prepared_at=NOON,
    )


def _record(one: Release, wave_id: int, prepared: int) -> ReleaseRecord:
    payload = canonical_document(one)
    return ReleaseRecord(
        wave_id=wave_id,
        sequence=one.header.sequence,
        state=one.header.state,
        prepared_id=prepared,
        digest=hashlib.sha256(payload).digest(),
        payload=payload,
        jws="",
        published_by="root",
        published_at=NOON,
    )
