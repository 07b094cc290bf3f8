"""A backup is one consistent state of a database in use; a restored one is as good as the first."""

import base64
import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import anyio
import pytest
from sqlalchemy import create_engine, func, make_url, select, text

from app import tables
from app.domain.deduplication.keys import master_from_text
from app.errors.operations import BackupRefused, NotInstalled, StorageUnavailable
from app.services.audit import verify_log
from app.services.participation import count_participation
from app.services.permits import Recipient, mint_invitations
from app.services.release_preparation import prepare_release
from app.services.releases import find_release
from app.services.resources import Resources, open_resources
from app.services.responses import accept_response, find_receipt
from app.services.waves import find_wave
from app.settings import Settings
from app.store.backups import back_up, restore
from app.store.database import sync_url
from tests.commands.conftest import Minyi
from tests.conftest import IN_CI, settings_for
from tests.support.clock import Clock
from tests.support.releases import ANALYST, closed_town, release, townspeople
from tests.support.surveys import TOWN, answers, open_town


def dump_version() -> int:
    if shutil.which("pg_dump") is None:
        return 0
    told = subprocess.check_output(["pg_dump", "--version"], text=True)
    return int(told.split()[2].split(".")[0])


@pytest.fixture
def database_url(request: pytest.FixtureRequest, database_url: str) -> str:
    """The same as everywhere; where PostgreSQL's client tools are wanting, say so."""
    if not database_url.startswith("sqlite"):
        engine = create_engine(sync_url(database_url))
        with engine.connect() as connection:
            needed = int(connection.scalar(text("SHOW server_version_num")) or 0) // 10000
        engine.dispose()
        if dump_version() < needed and not IN_CI:
            pytest.skip(f"NO PG_DUMP of version {needed}: install postgresql-client-{needed}")
    return database_url


@pytest.fixture
def empty_url(database_url: str, tmp_path: Path) -> Iterator[str]:
    """Where a database may be restored to."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path}/restored/minyi.db"
        return
    url = make_url(database_url)
    name = f"{url.database}_restored"
    engine = create_engine(sync_url(database_url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
        yield url.set(database=name).render_as_string(hide_password=False)
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backups" / "minyi.backup"


async def counts(resources: Resources) -> dict[str, int]:
    async with resources.database.reading() as connection:
        return {
            table.name: await connection.scalar(select(func.count()).select_from(table)) or 0
            for table in tables.metadata.sorted_tables
        }


async def test_a_restored_database_counts_releases_and_proves_the_same(
    resources: Resources, database_url: str, empty_url: str, file: Path, clock: Clock
) -> None:
    published = await release(resources, await closed_town(resources, townspeople()))
    closed = await closed_town(resources, townspeople(seed=2), code="second")
    third = await open_town(resources, code="third")
    [letter] = await mint_invitations(
        resources, third, recipients=[Recipient("residents")], batch="b"
    )
    accepted = await accept_response(resources, third, letter.permit, answers())
    head, _entries = await verify_log(resources, {})

    back_up(database_url, file)
    restore(empty_url, file)

    restored = open_resources(settings_for(empty_url), clock)
    assert await counts(restored) == await counts(resources)
    assert (await verify_log(restored, {head.number: head.hash}))[0] == head
    again = await find_release(restored, f"town.{published.sequence}")
    assert (again.payload, again.jws) == (published.payload, published.jws)
    recomputed = [
        (await prepare_release(one, ANALYST, await find_wave(one, closed.code))).digest
        for one in (resources, restored)
    ]
    assert recomputed[0] == recomputed[1]
    assert (await find_receipt(restored, accepted.receipt)).wave == "third"
    repeated = await accept_response(
        restored, await find_wave(restored, "third"), letter.permit, answers()
    )
    assert repeated.repeated
    assert repeated.receipt == accepted.receipt
    await restored.close()


async def test_it_is_one_state_of_a_database_in_use(
    resources: Resources, database_url: str, empty_url: str, file: Path, clock: Clock
) -> None:
    """Nothing acknowledged before it began is missing, and no answer is half there."""
    wave = await open_town(resources)
    letters = await mint_invitations(
        resources, wave, recipients=[Recipient("residents")] * 150, batch="b"
    )
    receipts: list[str] = []
    under_way = anyio.Event()

    async def answer(portion: list[str]) -> None:
        for permit in portion:
            receipts.append((await accept_response(resources, wave, permit, answers())).receipt)
            if len(receipts) == 20:
                under_way.set()

    async with anyio.create_task_group() as group:
        for start in range(3):
            group.start_soon(answer, [letter.permit for letter in letters[start::3]])
        await under_way.wait()
        before = list(receipts)
        await anyio.to_thread.run_sync(back_up, database_url, file)
        group.cancel_scope.cancel()

    restore(empty_url, file)
    restored = open_resources(settings_for(empty_url), clock)
    for receipt in before:
        await find_receipt(restored, receipt)
    permits, responses = tables.permits.c, tables.responses
    async with restored.database.reading() as connection:
        spent = select(func.count()).where(permits.state == "spent")
        stored = select(func.count()).select_from(responses)
        n = await connection.scalar(stored)
        assert await connection.scalar(spent) == n
    assert (await count_participation(restored, await find_wave(restored, "town"))).returned == n
    assert len(before) <= (n or 0) <= len(letters)
    await restored.close()


def test_it_is_private_whole_and_without_the_master_secret(
    minyi: Minyi, database_url: str, file: Path
) -> None:
    """The secret is in use: a wave has keyed hashes and sealed permits."""
    dates = ("--opens", "2026-11-01", "--closes", "2026-12-31")
    minyi("waves", "create", "town", TOWN, *dates)
    minyi("permits", "fill", "town", "--class", "residents", "-n", 10)
    for _ in range(2):
        assert "MB" in minyi("database", "backup", file).stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file], "nothing half-written lies about"
    content = file.read_bytes()
    if not database_url.startswith("sqlite"):
        content = subprocess.check_output(["pg_restore", "--file=-", file])
    assert b"town" in content
    secret = Settings().secret_key_file.read_text().strip()
    for form in (secret.encode(), *_spelt(master_from_text(secret))):
        assert form not in content


def _spelt(secret: bytes) -> tuple[bytes, ...]:
    return secret, secret.hex().encode(), base64.b64encode(secret)


async def test_nothing_is_overwritten(
    resources: Resources, database_url: str, empty_url: str, file: Path
) -> None:
    await open_town(resources)
    back_up(database_url, file)
    before = await counts(resources)
    with pytest.raises(BackupRefused, match=r"not empty|exists already"):
        restore(database_url, file)
    assert await counts(resources) == before
    restore(empty_url, file)
    with pytest.raises(BackupRefused, match=r"not empty|exists already"):
        restore(empty_url, file)


def test_what_is_no_whole_backup_is_refused(
    database_url: str, empty_url: str, file: Path, tmp_path: Path
) -> None:
    with pytest.raises(BackupRefused, match="no such file"):
        restore(empty_url, file)
    back_up(database_url, file)
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    with pytest.raises(BackupRefused):
        restore(empty_url, file)
    assert not (tmp_path / "restored" / "minyi.db").exists()
    other = b"PGDMP" if database_url.startswith("sqlite") else b"SQLite format 3\0"
    file.write_bytes(other + content)
    with pytest.raises(BackupRefused, match="kind of database"):
        restore(empty_url, file)
    file.write_bytes(content)
    restore(empty_url, file)


def test_a_backup_that_fails_leaves_the_last_one(database_url: str, file: Path) -> None:
    back_up(database_url, file)
    content = file.read_bytes()
    gone = make_url(database_url).set(
        database="/nowhere/gone" if "sqlite" in database_url else "gone"
    )
    with pytest.raises(StorageUnavailable):
        back_up(gone.render_as_string(hide_password=False), file)
    assert file.read_bytes() == content
    assert list(file.parent.iterdir()) == [file]
    (file.parent / "taken").touch()
    with pytest.raises(BackupRefused, match="can't be written"):
        back_up(database_url, file.parent / "taken" / "backup")


def test_a_journal_left_over_stops_a_restore(
    make_sqlite: Callable[[], str], file: Path, tmp_path: Path
) -> None:
    """SQLite would play it into the restored database."""
    back_up(make_sqlite(), file)
    (tmp_path / "minyi.db-journal").write_bytes(b"x")
    with pytest.raises(BackupRefused, match="exists already"):
        restore(f"sqlite:///{tmp_path}/minyi.db", file)


class TestClientTools:
    """PostgreSQL's own programs make the copy."""

    @pytest.fixture
    def database_url(self, postgresql_url: str) -> str:
        return postgresql_url

    def test_where_they_are_missing_it_says_what_to_install(
        self, database_url: str, file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(NotInstalled, match="postgresql-client"):
            back_up(database_url, file)

    def test_where_they_are_too_old_it_names_the_version(
        self, database_url: str, file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        program = tmp_path / "pg_dump"
        program.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.1'\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        with pytest.raises(BackupRefused, match=r"of version 9, .* install postgresql-client-1\d"):
            back_up(database_url, file)

    def test_the_password_is_not_among_the_arguments(
        self, database_url: str, file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        program = tmp_path / "pg_dump"
        program.write_text(
            "#!/bin/sh\n[ $1 = --version ] && echo 'pg_dump 99' && exit\n"
            'echo "$@" > ${0%/*}/arguments; echo "$PGPASSWORD" > ${0%/*}/password\n'
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        url = make_url(database_url).set(password="hush")
        back_up(url.render_as_string(hide_password=False), file)
        assert (tmp_path / "password").read_text() == "hush\n"
        assert "hush" not in (tmp_path / "arguments").read_text()
