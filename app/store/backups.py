"""Backups of a database that is in use: one consistent state, in one file, or none.

SQLite is copied by its online backup, PostgreSQL by `pg_dump`. The file is readable by its owner
only, is on disk as a whole before it gets its name, and replaces an earlier one of the same name in
one step. A restore never overwrites anything.
"""

import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy import URL, text
from sqlalchemy.exc import OperationalError

from app.errors.operations import BackupRefused, NotInstalled, StorageUnavailable
from app.store.database import BUSY_SECONDS, sync_engine, sync_url
from app.store.schema import is_empty

_MAGIC = {b"SQLite format 3\0": "sqlite", b"PGDMP": "postgresql"}
_SIDE_FILES = ("-journal", "-wal", "-shm")


def back_up(url: str, path: Path) -> None:
    """Write the state of the database into a file.

    Raises BackupRefused, NotInstalled where the client tools of PostgreSQL are missing, and
    StorageUnavailable where the database is away.
    """
    source = sync_url(url)
    with _written_as_a_whole(path, over=True) as file:
        if source.get_backend_name() == "sqlite":
            _copy_sqlite(_file_of(source), Path(file.name))
        else:
            _client_tool("pg_dump", source, ["--format=custom", "--lock-wait-timeout=10s"], file)


def restore(url: str, path: Path) -> None:
    """Make the database from a backup; it has to be empty, or not to exist.

    Raises what `back_up` raises.
    """
    target = sync_url(url)
    if not path.is_file():
        raise BackupRefused("There is no such file")
    if _kind_of(path) != target.get_backend_name():
        raise BackupRefused("The file is no backup of this kind of database (MINYI_DATABASE_URL)")
    if target.get_backend_name() == "sqlite":
        _restore_sqlite(path, _file_of(target))
    elif not is_empty(url):
        raise BackupRefused("The database is not empty: make a new one, or drop the old one")
    else:
        options = ["--exit-on-error", "--single-transaction", str(path)]
        _client_tool("pg_restore", target, options, subprocess.DEVNULL)


@contextmanager
def _written_as_a_whole(path: Path, *, over: bool) -> Iterator[IO[bytes]]:
    """Give a private file next to the path, which takes its name once everything is on disk.

    `over`: in the place of a file that has the name now.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            try:
                yield file
                os.fsync(file.fileno())
                if over:
                    Path(file.name).replace(path)
                else:
                    path.hardlink_to(file.name)
            finally:
                Path(file.name).unlink(missing_ok=True)
        _sync_folder(path.parent)
    except OSError as error:
        raise BackupRefused(f"The file can't be written: {error.strerror}") from None


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _kind_of(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(16)
    return next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), "")


def _file_of(url: URL) -> Path:
    if not url.database or url.database == ":memory:":
        raise BackupRefused("This database stands in no file")
    return Path(url.database)


def _copy_sqlite(source: Path, target: Path) -> None:
    """Copy in one step, under one lock that makes writers wait.

    In several steps, each write in between would start the copy anew, and it might never end.
    """
    try:
        with (
            closing(_open_sqlite(source)) as found,
            closing(_open_sqlite(target)) as copy,
        ):
            found.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, whatever the source has
            _require_whole(copy)
    except sqlite3.Error:
        raise StorageUnavailable("The database can't be read, or the copy not be written") from None


def _open_sqlite(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS)


def _require_whole(copy: sqlite3.Connection) -> None:
    if copy.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
        raise BackupRefused("The copy is damaged: `PRAGMA integrity_check` tells more")


def _restore_sqlite(path: Path, target: Path) -> None:
    """The journal of a database that stood here before would be played into the new one."""
    if any(Path(f"{target}{suffix}").exists() for suffix in ("", *_SIDE_FILES)):
        raise BackupRefused("The database exists already: move its files away first")
    with _written_as_a_whole(target, over=False) as file:
        with path.open("rb") as backup:
            shutil.copyfileobj(backup, file)
        file.flush()
        try:
            with closing(_open_sqlite(Path(file.name))) as copy:
                _require_whole(copy)
        except sqlite3.Error:
            raise BackupRefused("The file is damaged") from None


def _client_tool(name: str, url: URL, options: Sequence[str], output: IO[bytes] | int) -> None:
    """Run a client tool of PostgreSQL. The password is handed over where `ps` does not show it."""
    program = shutil.which(name)
    if program is None:
        raise NotInstalled(f"{name} is missing: install the client tools (postgresql-client)")
    _require_as_new_as_the_server(name, program, url)
    address = url.set(drivername="postgresql", password=None)
    done = subprocess.run(  # noqa: S603 – our own arguments, no shell
        [program, "--no-owner", "--no-privileges", f"--dbname={address}", *options],
        env=os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {}),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode != 0:
        raise BackupRefused(_first_error(name, done.stderr.decode(errors="replace")))


def _require_as_new_as_the_server(name: str, program: str, url: URL) -> None:
    told = subprocess.check_output([program, "--version"], text=True)  # noqa: S603 – as above
    found = re.search(r"\d+", told)
    version, needed = int(found.group()) if found else 0, _server_version(url)
    if version < needed:
        raise BackupRefused(
            f"{name} is of version {version}, the server of {needed}: "
            f"install postgresql-client-{needed}"
        )


def _server_version(url: URL) -> int:
    engine = sync_engine(url)
    try:
        with engine.connect() as connection:
            return int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10000
    except OperationalError:
        raise StorageUnavailable("The database of MINYI_DATABASE_URL does not answer") from None
    finally:
        engine.dispose()


def _first_error(name: str, said: str) -> str:
    """Repeat one line of the tool's own: those that follow may hold rows."""
    lines = [line for line in said.splitlines() if line.startswith(f"{name}: error:")]
    return lines[0] if lines else f"{name} has failed"
