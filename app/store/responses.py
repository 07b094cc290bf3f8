"""Stored responses: the primary key `response_id`, derived from the permit, judges «once»."""

import dataclasses
import datetime
from collections.abc import AsyncIterator

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.deduplication.decision import ResponseStatus
from app.domain.questionnaires.audience import Mode, Trust
from app.domain.releases.response_rows import ResponseRow
from app.store.upsert import insert_new
from app.tables import responses

ROWS_AT_ONCE = 2000


@dataclasses.dataclass(frozen=True, slots=True)
class ResponseRecord:
    """One accepted questionnaire. `answers` is canonical JSON; see `services/responses.py`."""

    response_id: bytes
    status: ResponseStatus
    mode: Mode
    trust: Trust
    respondent_class: str
    received_on: datetime.date
    own_unit: str
    stratum: str
    window: str
    answers: str
    sealed_person: bytes
    point: str = ""


async def insert_response(
    connection: AsyncConnection, wave_id: int, record: ResponseRecord
) -> bool:
    """Store a response; False where its permit was spent before."""
    return await insert_new(
        connection, responses, {"wave_id": wave_id, **dataclasses.asdict(record)}
    )


async def find_response(
    connection: AsyncConnection, wave_id: int, response_id: bytes
) -> ResponseRecord | None:
    """Find a response by its id."""
    found = await connection.execute(
        select(responses).where(
            responses.c.wave_id == wave_id, responses.c.response_id == response_id
        )
    )
    row = found.mappings().first()
    return None if row is None else _record(row)


def _record(row) -> ResponseRecord:  # type: ignore[no-untyped-def]
    fields = {name: value for name, value in row.items() if name != "wave_id"}
    return ResponseRecord(
        **fields
        | {
            "status": ResponseStatus(row["status"]),
            "mode": Mode(row["mode"]),
            "trust": Trust(row["trust"]),
        }
    )


async def replace_answers(
    connection: AsyncConnection, wave_id: int, record: ResponseRecord
) -> None:
    """Put later answers of the same permit in the place of the earlier ones."""
    await connection.execute(
        update(responses)
        .where(responses.c.wave_id == wave_id, responses.c.response_id == record.response_id)
        .values(
            answers=record.answers,
            received_on=record.received_on,
            sealed_person=record.sealed_person,
        )
    )


async def set_status(
    connection: AsyncConnection, wave_id: int, response_id: bytes, status: ResponseStatus
) -> None:
    """Say where a response counts."""
    await connection.execute(
        update(responses)
        .where(responses.c.wave_id == wave_id, responses.c.response_id == response_id)
        .values(status=status)
    )


@dataclasses.dataclass(frozen=True, slots=True)
class StoredReceipt:
    """What a receipt proves: that a response is stored, since which day, and where it counts."""

    wave_id: int
    received_on: datetime.date
    status: ResponseStatus


async def find_receipt(
    connection: AsyncConnection, wave_ids: list[int], response_id: bytes
) -> StoredReceipt | None:
    """Find the response with this id in any of the waves, by primary key."""
    found = await connection.execute(
        select(responses.c.wave_id, responses.c.received_on, responses.c.status).where(
            responses.c.wave_id.in_(wave_ids), responses.c.response_id == response_id
        )
    )
    row = found.first()
    return row and StoredReceipt(row.wave_id, row.received_on, ResponseStatus(row.status))


async def stream_responses(
    connection: AsyncConnection, wave_id: int
) -> AsyncIterator[ResponseRecord]:
    """Give all responses of a wave one by one, by id: an order that says nothing."""
    result = await connection.stream(
        select(responses).where(responses.c.wave_id == wave_id).order_by(responses.c.response_id)
    )
    async for row in result.mappings():
        yield _record(row)


async def stream_rows(
    connection: AsyncConnection,
    wave_id: int,
    first: datetime.date,
    last: datetime.date,
    *,
    in_order: bool = False,
) -> AsyncIterator[list[ResponseRow]]:
    """Give the responses received from `first` to `last` in stretches, by id or in no order."""
    columns = [responses.c[name] for name in ResponseRow._fields]
    result = await connection.stream(
        select(*columns)
        .where(responses.c.wave_id == wave_id, responses.c.received_on.between(first, last))
        .order_by(*([responses.c.response_id] if in_order else []))
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    async for stretch in result.partitions():
        yield [ResponseRow._make(row) for row in stretch]
