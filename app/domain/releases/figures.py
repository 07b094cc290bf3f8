"""The figures of a release: a function of the definition and the stored responses alone.

Rows may come in any order and from either database; the figures are the same to the byte. Nothing
is suppressed here: that is for disclosure.py. How long it takes depends on the reading; once the
answers are codes, weights and estimates need only cells.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.domain.deduplication.decision import ResponseStatus
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.text import Text
from app.domain.releases.answer_tables import (
    MODES,
    STATUSES,
    TRUSTS,
    AnswerTable,
    TableReader,
)
from app.domain.releases.changes import with_changes
from app.domain.releases.document import (
    FORMAT,
    Counts,
    Dimension,
    Figures,
    IndexFigure,
    Names,
    Period,
    Release,
    Scale,
    Survey,
    Unit,
)
from app.domain.releases.rated_items import RatedItem, class_items
from app.domain.releases.response_rows import Batches, Progress, responses_digest, row_digest
from app.domain.releases.rounding import INDEX_DIGITS, exactly
from app.domain.releases.source_figures import SourceFigures, source_figures
from app.domain.releases.sources import plan_sources

MINIMUM_N = 10
"""Where the definition has no index that could say so."""

Way = tuple[str, str, str]
"""Respondent class, mode, trust level."""


@dataclass(frozen=True, slots=True)
class WaveFacts:
    """Which wave, under which version of its definition, and the days that are released."""

    code: str
    version: str
    period: Period


@dataclass(frozen=True, slots=True)
class HandedOut:
    """What responses can't tell of a way in: permits or forms handed out, and forms void.

    `distributed` is None where nobody hands any out.
    """

    distributed: int | None
    void: int = 0


def compute(
    definition: SurveyDefinition,
    wave: WaveFacts,
    batches: Batches,
    handed_out: Mapping[Way, HandedOut],
    *,
    previous: Release | None = None,
    progress: Progress = lambda _what, _share: None,
) -> Figures:
    """Compute the figures from responses in stretches.

    Of a continuous survey those outside the period don't count; of others all do, also forms that
    were keyed after the last day.
    `previous` is the release to compare with, of an earlier wave or period. `progress` is told of
    the estimating; reading has no end that could be known here. Raises InfeasibleEstimation naming
    source and margin where a declared weighting can't be done.
    """
    tables = read_tables(definition, wave.period, batches)
    return compute_from_tables(
        definition, wave, tables, handed_out, previous=previous, progress=progress
    )


def compute_from_tables(
    definition: SurveyDefinition,
    wave: WaveFacts,
    tables: Mapping[str, AnswerTable],
    handed_out: Mapping[Way, HandedOut],
    *,
    previous: Release | None,
    progress: Progress,
) -> Figures:
    """Compute the figures once all answers are read. Raises as `compute` does."""
    made = _all_sources(definition, tables, progress)
    digests = np.concatenate([table.digests for table in tables.values()])
    least = definition.index.minimum_n if definition.index else MINIMUM_N
    return Figures(
        format=FORMAT,
        wave=wave.code,
        period=wave.period,
        survey=_survey(definition, wave.version),
        responses=responses_digest(digests),
        minimum_n=least,
        departments=_units(definition),
        dimensions=_dimensions(definition),
        scales=_scales(tables),
        counts=_counts(tables, handed_out),
        sources=tuple(one.source for one in made),
        who_answered={one.source.code: one.who_answered for one in made},
        indices=tuple(figure for one in made for figure in _compared(one, previous)),
        distributions=tuple(spread for one in made for spread in one.distributions),
        ranking=tuple(place for one in made for place in one.ranking),
        compared_with=previous.header.release if previous else None,
    )


def read_tables(
    definition: SurveyDefinition, period: Period, batches: Batches
) -> dict[str, AnswerTable]:
    """The answers of each respondent class as codes, by the class's code.

    Takes all responses, of a continuous survey those of the period.
    """
    readers = {
        audience.code: TableReader(definition, class_items(definition, audience))
        for audience in definition.audience.classes
    }
    continuous = definition.audience.collection.continuous
    for batch in batches:
        for row in batch:
            if not continuous or period.first <= row.received_on <= period.last:
                readers[row.respondent_class].add(row, row_digest(row))
    return {code: reader.table() for code, reader in readers.items()}


def _all_sources(
    definition: SurveyDefinition, tables: Mapping[str, AnswerTable], progress: Progress
) -> list[SourceFigures]:
    made = []
    for plan in plan_sources(definition):

        def told(share: float, code: str = plan.code) -> None:
            progress(code, share)

        figures = source_figures(definition, plan, tables[plan.audience.code], told)
        if figures is not None:
            made.append(figures)
    return made


def _compared(made: SourceFigures, previous: Release | None) -> list[IndexFigure]:
    if previous is None:
        return list(made.indices)
    return with_changes(made.source, made.indices, previous)


def _names(text: Text) -> Names:
    return Names(zh=text.zh, en=text.en)


def _survey(definition: SurveyDefinition, version: str) -> Survey:
    survey = definition.survey
    return Survey(
        code=survey.code,
        version=version,
        title=_names(survey.title),
        organiser=_names(survey.organiser),
    )


def _units(definition: SurveyDefinition) -> tuple[Unit, ...]:
    return tuple(
        Unit(code=one.code, group=one.group, name=_names(one.name))
        for one in definition.departments.departments
    )


def _dimensions(definition: SurveyDefinition) -> tuple[Dimension, ...]:
    return tuple(
        Dimension(code=one.code, name=_names(one.name), weight=exactly(one.weight, INDEX_DIGITS))
        for one in (definition.index.dimensions if definition.index else [])
    )


def _scales(tables: Mapping[str, AnswerTable]) -> tuple[Scale, ...]:
    """Every rated item once, in the order in which the classes are asked."""
    items = [i for t in tables.values() for i in (*t.items.items, *t.items.general)]
    return tuple(_scale(item) for item in dict.fromkeys(items))


def _scale(item: RatedItem) -> Scale:
    return Scale(
        question=item.question,
        aspect=item.aspect,
        name=_names(item.name),
        levels=tuple(
            (level.code, _names(level.name), exactly(level.score, INDEX_DIGITS))
            for level in item.levels
        ),
    )


def _counts(
    tables: Mapping[str, AnswerTable], handed_out: Mapping[Way, HandedOut]
) -> tuple[Counts, ...]:
    """By class, mode and trust level, wherever something was handed out or came back."""
    returned: dict[Way, list[int]] = {}
    for code, table in tables.items():
        for mode in range(len(MODES)):
            for trust in range(len(TRUSTS)):
                here = table.status[(table.mode == mode) & (table.trust == trust)]
                if here.size:
                    way = (code, str(MODES[mode]), str(TRUSTS[trust]))
                    returned[way] = np.bincount(here, minlength=len(STATUSES)).tolist()
    return tuple(
        _count(way, returned.get(way, [0] * len(STATUSES)), handed_out.get(way, HandedOut(None)))
        for way in sorted({*returned, *handed_out})
    )


def _count(way: Way, by_status: list[int], handed_out: HandedOut) -> Counts:
    found = dict(zip(STATUSES, by_status, strict=True))
    respondent_class, mode, trust = way
    return Counts(
        respondent_class=respondent_class,
        mode=mode,
        trust=trust,
        distributed=handed_out.distributed,
        returned=sum(by_status) + handed_out.void,
        valid=found[ResponseStatus.COUNTED],
        duplicate=found[ResponseStatus.DUPLICATE],
        set_aside=found[ResponseStatus.SET_ASIDE],
        void=handed_out.void,
    )
