"""The figures of a wave from its stored responses, before disclosure control.

The responses are read in one transaction that sees one state; it is over before anything is
estimated. Decoding and estimating run in a thread, so that the event loop goes on serving.
"""

import asyncio
import datetime
from collections.abc import AsyncIterator, Iterator, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.paper.balance import Balance, balance
from app.domain.questionnaires.audience import Mode, Trust
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.releases.document import Figures, Period, Release
from app.domain.releases.figures import (
    HandedOut,
    WaveFacts,
    Way,
    compute_from_tables,
    read_tables,
)
from app.domain.releases.response_rows import Progress, ResponseRow
from app.domain.waves.life_cycle import WaveState
from app.errors import Fault, InvalidInput
from app.services.resources import Resources
from app.services.waves import Wave
from app.store.paper_fieldwork import list_batches
from app.store.paper_forms import count_forms
from app.store.participation import count_responses
from app.store.permits import count_permits
from app.store.responses import stream_rows
from app.store.roll import count_classes
from app.store.waves import list_transitions

READING = "responses"


def _silent(_what: str, _share: float) -> None:
    """Tell nobody."""


async def compute_figures(
    resources: Resources,
    wave: Wave,
    period: Period | None = None,
    previous: Release | None = None,
    progress: Progress = _silent,
) -> Figures:
    """Compute all figures of a wave, or of a period of a continuous one.

    `previous` is the release to compare with. `progress` is called from another thread with what is
    being done (`responses`, then the code of each source) and which part of it is done. Raises
    InvalidInput where the period is missing or out of place, and InfeasibleEstimation where a
    declared weighting can't be done.
    """
    facts = WaveFacts(wave.code, wave.definition_hash, await released_days(resources, wave, period))
    async with resources.database.snapshot() as connection:
        handed_out = await count_handed_out(connection, wave)
        total = sum(one.n for one in await count_responses(connection, wave.id))
        batches = _batches(_stretches(connection, wave, facts.period), total, progress)
        tables = await asyncio.to_thread(read_tables, wave.definition, facts.period, batches)
    return await asyncio.to_thread(
        compute_from_tables,
        wave.definition,
        facts,
        tables,
        handed_out,
        previous=previous,
        progress=progress,
    )


async def released_days(resources: Resources, wave: Wave, wanted: Period | None) -> Period:
    """The days released: those asked for of a continuous wave, else all on which it was open."""
    if wave.definition.audience.collection.continuous:
        if wanted is None or wanted.first > wanted.last:
            rule = "A continuous wave is released by period: name its first and last day"
            raise InvalidInput(rule, faults=[Fault("period", "required", rule)])
        return wanted
    if wanted is not None:
        rule = "Only a continuous wave is released by period"
        raise InvalidInput(rule, faults=[Fault("period", "not-offered", rule)])
    local = wave.survey.local_date
    ends = [one.closes_at for one in wave.dates.values() if one.closes_at is not None]
    first = min(local(one.opens_at) for one in wave.dates.values())
    last = max(local(end - datetime.timedelta(microseconds=1)) for end in ends)
    async with resources.database.reading() as connection:
        closed = [
            local(one.at)
            for one in await list_transitions(connection, wave.id)
            if one.to_state is WaveState.CLOSED
        ]
    return Period(first=first, last=max(first, min([last, *closed])))


def _stretches(
    connection: AsyncConnection, wave: Wave, period: Period
) -> AsyncIterator[Sequence[ResponseRow]]:
    if wave.definition.audience.collection.continuous:
        return stream_rows(connection, wave.id, period.first, period.last)
    return stream_rows(connection, wave.id, datetime.date.min, datetime.date.max)


def _batches(
    stretches: AsyncIterator[Sequence[ResponseRow]], total: int, progress: Progress
) -> Iterator[Sequence[ResponseRow]]:
    """Let a thread go through what the event loop reads, one stretch ahead."""
    loop = asyncio.get_running_loop()

    async def read() -> Sequence[ResponseRow]:
        return await anext(stretches, [])

    def batches() -> Iterator[Sequence[ResponseRow]]:
        done = 0
        coming = asyncio.run_coroutine_threadsafe(read(), loop)
        while batch := coming.result():
            coming = asyncio.run_coroutine_threadsafe(read(), loop)
            yield batch
            done += len(batch)
            progress(READING, done / max(done, total))

    return batches()


async def count_handed_out(connection: AsyncConnection, wave: Wave) -> dict[Way, HandedOut]:
    """Permits and forms handed out. A continuous wave hands out for all periods together."""
    if wave.definition.audience.collection.continuous:
        return {}
    return {
        **await _letters(connection, wave.id),
        **await _draws(connection, wave),
        **await _forms(connection, wave.id),
    }


async def _letters(connection: AsyncConnection, wave_id: int) -> dict[Way, HandedOut]:
    """Invitations that were not revoked."""
    letters: dict[Way, int] = {}
    for one in await count_permits(connection, wave_id):
        if one.trust is Trust.INVITED and one.state != "revoked":
            way = (one.respondent_class, str(one.mode), str(one.trust))
            letters[way] = letters.get(way, 0) + one.n
    return {way: HandedOut(n) for way, n in letters.items()}


async def _draws(connection: AsyncConnection, wave: Wave) -> dict[Way, HandedOut]:
    """Permits drawn after an identity check; the roll does not keep by which mode."""
    drawn = await count_classes(connection, wave.id, Trust.VERIFIED)
    return {
        (code, _drawn_by(wave.definition, code), Trust.VERIFIED): HandedOut(n)
        for code, n in drawn.items()
    }


def _drawn_by(definition: SurveyDefinition, respondent_class: str) -> Mode:
    ways = definition.audience.named(respondent_class).ways_in
    return next(way.mode for way in ways if way.trust is Trust.VERIFIED)


async def _forms(connection: AsyncConnection, wave_id: int) -> dict[Way, HandedOut]:
    """Forms that left the survey points, and those that came back without a usable answer."""
    counts = await count_forms(connection, wave_id)
    found: dict[Way, list[Balance]] = {}
    for code, record in (await list_batches(connection, wave_id)).items():
        way = (record.respondent_class, str(record.mode), str(Trust.FIELDWORK))
        found.setdefault(way, []).append(balance(record.issued, counts.get(code, [])))
    return {
        way: HandedOut(
            sum(one.distributed for one in balances),
            sum(one.void + one.spoiled for one in balances),
        )
        for way, balances in found.items()
    }
