"""Empty, migrated databases, made quickly: a file copy for SQLite, a template for PostgreSQL."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from app.store.database import sync_url
from app.store.schema import upgrade

_numbers = itertools.count()


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
    """Give a function that makes a fresh PostgreSQL database and tells its URL.

    The one made before goes: hundreds of copies, of 8 MB each, would end up on the disk.
    """
    template = f"minyi_{worker}"
    made: list[str] = []
    engine = create_engine(sync_url(server), isolation_level="AUTOCOMMIT")

    def execute(*commands: str) -> None:
        with engine.connect() as connection:
            for command in commands:
                connection.execute(text(command))

    def make() -> str:
        old = [f"DROP DATABASE {made.pop()} WITH (FORCE)"] if made else []
        made.append(f"{template}_{next(_numbers)}")
        drop = f"DROP DATABASE IF EXISTS {made[-1]} WITH (FORCE)"  # of a run that was broken off
        execute(*old, drop, f"CREATE DATABASE {made[-1]} TEMPLATE {template}")
        return _url(server, made[-1])

    execute(f"DROP DATABASE IF EXISTS {template} WITH (FORCE)", f"CREATE DATABASE {template}")
    upgrade(_url(server, template))
    try:
        yield make
    finally:
        engine.dispose()


def _url(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)
