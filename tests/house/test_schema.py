"""Tables and migrations agree; keys and constraints follow the rules of the house."""

import ast

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Date, DateTime, create_engine, inspect, pool

from app.errors.operations import SchemaOutOfDate
from app.store.database import sync_url
from app.store.schema import alembic_config, require_current
from app.tables import metadata
from tests.house.distribution import large_tables
from tests.house.sources import imports, modules

STAFF = {
    "audit_head",
    "audit_log",
    "client_tokens",
    "clients",
    "webhook_deliveries",
    "webhooks",
    "sign_in_tries",
    "staff",
    "staff_links",
    "staff_recovery_codes",
    "staff_scopes",
    "staff_sessions",
    "staff_sso",
}
"""Who works here and what they did: about no citizen and no answer."""

REFERENCE = {
    "definitions",
    "waves",
    "wave_dates",
    "wave_transitions",
    "batches",
    "interviewers",
    "quotas",
    "signing_keys",
    "entered_figures",
    "prepared_evaluations",
    "evaluations",
    "prepared_figures",
    "releases",
    "event_head",
    "events",
    "integrity_cases",
    "integrity_steps",
} | STAFF
"""Small tables, kept whole wherever the big ones are distributed."""

COUNTERS = {"roll_counts", "permit_counts", "response_counts"}
ROLL_SIDE = {"roll", "pool", "eligible_persons", "roll_counts"}
RESPONSE_SIDE = {
    "permits",
    "typed_codes",
    "drafts",
    "responses",
    "integrity_members",
    "permit_counts",
    "response_counts",
}
PAPER_SIDE = {"forms", "custody_moves", "calls", "entries", "adjudications"}
"""What staff did with numbered forms, and when; nothing here names a respondent."""

SHARED = {"wave_id", "respondent_class", "trust"}
"""Columns that both sides may have: they name groups, not rows."""

BIG = [table for table in metadata.sorted_tables if table.name not in REFERENCE]
PREFIX = {"PrimaryKeyConstraint": "pk", "ForeignKeyConstraint": "fk", "CheckConstraint": "ck"}


def test_every_table_is_on_a_side() -> None:
    assert {table.name for table in BIG} == ROLL_SIDE | RESPONSE_SIDE | PAPER_SIDE
    assert {table.name for table in large_tables()} == {table.name for table in BIG}


def test_migrations_make_exactly_the_tables_declared(database_url: str) -> None:
    engine = create_engine(sync_url(database_url), poolclass=pool.NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []


def test_migrations_can_be_undone_and_done_again(database_url: str) -> None:
    config = alembic_config(database_url)
    command.downgrade(config, "base")
    engine = create_engine(sync_url(database_url), poolclass=pool.NullPool)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    with pytest.raises(SchemaOutOfDate):
        require_current(database_url)
    command.upgrade(config, "head")
    require_current(database_url)
    assert set(inspect(engine).get_table_names()) >= set(metadata.tables)


def test_migrations_import_nothing_from_the_application() -> None:
    versions = modules("migrations/versions")
    assert versions
    for path, tree in versions.items():
        assert not [name for name in imports(tree) if name.startswith("app")], path
        assert ast.get_docstring(tree), f"{path} says why in its first line"


def test_constraints_are_named_by_convention(database_url: str) -> None:
    found = inspect(create_engine(sync_url(database_url), poolclass=pool.NullPool))
    wrong = []
    for table in metadata.tables:
        listed = {
            "pk": [found.get_pk_constraint(table)],
            "fk": found.get_foreign_keys(table),
            "uq": found.get_unique_constraints(table),
            "ck": found.get_check_constraints(table),
            "ix": found.get_indexes(table),
        }
        assert listed["pk"][0]["name"] == f"pk_{table}"
        for kind, named in listed.items():
            expected = (f"{kind}_{table}", f"uq_{table}")
            wrong += [one["name"] for one in named if not str(one["name"]).startswith(expected)]
    assert wrong == []


@pytest.mark.parametrize("table", BIG, ids=lambda table: table.name)
def test_no_key_of_a_big_table_counts_up_or_may_be_empty(table) -> None:  # type: ignore[no-untyped-def]
    assert table.autoincrement_column is None
    assert not any(column.nullable for column in table.columns)


@pytest.mark.parametrize(
    "table", [t for t in BIG if t.name not in PAPER_SIDE], ids=lambda table: table.name
)
def test_no_time_is_finer_than_a_day(table) -> None:  # type: ignore[no-untyped-def]
    for column in table.columns:
        kind = getattr(column.type, "impl", column.type)
        assert not isinstance(kind, DateTime), column.name
        if isinstance(kind, Date):
            assert table.name in RESPONSE_SIDE, "the roll knows no day at all"


def test_the_two_sides_share_no_column_that_could_join_them() -> None:
    def columns(side: set[str]) -> set[str]:
        return {column.name for name in side for column in metadata.tables[name].columns}

    assert columns(ROLL_SIDE - COUNTERS) & columns(RESPONSE_SIDE) == SHARED
    assert columns(ROLL_SIDE) & columns(RESPONSE_SIDE - COUNTERS) == SHARED
    assert columns(ROLL_SIDE) & columns(PAPER_SIDE) <= SHARED


def test_sqlite_keeps_the_big_tables_without_row_numbers() -> None:
    assert not any(table.dialect_options["sqlite"]["with_rowid"] for table in BIG)
