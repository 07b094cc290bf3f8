"""The rules under which a PostgreSQL-compatible cluster (Citus) can distribute the large tables.

Each gives what breaks it, in words. Where a statement is judged, a table counts as held to its wave
when `wave_id` is compared in the WHERE or ON of the same SELECT, UPDATE or DELETE. A SELECT over
all waves that is grouped by `wave_id` is let through: each machine answers for its own.
"""

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    Alias,
    BinaryExpression,
    BooleanClauseList,
    ClauseElement,
    Column,
    Connection,
    Delete,
    Function,
    Insert,
    Join,
    Select,
    Table,
    TextClause,
    Update,
    text,
)
from sqlalchemy.dialects.postgresql.dml import OnConflictDoUpdate as PostgresqlUpdate
from sqlalchemy.dialects.sqlite.dml import OnConflictDoUpdate as SqliteUpdate
from sqlalchemy.sql import operators, visitors

from app.tables import metadata

WAVE = "wave_id"
_VOLATILE = {"now", "current_timestamp", "clock_timestamp", "statement_timestamp", "random"}
_AT_CLOSE = "shuffled_"
"""Rows rewritten in random order come from a temporary table of this name, once per wave."""

_HARMLESS = re.compile(
    r"\s*(VACUUM|ANALYZE|CREATE TEMPORARY TABLE \w+ \(LIKE \w+\) ON COMMIT DROP)", re.I
)

Source = Table | Alias


def distribution_column(table: Any) -> str | None:
    """Name the column by which a table is distributed; None for a reference table."""
    table = table.element if isinstance(table, Alias) else table
    if not isinstance(table, Table) or table.name.startswith(_AT_CLOSE):
        return None
    return table.info.get("distributed_by")


def large_tables() -> list[Table]:
    """List the distributed tables."""
    return [table for table in metadata.sorted_tables if distribution_column(table)]


def faults_of_table(table: Table) -> list[str]:
    """Judge what a table is declared to be."""
    faults = []
    if distribution_column(table) is None:
        faults += [
            f"a reference table refers to {key.column.table.name}, which is distributed"
            for key in table.foreign_keys
            if distribution_column(key.column.table)
        ]
        return faults
    for constraint in [*table.constraints, *table.indexes]:
        is_key = type(constraint).__name__ in (
            "PrimaryKeyConstraint",
            "UniqueConstraint",
            "ExcludeConstraint",
        ) or getattr(constraint, "unique", False)
        if is_key and WAVE not in constraint.columns:  # type: ignore[union-attr]
            faults.append(f"{type(constraint).__name__} without {WAVE}")
    if table.foreign_keys:
        faults.append("a foreign key of a distributed table")
    return faults


_KEYS_WITHOUT_WAVE = text(
    "SELECT indexrelid::regclass::text FROM pg_index i WHERE indrelid = CAST(:name AS regclass) "
    "AND (indisunique OR indisexclusion) AND NOT EXISTS (SELECT FROM pg_attribute a WHERE "
    "a.attrelid = i.indrelid AND a.attname = 'wave_id' AND a.attnum = ANY(i.indkey))"
)
_TRIGGERS = text("SELECT tgname FROM pg_trigger WHERE tgrelid = CAST(:name AS regclass)")
_REFERENCES = text(
    "SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f' "
    "AND CAST(:name AS regclass) IN (confrelid, conrelid)"
)


def faults_in_database(connection: Connection, name: str) -> list[str]:
    """Judge what a large table really is, in a PostgreSQL."""
    return [
        f"{what} {one}"
        for what, query in (
            ("a key without wave_id:", _KEYS_WITHOUT_WAVE),
            ("a trigger:", _TRIGGERS),
            ("a foreign key of or to:", _REFERENCES),
        )
        for one in connection.scalars(query, {"name": name})
    ]


def faults_of_statement(statement: ClauseElement | str) -> list[str]:
    """Judge one statement, the statements inside it included."""
    if isinstance(statement, str | TextClause):
        return _faults_of_text(str(statement))
    return [
        fault
        for part in visitors.iterate(statement)
        for fault in _faults_of_part(part)  # type: ignore[arg-type]
    ]


def _faults_of_text(sql: str) -> Iterator[str] | list[str]:
    named = [one.name for one in large_tables() if re.search(rf"\b{one.name}\b", sql)]
    if not named or _HARMLESS.match(sql) or re.search(rf"\b{WAVE}\b", sql):
        return []
    return [f"{name} is reached without {WAVE}" for name in named]


def _faults_of_part(part: ClauseElement) -> list[str]:
    match part:
        case Select():
            sources = [
                one
                for source in part.get_final_froms()
                for one in _tables(source)
                if one not in part._correlate  # those are read by the statement around this one
            ]
            conditions = [*part._where_criteria, *_joined_on(part)]
            lock = part._for_update_arg
            each = {_wave_of(one) for one in part._group_by_clauses} if lock is None else set()
            faults = _not_held([one for one in sources if one not in each], conditions)
            if lock is not None and lock.skip_locked:
                faults += _not_held(sources, conditions, {operators.eq}, "SKIP LOCKED across waves")
            return faults
        case Update():
            moved = [name for name in _names(part._values) if name == WAVE]
            moved = moved if distribution_column(part.table) else []
            return [
                *_not_held([part.table], part._where_criteria),
                *(f"an UPDATE moves rows of {part.table} to another wave" for _ in moved),
            ]
        case Delete():
            return _not_held([part.table], part._where_criteria)
        case Insert() if distribution_column(part.table):
            return [*_faults_of_source(part), *_faults_of_conflict(part)]
    return []


def _faults_of_source(insert: Insert) -> list[str]:
    if insert.select is None:
        return []
    sources = [one for source in insert.select.get_final_froms() for one in _tables(source)]  # type: ignore[attr-defined]
    if all(getattr(one, "name", "").startswith(_AT_CLOSE) for one in sources):
        return []
    return [f"INSERT … SELECT into {insert.table}: send rows as VALUES"]


def _faults_of_conflict(insert: Insert) -> list[str]:
    clause = insert._post_values_clause
    if not isinstance(clause, PostgresqlUpdate | SqliteUpdate):
        return []
    faults = []
    for key, value in dict(clause.update_values_to_set).items():
        if _name(key) == WAVE:
            faults.append(f"DO UPDATE moves rows of {insert.table} to another wave")
        faults += [
            f"{one.name}() in DO UPDATE: give the value"
            for one in visitors.iterate(value)
            if isinstance(value, ClauseElement)
            if isinstance(one, Function) and one.name.lower() in _VOLATILE
        ]
    if WAVE not in _names(clause.inferred_target_elements or ()):
        faults.append(f"ON CONFLICT without {WAVE}")
    return faults


def _names(keys: Any) -> list[str]:
    return [_name(key) for key in keys or ()]


def _name(key: Any) -> str:
    return key if isinstance(key, str) else key.name


def _tables(source: Any) -> Iterator[Any]:
    """Give what a FROM reads; subqueries are judged by themselves."""
    if isinstance(source, Join):
        yield from _tables(source.left)
        yield from _tables(source.right)
    else:
        yield source


def _joined_on(select: Select[Any]) -> Iterator[ClauseElement]:
    pending = [*select.get_final_froms()]
    while pending:
        source = pending.pop()
        if isinstance(source, Join):
            pending += [source.left, source.right]
            if source.onclause is not None:
                yield source.onclause


def _not_held(
    sources: list[Any],
    conditions: Any,
    by: set[Any] | None = None,
    what: str = "reached without wave_id",
) -> list[str]:
    """Name the large tables among the sources that no condition holds to a wave."""
    by = by or {operators.eq, operators.in_op}
    held: set[Any] = set()
    pairs: list[tuple[Any, Any]] = []
    for one in (part for condition in conditions for part in _conjuncts(condition)):
        if isinstance(one, BinaryExpression) and one.operator in by:
            left, right = (_wave_of(side) for side in (one.left, one.right))
            if left is not None and right is not None:
                pairs.append((left, right))
            elif left is not None or right is not None:
                held.add(right if left is None else left)
    for _ in pairs:
        held |= {right for left, right in pairs if left in held}
        held |= {left for left, right in pairs if right in held}
    outer = {one for pair in pairs for one in pair} - set(sources)
    held |= {right for left, right in pairs if left in outer}
    held |= {left for left, right in pairs if right in outer}
    large = [source for source in sources if distribution_column(source)]
    return [f"{source.name}: {what}" for source in large if source not in held]


def _conjuncts(condition: Any) -> Iterator[Any]:
    if isinstance(condition, BooleanClauseList) and condition.operator is operators.and_:
        for part in condition.clauses:
            yield from _conjuncts(part)
    else:
        yield getattr(condition, "element", condition) if _is_group(condition) else condition


def _is_group(condition: Any) -> bool:
    return type(condition).__name__ == "Grouping"


def _wave_of(side: Any) -> Any:
    """Give the table whose wave this is, or None."""
    return side.table if isinstance(side, Column) and side.name == WAVE else None
