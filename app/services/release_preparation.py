"""Preparing a release: figures computed, disclosure controlled, kept for a second person.

Nothing is prepared, so nothing computed is seen by anybody, before the wave is closed (a continuous
wave: before the period is over).
"""

import asyncio
import dataclasses
import datetime
import hashlib

from app.domain.releases.canonical import canonical_document
from app.domain.releases.chain import same_period
from app.domain.releases.disclosure import control
from app.domain.releases.document import Figures, Period, Release
from app.domain.releases.response_rows import Progress
from app.domain.rights.rights import Act, Actor, require_right
from app.domain.waves.life_cycle import WaveState
from app.errors.releases import ReleaseNotFound
from app.errors.staff import UnderEmbargo
from app.services import audit
from app.services.release_figures import compute_figures
from app.services.releases import chain_of, published_releases
from app.services.resources import Resources
from app.services.waves import Wave
from app.store import releases as store
from app.store.releases import PreparedRecord


def silent(_what: str, _share: float) -> None:
    """Tell nobody about the progress."""


async def prepare_release(
    resources: Resources,
    actor: Actor,
    wave: Wave,
    *,
    period: Period | None = None,
    progress: Progress = silent,
) -> PreparedRecord:
    """Compute what may be published and keep it until somebody else publishes it.

    Raises NotAllowed, UnderEmbargo, InvalidInput on field `period`, InfeasibleEstimation, and
    ReleaseRefused where the days overlap with those of another release.
    """
    require_right(actor, Act.PREPARE_RELEASES)
    require_over(wave, period, resources.now())
    chain = await chain_of(resources, wave)
    previous = await _compared_with(resources, wave, period)
    figures = await compute_figures(resources, wave, period, previous, progress)
    earlier = [link.release.figures for link in same_period(chain, figures)]
    controlled = await asyncio.to_thread(control, figures, earlier)
    content = await asyncio.to_thread(canonical_document, controlled)
    record = PreparedRecord(
        id=0,
        wave_id=wave.id,
        first_day=controlled.period.first,
        last_day=controlled.period.last,
        after_sequence=len(chain),
        digest=hashlib.sha256(content).digest(),
        figures=content,
        prepared_by=actor.name,
        prepared_at=resources.now(),
    )
    return await _keep(resources, wave, record)


def require_over(wave: Wave, period: Period | None, now: datetime.datetime) -> None:
    """Raise UnderEmbargo while answers can still come in for the wave or period."""
    if wave.state in (WaveState.CLOSED, WaveState.RELEASED):
        return
    continuous = wave.definition.audience.collection.continuous
    if not continuous or (period is not None and period.last >= wave.survey.local_date(now)):
        raise UnderEmbargo


async def _compared_with(resources: Resources, wave: Wave, period: Period | None) -> Release | None:
    """Find the newest release of the last wave or period of the same survey before this one."""
    local = wave.survey.local_date
    first = period.first if period else min(local(one.opens_at) for one in wave.dates.values())
    before = [
        one
        for one in await published_releases(resources)
        if one.figures.survey.code == wave.definition.survey.code
        and one.figures.period.last < first
    ]
    return max(before, key=lambda one: (one.figures.period.last, one.header.sequence), default=None)


async def _keep(resources: Resources, wave: Wave, record: PreparedRecord) -> PreparedRecord:
    async with resources.database.writing() as connection:
        number = await store.insert_prepared(connection, record)
        await audit.record(
            connection,
            resources,
            by=record.prepared_by,
            act="release.prepared",
            object_=f"wave:{wave.code}",
            prepared=str(number),
            digest=record.digest.hex(),
        )
    return dataclasses.replace(record, id=number)


async def find_prepared(
    resources: Resources, actor: Actor, wave: Wave, number: int | None = None
) -> PreparedRecord:
    """Find what was prepared for a wave, the last by default.

    Raises NotAllowed and ReleaseNotFound.
    """
    require_right(actor, Act.PREPARE_RELEASES)
    async with resources.database.reading() as connection:
        found = (
            await store.newest_prepared(connection, wave.id)
            if number is None
            else await store.find_prepared(connection, wave.id, number)
        )
    if found is None:
        raise ReleaseNotFound
    return found


def read_figures(record: PreparedRecord) -> Figures:
    """Give the figures that were prepared."""
    return Figures.model_validate_json(record.figures)
