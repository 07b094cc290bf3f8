"""The one place that counts responses (invariant 5)."""

import dataclasses
import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.deduplication.decision import ResponseStatus
from app.domain.questionnaires.audience import Mode, Trust
from app.tables import responses


@dataclasses.dataclass(frozen=True, slots=True)
class ResponseCount:
    """How many responses share mode, trust level, class, status and day."""

    mode: Mode
    trust: Trust
    respondent_class: str
    status: ResponseStatus
    received_on: datetime.date
    n: int


async def count_responses(connection: AsyncConnection, wave_id: int) -> list[ResponseCount]:
    """Count a wave's responses; answered from the index alone."""
    keys = (
        responses.c.mode,
        responses.c.trust,
        responses.c.respondent_class,
        responses.c.status,
        responses.c.received_on,
    )
    found = await connection.execute(
        select(*keys, func.count())
        .where(responses.c.wave_id == wave_id)
        .group_by(*keys)
        .order_by(*keys)
    )
    return [
        ResponseCount(Mode(mode), Trust(trust), respondent_class, ResponseStatus(status), day, n)
        for mode, trust, respondent_class, status, day, n in found
    ]
