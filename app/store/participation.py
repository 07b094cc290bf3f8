"""The one place that counts responses (invariant 5)."""

import dataclasses
import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.deduplication.decision import ResponseStatus
from app.domain.questionnaires.audience import Mode, Trust
from app.store import counts
from app.tables import response_counts


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
    """Count a wave's responses, from the counters alone."""
    found = await counts.read(connection, response_counts, wave_id)
    return [
        ResponseCount(Mode(mode), Trust(trust), respondent_class, ResponseStatus(status), day, n)
        for (mode, trust, respondent_class, status, day), n in found.items()
    ]
