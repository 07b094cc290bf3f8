"""Export a wave's responses for auditors: what `minyi release verify --recompute` reads."""

import datetime
from collections.abc import AsyncIterator

from app.domain.releases.document import Period
from app.domain.releases.export import header_line, row_line
from app.domain.releases.figures import WaveFacts
from app.domain.rights.rights import Act, Actor, require_right
from app.services import audit
from app.services.release_figures import count_handed_out, released_days
from app.services.release_preparation import require_over
from app.services.resources import Resources
from app.services.waves import Wave
from app.store.responses import stream_rows
from app.store.waves import load_definition


async def export_responses(
    resources: Resources, actor: Actor, wave: Wave, period: Period | None = None
) -> AsyncIterator[bytes]:
    """Give the lines of the export, sorted by id, from one consistent state.

    Raises NotAllowed, UnderEmbargo, and InvalidInput on field `period`, with the first line.
    """
    require_right(actor, Act.PREPARE_RELEASES)
    require_over(wave, period, resources.now())
    facts = WaveFacts(wave.code, wave.definition_hash, await released_days(resources, wave, period))
    async with resources.database.writing() as connection:
        await audit.record(
            connection,
            resources,
            by=actor.name,
            act="release.responses-exported",
            object_=f"wave:{wave.code}",
        )
    async with resources.database.snapshot() as connection:
        definition = await load_definition(connection, wave.definition_hash)
        yield header_line(facts, definition, await count_handed_out(connection, wave))
        first, last = (
            (facts.period.first, facts.period.last)
            if period
            else (datetime.date.min, datetime.date.max)
        )
        async for stretch in stream_rows(connection, wave.id, first, last, in_order=True):
            for row in stretch:
                yield row_line(row)
