"""Releases made up around given indices, and figures as offices enter them."""

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.versions import content_hash
from app.domain.releases.canonical import canonical_document
from app.domain.releases.document import (
    Figures,
    Header,
    IndexFigure,
    Interval,
    Names,
    Period,
    Release,
    Source,
    State,
    Survey,
    Unit,
)
from app.domain.scoring.evaluation import Material, SignedRelease
from app.domain.scoring.external_evaluation import EnteredBasis
from app.services.resources import Resources
from app.services.waves import Wave
from app.store.releases import (
    PreparedRecord,
    ReleaseRecord,
    insert_prepared,
    insert_release,
    list_releases,
)

AT = datetime.datetime(2026, 12, 1, 9, tzinfo=datetime.UTC)
WORDS = Names(zh="调查", en="Survey")
DIGEST = "0" * 64


@dataclass(frozen=True)
class Sample:
    """The indices of one source by department, and how they were come by."""

    respondent_class: str
    modes: tuple[str, ...]
    indices: Mapping[str, str]
    kind: Literal["probability", "census", "self-selected"] = "probability"
    n: int = 400
    standard_error: str | None = "1"
    degrees_of_freedom: int = 1000

    @property
    def code(self) -> str:
        return f"{self.respondent_class}/{'+'.join(self.modes)}"


def release_of(
    definition: SurveyDefinition,
    samples: Sequence[Sample],
    *,
    wave: str = "wave",
    sequence: int = 1,
    state: State = "final",
) -> Release:
    """Write a release that says these indices and little else."""
    days = Period(first=AT.date(), last=AT.date())
    return Release(
        header=Header(
            release=f"{wave}.{sequence}",
            sequence=sequence,
            state=state,
            published_at=AT,
            previous=None,
            correction=None,
        ),
        figures=Figures(
            format="minyi-release/1",
            wave=wave,
            period=days,
            survey=Survey(
                code=definition.survey.code,
                version=content_hash(definition),
                title=WORDS,
                organiser=WORDS,
            ),
            responses=DIGEST,
            minimum_n=10,
            departments=tuple(
                Unit(code=one.code, group=one.group, name=WORDS)
                for one in definition.departments.departments
            ),
            dimensions=(),
            scales=(),
            counts=(),
            sources=tuple(_source(one) for one in samples),
            who_answered={},
            indices=tuple(
                _index(one, department, value)
                for one in samples
                for department, value in one.indices.items()
            ),
            distributions=(),
            ranking=(),
            compared_with=None,
        ),
    )


def _source(sample: Sample) -> Source:
    return Source(
        code=sample.code,
        respondent_class=sample.respondent_class,
        name=WORDS,
        modes=sample.modes,
        trust=("fieldwork",),
        kind=sample.kind,
        n=sample.n,
        base="equal",
        strata=1,
        primary_units=None,
        degrees_of_freedom=Decimal(sample.degrees_of_freedom),
        variance="element",
        credited_margins=(),
        steps=(),
        notes=(),
    )


def _index(sample: Sample, department: str, value: str) -> IndexFigure:
    shown = None if value == "withheld" else Decimal(value)
    error = None if sample.standard_error is None else Decimal(sample.standard_error)
    interval = None
    if shown is not None and error is not None:
        interval = Interval(
            low=shown - 2 * error, high=shown + 2 * error, level=Decimal("0.95"), method="t"
        )
    return IndexFigure(
        source=sample.code,
        department=department,
        stratum=None,
        trust=None,
        n=None if shown is None else sample.n,
        dont_know=0,
        missing=0,
        effective_n=None,
        value=shown,
        standard_error=error if shown is not None else None,
        interval=interval,
        design_effect=None,
        unweighted=shown,
        with_set_aside=None,
        parts=(),
        change=None,
        flags=(),
        suppressed="minimum-n" if shown is None else None,
    )


def entered(figures: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], EnteredBasis]:
    """Give figures, by department and code, as an office entered them."""
    return {
        key: EnteredBasis(
            figure=key[1],
            value=Decimal(value),
            revision=1,
            entered_by="li.na",
            entered_at=AT,
            reason="",
        )
        for key, value in figures.items()
    }


def material(
    definition: SurveyDefinition,
    samples: Sequence[Sample],
    figures: Mapping[tuple[str, str], str],
    *,
    period: str = "2008",
) -> Material:
    """Put together what an evaluation is made of."""
    release = release_of(definition, samples)
    return Material(
        definition=definition,
        version=content_hash(definition),
        wave="wave",
        period=period,
        releases={"wave": SignedRelease(release, DIGEST)},
        figures=entered(figures),
    )


async def publish_made_up(
    resources: Resources, wave: Wave, samples: Sequence[Sample], *, state: State = "final"
) -> Release:
    """Publish a made-up release of a wave, past the computing and signing of real ones."""
    async with resources.database.writing() as connection:
        sequence = 1 + len(await list_releases(connection, wave.id))
        release = release_of(
            wave.definition, samples, wave=wave.code, sequence=sequence, state=state
        )
        payload = canonical_document(release)
        digest = hashlib.sha256(payload).digest()
        prepared = await insert_prepared(
            connection,
            PreparedRecord(
                id=0,
                wave_id=wave.id,
                first_day=AT.date(),
                last_day=AT.date(),
                after_sequence=sequence - 1,
                digest=digest,
                figures=payload,
                prepared_by="lin",
                prepared_at=AT,
            ),
        )
        await insert_release(
            connection,
            ReleaseRecord(
                wave_id=wave.id,
                sequence=sequence,
                state=state,
                prepared_id=prepared,
                digest=digest,
                payload=payload,
                jws="",
                published_by="wu",
                published_at=AT,
            ),
        )
    return release
