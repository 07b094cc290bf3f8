"""Stored responses: the primary key `response_id`, derived from the permit, judges «once»."""

import dataclasses
import datetime
import operator
from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence

from sqlalchemy import ColumnElement, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.deduplication.decision import ResponseStatus
from app.domain.questionnaires.audience import Mode, Trust
from app.domain.releases.response_rows import ResponseRow
from app.store import counts
from app.store.upsert import insert_new_rows
from app.tables import response_counts, responses

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


FIELDS = [field.name for field in dataclasses.fields(ResponseRecord)]
_fields_of = operator.attrgetter(*FIELDS)
_OF_WAVE = responses.c.wave_id == bindparam("of_wave")
_THESE = responses.c.response_id.in_(bindparam("these", expanding=True))
_FIND = select(*(responses.c[name] for name in FIELDS)).where(_OF_WAVE, _THESE)
_RECEIPTS = select(
    responses.c.response_id, responses.c.wave_id, responses.c.received_on, responses.c.status
).where(responses.c.wave_id.in_(bindparam("of_waves", expanding=True)), _THESE)
"""Statements of the hot path are built once: building one costs twice what executing it does."""


def kind_of(record: ResponseRecord | ResponseRow) -> counts.Key:
    """Give the key under which a response is counted."""
    return (record.mode, record.trust, record.respondent_class, record.status, record.received_on)


async def count(connection: AsyncConnection, wave_id: int, changes: counts.Changes) -> None:
    """Count what the functions below have changed: once per transaction, and last.

    `changes` gives the difference for each kind (`kind_of`).
    """
    await counts.add(connection, response_counts, wave_id, changes)


async def insert_responses(
    connection: AsyncConnection, wave_id: int, records: Sequence[ResponseRecord]
) -> set[bytes]:
    """Store responses, no two with one id; gives the ids of those whose permit was not spent.

    They are written in the order of their ids. An id is a keyed hash, so the order has nothing to
    do with who came first and unpairs neighbours; and it is the same in all processes, so that of
    two batches with permits in common one waits for the other and never both.
    """
    rows = [
        dict(zip(FIELDS, _fields_of(one), strict=True), wave_id=wave_id)
        for one in sorted(records, key=operator.attrgetter("response_id"))
    ]
    return await insert_new_rows(connection, responses, rows, responses.c.response_id)


async def find_response(
    connection: AsyncConnection, wave_id: int, response_id: bytes
) -> ResponseRecord | None:
    """Find a response by its id."""
    return (await find_responses(connection, wave_id, [response_id])).get(response_id)


async def find_responses(
    connection: AsyncConnection, wave_id: int, ids: Collection[bytes]
) -> dict[bytes, ResponseRecord]:
    """Find responses by their ids."""
    if not ids:
        return {}
    found = await connection.execute(_FIND, {"of_wave": wave_id, "these": [*ids]})
    return {row["response_id"]: _record(row) for row in found.mappings()}


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


async def replace_response(
    connection: AsyncConnection, wave_id: int, record: ResponseRecord
) -> None:
    """Put later answers of the same permit, or another status, in the place of the earlier."""
    await connection.execute(
        update(responses)
        .where(responses.c.wave_id == wave_id, responses.c.response_id == record.response_id)
        .values(
            status=record.status,
            answers=record.answers,
            received_on=record.received_on,
            sealed_person=record.sealed_person,
        )
    )


async def change_status(
    connection: AsyncConnection,
    wave_id: int,
    old: ResponseStatus,
    new: ResponseStatus,
    *which: ColumnElement[bool],
) -> int:
    """Let some responses count elsewhere; gives how many there were to be changed."""
    r = responses.c
    changed = await connection.execute(
        update(responses)
        .where(r.wave_id == wave_id, r.status == old, *which)
        .values(status=new)
        .returning(r.mode, r.trust, r.respondent_class, r.received_on)
    )
    kinds = Counter(changed.all())
    moves = {((*kind, old, day), (*kind, new, day)): n for (*kind, day), n in kinds.items()}
    await counts.add(connection, response_counts, wave_id, counts.moved(moves))
    return kinds.total()


async def take_back(connection: AsyncConnection, wave_id: int, ids: Collection[bytes]) -> None:
    """Remove responses stored in this transaction."""
    if not ids:
        return
    await connection.execute(
        delete(responses).where(responses.c.wave_id == wave_id, responses.c.response_id.in_(ids))
    )


@dataclasses.dataclass(frozen=True, slots=True)
class StoredReceipt:
    """What a receipt proves: that a response is stored, since which day, and where it counts."""

    wave_id: int
    received_on: datetime.date
    status: ResponseStatus


async def find_receipts(
    connection: AsyncConnection, wave_ids: Collection[int], ids: Collection[bytes]
) -> dict[bytes, StoredReceipt]:
    """Find the responses with these ids in any of the waves, by primary key."""
    which = {"of_waves": [*wave_ids], "these": [*ids]}
    found = await connection.execute(_RECEIPTS, which)
    return {
        row.response_id: StoredReceipt(row.wave_id, row.received_on, ResponseStatus(row.status))
        for row in found
    }


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
