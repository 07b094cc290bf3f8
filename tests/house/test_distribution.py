"""The schema and the statements can be distributed by wave; each rule is seen to catch its breach.

Statements of the store are judged in every test that sends them (tests/support/statements.py).
"""

import datetime

import pytest
from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    create_engine,
    delete,
    func,
    insert,
    pool,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql

from app.services.drafts import save_draft
from app.services.permits import admit, issue_open_permit, permit_after_sign_in
from app.services.resources import Resources
from app.services.responses import accept_response, find_receipt
from app.services.waves import close_wave
from app.store.database import sync_url
from app.tables import drafts, integrity_members, metadata, responses, waves
from app.tables import pool as permit_pool
from app.tables._base import DISTRIBUTED
from tests.house.distribution import (
    distribution_column,
    faults_in_database,
    faults_of_statement,
    faults_of_table,
    large_tables,
)
from tests.support.people import sign_in
from tests.support.surveys import answers, open_town

ROWS = responses.c
TODAY = datetime.date(2026, 11, 10)


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_a_table_can_be_distributed_or_copied(table: Table) -> None:
    assert faults_of_table(table) == []


def test_large_and_small_tables_are_told_apart() -> None:
    large = {table.name for table in large_tables()}
    assert {"responses", "roll", "permits", "drafts", "pool"} <= large
    assert not large & {"waves", "definitions", "staff", "releases"}
    assert all(distribution_column(table) == "wave_id" for table in large_tables())


def declared_wrongly(*more: object, info: dict[str, str] | None = None) -> Table:
    """A table of a schema of its own, next to one that is distributed and one that is not."""
    schema = MetaData()
    Table("large", schema, Column("wave_id", Integer, primary_key=True), info=DISTRIBUTED)
    Table("small", schema, Column("id", Integer, primary_key=True))
    return Table("bad", schema, *more, info=info or {})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "table",
    [
        declared_wrongly(Column("id", Integer, primary_key=True), info=DISTRIBUTED),
        declared_wrongly(
            Column("wave_id", Integer, primary_key=True),
            Column("n", Integer, unique=True),
            info=DISTRIBUTED,
        ),
        declared_wrongly(
            Column("wave_id", Integer, primary_key=True),
            Column("n", Integer),
            Column("m", Integer),
            UniqueConstraint("n", "m"),
            info=DISTRIBUTED,
        ),
        declared_wrongly(
            Column("wave_id", ForeignKey("small.id"), primary_key=True), info=DISTRIBUTED
        ),
        declared_wrongly(Column("id", ForeignKey("large.wave_id"), primary_key=True)),
    ],
)
def test_a_table_declared_wrongly_is_caught(table: Table) -> None:
    assert len(faults_of_table(table)) == 1


class TestMigrated:
    """What migrations have made of it, in a real PostgreSQL."""

    @pytest.fixture
    def connection(self, postgresql_url: str):  # type: ignore[no-untyped-def]
        engine = create_engine(sync_url(postgresql_url), poolclass=pool.NullPool)
        with engine.connect() as connection:
            yield connection

    def test_no_key_without_wave_no_trigger_no_reference(self, connection: Connection) -> None:
        for table in large_tables():
            assert faults_in_database(connection, table.name) == [], table.name

    @pytest.mark.parametrize(
        "breach",
        [
            "CREATE UNIQUE INDEX odd ON responses (response_id)",
            "ALTER TABLE responses ADD CONSTRAINT odd EXCLUDE (response_id WITH =)",
            "ALTER TABLE responses ADD FOREIGN KEY (wave_id) REFERENCES waves (id)",
            "CREATE TRIGGER odd BEFORE INSERT ON responses "
            "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        ],
    )
    def test_a_breach_is_caught(self, connection: Connection, breach: str) -> None:
        connection.execute(text(breach.replace("BEFORE INSERT ON", "BEFORE UPDATE ON")))
        assert faults_in_database(connection, "responses")


def draft_upsert(index: list[str], **changes: object):  # type: ignore[no-untyped-def]
    statement = postgresql.insert(drafts).values(wave_id=1, response_id=b"", saved_on=TODAY)
    return statement.on_conflict_do_update(index_elements=index, set_=changes)


KEY = ["wave_id", "response_id"]
MEMBERS = select(integrity_members.c.response_id)


@pytest.mark.parametrize(
    "statement",
    [
        select(responses),
        select(responses).where(ROWS.status == "counted"),
        select(responses).where((ROWS.wave_id == 1) | (ROWS.status == "counted")),
        select(responses).where(ROWS.wave_id != 1),
        select(ROWS.status, func.count()).group_by(ROWS.status),
        select(responses, drafts).where(
            ROWS.wave_id == 1, drafts.c.response_id == ROWS.response_id
        ),
        select(responses).where(ROWS.wave_id == 1, ROWS.response_id.in_(MEMBERS)),
        select(func.count()).select_from(responses.join(waves, waves.c.id == ROWS.response_id)),
        update(responses).values(status="counted"),
        update(responses).where(ROWS.wave_id == 1).values(wave_id=2),
        delete(drafts).where(drafts.c.saved_on < TODAY),
        insert(responses).from_select(
            ["wave_id"], select(drafts.c.wave_id).where(drafts.c.wave_id == 1)
        ),
        draft_upsert(KEY, saved_on=func.now()),
        draft_upsert(KEY, wave_id=2),
        draft_upsert(["response_id"], saved_on=TODAY),
        select(permit_pool)
        .where(permit_pool.c.wave_id.in_([1, 2]))
        .with_for_update(skip_locked=True),
        text("UPDATE responses SET status = 'counted'"),
        "TRUNCATE responses",
    ],
    ids=str,
)
def test_a_statement_that_leaves_its_wave_is_caught(statement) -> None:  # type: ignore[no-untyped-def]
    assert faults_of_statement(statement)


@pytest.mark.parametrize(
    "statement",
    [
        select(waves),
        select(responses).where(ROWS.wave_id == 1, ROWS.status == "counted"),
        select(responses).where(ROWS.wave_id.in_([1, 2])),
        select(ROWS.wave_id, func.count()).group_by(ROWS.wave_id),
        select(responses, drafts).where(ROWS.wave_id == 1, drafts.c.wave_id == ROWS.wave_id),
        select(responses).where(
            ROWS.wave_id == 1, ROWS.response_id.in_(MEMBERS.where(integrity_members.c.wave_id == 1))
        ),
        draft_upsert(KEY, saved_on=TODAY),
        select(permit_pool).where(permit_pool.c.wave_id == 1).with_for_update(skip_locked=True),
        text("SELECT count(*) FROM responses WHERE wave_id = 1"),
        "VACUUM responses, roll",
    ],
    ids=str,
)
def test_a_statement_that_keeps_to_its_wave_is_let_through(statement) -> None:  # type: ignore[no-untyped-def]
    assert faults_of_statement(statement) == []


async def test_what_the_store_sends_is_judged(
    resources: Resources, faults_of_statements: list[str]
) -> None:
    code = "async def read(connection, query):\n    await connection.execute(query)\n"
    careless: dict[str, object] = {"__name__": "app.store.careless"}
    exec(code, careless)  # noqa: S102 – a function of the store that no review has seen
    query = select(ROWS.answers).where(ROWS.status == "set_aside")
    async with resources.database.reading() as connection:
        await connection.execute(query)
        assert faults_of_statements == [], "a test may look wherever it likes"
        await careless["read"](connection, query)  # type: ignore[operator]
    assert faults_of_statements == ["app.store.careless.read: responses: reached without wave_id"]
    faults_of_statements.clear()


async def test_a_citizen_comes_to_one_wave_only(
    resources: Resources, faults_of_statements: list[str]
) -> None:
    """From each way in to the close; the other tests judge the rest of the store."""
    wave = await open_town(resources)
    permits = [
        await issue_open_permit(resources, wave, respondent_class="residents"),
        await permit_after_sign_in(resources, wave, sign_in(resources, wave, 1)),
    ]
    for permit in permits:
        await save_draft(resources, await admit(resources, wave, permit), permit, answers())
        accepted = await accept_response(resources, wave, permit, answers())
        await find_receipt(resources, accepted.receipt)
    await close_wave(resources, wave, by="tester")
    assert faults_of_statements == []
