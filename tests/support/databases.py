"""Empty, migrated databases, made quickly: a file copy for SQLite, a template for PostgreSQL."""

import itertools
import shutil
from collections.abc import Callable
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


def postgres_maker(server: str, worker: str) -> Callable[[], str]:
    """Give a function that makes a fresh PostgreSQL database and tells its URL."""
    template = f"minyi_{worker}"
    _execute(server, f"DROP DATABASE IF EXISTS {template} WITH (FORCE)")
    _execute(server, f"CREATE DATABASE {template}")
    upgrade(_url(server, template))

    def make() -> str:
        name = f"{template}_{next(_numbers)}"
        _execute(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        _execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
        return _url(server, name)

    return make


def _url(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _execute(server: str, command: str) -> None:
    engine = create_engine(sync_url(server), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(command))
    engine.dispose()
