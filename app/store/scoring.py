"""Entered figures and evaluations: add and read; nothing here changes or removes a row."""

import dataclasses
import datetime
from collections.abc import Sequence

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.upsert import insert_all_new, insert_new
from app.tables import entered_figures, evaluations, prepared_evaluations


@dataclasses.dataclass(frozen=True, slots=True)
class FigureRecord:
    """One revision of a figure; `reason` is empty for the first."""

    scheme: str
    period: str
    department: str
    figure: str
    revision: int
    value: str
    entered_by: str
    entered_at: datetime.datetime
    reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class PreparedRecord:
    """An evaluation that may be published."""

    id: int
    scheme: str
    period: str
    wave_id: int
    digest: bytes
    evaluation: bytes
    prepared_by: str
    prepared_at: datetime.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class EvaluationRecord:
    """A published evaluation; `payload` is what `jws` signs, `digest` its SHA-256."""

    scheme: str
    sequence: int
    period: str
    state: str
    prepared_id: int
    digest: bytes
    payload: bytes
    jws: str
    published_by: str
    published_at: datetime.datetime


async def insert_figures(connection: AsyncConnection, records: Sequence[FigureRecord]) -> bool:
    """Add revisions; False where somebody else was faster with one of them."""
    rows = [dataclasses.asdict(one) for one in records]
    return await insert_all_new(connection, entered_figures, rows) == len(rows)


async def list_figures(connection: AsyncConnection, scheme: str, period: str) -> list[FigureRecord]:
    """List all revisions of all figures of a period, by department and figure."""
    columns = entered_figures.c
    found = await connection.execute(
        select(entered_figures)
        .where(columns.scheme == scheme, columns.period == period)
        .order_by(columns.department, columns.figure, columns.revision)
    )
    return [FigureRecord(**row._mapping) for row in found]


async def list_periods(connection: AsyncConnection, scheme: str) -> list[str]:
    """List the periods for which anything was entered or prepared, in order."""
    periods: set[str] = set()
    for table in (entered_figures, prepared_evaluations):
        found = await connection.execute(
            select(table.c.period).where(table.c.scheme == scheme).distinct()
        )
        periods.update(found.scalars())
    return sorted(periods)


async def insert_prepared(connection: AsyncConnection, record: PreparedRecord) -> int:
    """Store a prepared evaluation and give its number (that of the record is not used)."""
    row = dataclasses.asdict(record)
    del row["id"]
    number = await connection.execute(
        insert(prepared_evaluations).values(row).returning(prepared_evaluations.c.id)
    )
    return int(number.scalar_one())


async def newest_prepared(
    connection: AsyncConnection, scheme: str, period: str
) -> PreparedRecord | None:
    """Give what was prepared last for a period."""
    columns = prepared_evaluations.c
    found = await connection.execute(
        select(prepared_evaluations)
        .where(columns.scheme == scheme, columns.period == period)
        .order_by(columns.id.desc())
        .limit(1)
    )
    row = found.first()
    return None if row is None else PreparedRecord(**row._mapping)


async def insert_evaluation(connection: AsyncConnection, record: EvaluationRecord) -> bool:
    """Publish an evaluation; False where its place in the chain is taken, or it is out already."""
    return await insert_new(connection, evaluations, dataclasses.asdict(record))


async def list_evaluations(connection: AsyncConnection, scheme: str) -> list[EvaluationRecord]:
    """List the evaluations of a scheme in their order."""
    found = await connection.execute(
        select(evaluations).where(evaluations.c.scheme == scheme).order_by(evaluations.c.sequence)
    )
    return [EvaluationRecord(**row._mapping) for row in found]


async def list_schemes(connection: AsyncConnection) -> list[str]:
    """List the schemes that have evaluations, in order."""
    found = await connection.execute(select(evaluations.c.scheme).distinct())
    return sorted(found.scalars())


async def find_evaluation(
    connection: AsyncConnection, scheme: str, period: str, sequence: int | None
) -> EvaluationRecord | None:
    """Find an evaluation of a period by its sequence, or the newest."""
    query = select(evaluations).where(
        evaluations.c.scheme == scheme, evaluations.c.period == period
    )
    if sequence is not None:
        query = query.where(evaluations.c.sequence == sequence)
    found = await connection.execute(query.order_by(evaluations.c.sequence.desc()).limit(1))
    row = found.first()
    return None if row is None else EvaluationRecord(**row._mapping)
