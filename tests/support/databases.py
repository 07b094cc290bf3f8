"""Empty, migrated databases, made quickly: a file copy for SQLite; for PostgreSQL one database
that is emptied again and again, and made anew only where a test has changed its schema.
"""

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg.sql import SQL, Identifier, Placeholder
from sqlalchemy import create_engine, make_url, text

from app.store.database import sync_url
from app.store.schema import upgrade

_numbers = itertools.count()

END_SESSIONS: LiteralString = """SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()"""

# Whatever changes the schema takes such a row away, or leaves the number of its transaction there.
STATE_OF_SCHEMA: LiteralString = """SELECT
(SELECT sum(xmin::text::bigint) FROM pg_class WHERE oid >= 16384),
(SELECT sum(xmin::text::bigint) FROM pg_attribute WHERE attrelid >= 16384),
(SELECT sum(xmin::text::bigint) FROM pg_constraint WHERE oid >= 16384),
(SELECT count(*) FROM pg_db_role_setting)"""

TABLES_WITH_ROWS: LiteralString = """SELECT relname FROM pg_class WHERE relkind = 'r'
AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0"""

RESTART_SEQUENCES: LiteralString = """SELECT setval(oid::regclass, 1, false) FROM pg_class
WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace"""


def sqlite_maker(folder: Path) -> Callable[[], str]:
    """Give a function that makes a fresh SQLite database and tells its URL."""
    template = folder / "template.db"
    upgrade(f"sqlite:///{template}")

    def make() -> str:
        path = folder / f"test-{next(_numbers)}.db"
        shutil.copy(template, path)
        return f"sqlite:///{path}"

    return make


@contextmanager
def postgres_maker(server: str, worker: str) -> Iterator[Callable[[], str]]:
    """Give a function that makes a PostgreSQL database as good as new and tells its URL.

    It is the one made before, emptied, which costs a tenth of copying a template: the first
    session of a copy builds its catalogue's cache. There is never more than one at a time.
    """
    template = f"minyi_{worker}"
    made: list[ReusedDatabase] = []
    engine = create_engine(sync_url(server), isolation_level="AUTOCOMMIT")

    def execute(*commands: str) -> None:
        with engine.connect() as connection:
            for command in commands:
                connection.execute(text(command))

    def make() -> str:
        if not (made and made[0].empty()):
            old = [f"DROP DATABASE IF EXISTS {one.name} WITH (FORCE)" for one in made]
            name = f"{template}_{next(_numbers)}"
            drop = f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"  # of a run that was broken off
            execute(*old, drop, f"CREATE DATABASE {name} TEMPLATE {template}")
            made[:] = [ReusedDatabase(server, name)]
        return made[0].url

    execute(f"DROP DATABASE IF EXISTS {template} WITH (FORCE)", f"CREATE DATABASE {template}")
    upgrade(_url(server, template))
    try:
        yield make
    finally:
        engine.dispose()


class ReusedDatabase:
    """A migrated database of PostgreSQL that can be brought back to how it was."""

    def __init__(self, server: str, name: str) -> None:
        self.name = name
        self.url = _url(server, name)
        with self._session() as session:
            self._schema = session.execute(STATE_OF_SCHEMA).fetchone()
            self._rows = {
                table: session.execute(SQL("TABLE {}").format(Identifier(table))).fetchall()
                for table in _tables_with_rows(session)
            }

    def empty(self) -> bool:
        """Bring it back to how it was; False if its schema is another one, or it is gone."""
        try:
            with self._session() as session:
                session.execute(END_SESSIONS)
                if session.execute(STATE_OF_SCHEMA).fetchone() != self._schema:
                    return False
                self._put_back(session)
        except psycopg.OperationalError:
            return False
        return True

    def _put_back(self, session: psycopg.Connection[Any]) -> None:
        """Delete and vacuum: that makes no new files, as TRUNCATE would, and leaves none longer."""
        tables = list(map(Identifier, _tables_with_rows(session)))
        session.execute("SET session_replication_role = replica")  # in any order
        session.execute(SQL(";").join(SQL("DELETE FROM {}").format(one) for one in tables))
        session.execute(SQL("VACUUM {}").format(SQL(",").join(tables)))
        session.execute(RESTART_SEQUENCES)
        for table, rows in self._rows.items():
            values = SQL(",").join([Placeholder()] * len(rows[0]))
            insert = SQL("INSERT INTO {} VALUES ({})").format(Identifier(table), values)
            session.cursor().executemany(insert, rows)

    def _session(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url, autocommit=True)


def _tables_with_rows(session: psycopg.Connection[Any]) -> list[str]:
    """List the tables that have any, or dead ones."""
    return [name for (name,) in session.execute(TABLES_WITH_ROWS)]


def _url(server: str, name: str) -> str:
    url = make_url(server).set(drivername="postgresql", database=name)
    return url.render_as_string(hide_password=False)
