"""`minyi database upgrade` while servers of the version before take answers.

What is promised: a migration that only adds runs while the old version serves; one that would have
to wait for a lock gives up after five seconds and changes nothing; a server does not start on a
schema that is not its own. Here this version is the old one, and the next is made up.
"""

import asyncio
import shutil
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import OperationalError

from app.services.resources import Resources
from app.services.waves import Wave
from app.settings import ROOT, Settings
from app.store.database import sync_url
from app.store.schema import alembic_config, require_current
from tests.faults.audit import Findings, examine
from tests.faults.citizens import Citizens, Memory, many_permits
from tests.faults.servers import Server
from tests.faults.sizes import TIMEOUT, size

BETWEEN = size(40, 1000)
LOCK_SECONDS = 5
"""As migrations/env.py says."""
ADDS = """
    op.create_table("next_things", sa.Column("id", sa.Integer(), primary_key=True))
    op.add_column("responses", sa.Column("next", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_next", "responses", ["wave_id", "next"])
"""
COPIES = """
    op.execute("CREATE TABLE copied AS SELECT * FROM responses")
    op.get_bind().commit()
    time.sleep(1)
    op.execute("DELETE FROM responses")
    op.execute("INSERT INTO responses SELECT * FROM copied")
    op.get_bind().commit()
"""
"""As if nobody could write in between."""
FAILS = (
    ADDS
    + """
    raise RuntimeError("half-way")
"""
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(TIMEOUT)]
UpgradeBy = Callable[[str], None]


@pytest.fixture
def upgrade_by(tmp_path: Path, settings: Settings) -> UpgradeBy:
    """Give a function that upgrades the database to a next version, made of these statements."""

    def upgrade(statements: str) -> None:
        folder = tmp_path / "migrations"
        shutil.copytree(ROOT / "migrations", folder)
        config = alembic_config(settings.database_url)
        config.set_main_option("script_location", str(folder))
        (folder / "versions" / "next.py").write_text(
            "import time\nimport sqlalchemy as sa\nfrom alembic import op\n"
            f"revision = 'next'\ndown_revision = {_head(config)!r}\n"
            f"def upgrade():\n{textwrap.indent(textwrap.dedent(statements), '    ')}"
        )
        command.upgrade(config, "head")

    return upgrade


def _head(config: Config) -> str:
    heads = ScriptDirectory.from_config(config).get_heads()
    assert len(heads) == 1
    return heads[0]


async def upgraded_under_load(
    resources: Resources, town: Wave, upgrade: Callable[[], None], server: Server
) -> Memory:
    """Upgrade in the middle of the load."""
    permits = await many_permits(resources, town, BETWEEN * 4 + 4000)  # a second of a fast server
    citizens = Citizens([server.port], permits)
    async with citizens.answering() as memory:
        await citizens.acknowledged(more=BETWEEN)
        await asyncio.to_thread(upgrade)
        await citizens.acknowledged(more=BETWEEN)
    return memory


def has_next(settings: Settings) -> bool:
    """Say whether anything of the next version is there."""
    engine = create_engine(sync_url(settings.database_url))
    found = inspect(engine)
    columns = {column["name"] for column in found.get_columns("responses")}
    tables = found.get_table_names()
    engine.dispose()
    return "next" in columns or "next_things" in tables


async def test_old_servers_go_on_while_a_migration_adds(
    settings: Settings,
    resources: Resources,
    town: Wave,
    upgrade_by: UpgradeBy,
    report: Callable[[str], None],
) -> None:
    server = Server(settings)
    with server.running():
        memory = await upgraded_under_load(resources, town, lambda: upgrade_by(ADDS), server)
    assert has_next(settings)
    assert await examine(resources, town, memory) == Findings()
    assert set(memory.replies) <= {200, 201, 503}
    with pytest.raises(RuntimeError, match="schema-out-of-date"):
        server.start()
    report(f"upgraded under load, {len(memory.acknowledged)} acknowledged, none lost")


async def test_migration_that_fails_half_way_leaves_nothing(
    settings: Settings, resources: Resources, town: Wave, upgrade_by: UpgradeBy
) -> None:
    def fail() -> None:
        with pytest.raises(RuntimeError, match="half-way"):
            upgrade_by(FAILS)

    server = Server(settings)
    with server.running():
        memory = await upgraded_under_load(resources, town, fail, server)
    assert not has_next(settings)
    assert await examine(resources, town, memory) == Findings()
    require_current(settings.database_url)


class TestPostgreSQL:
    """Only it has locks on single tables."""

    @pytest.fixture
    def database_url(self, postgresql_url: str) -> str:
        return postgresql_url

    async def test_migration_that_would_have_to_wait_gives_up(
        self, settings: Settings, resources: Resources, town: Wave, upgrade_by: UpgradeBy
    ) -> None:
        def try_while_somebody_reads() -> None:
            engine = create_engine(sync_url(settings.database_url))
            with engine.connect() as reader:
                reader.execute(text("SELECT count(*) FROM responses"))
                with pytest.raises(OperationalError, match="lock timeout"):
                    upgrade_by(ADDS)
            engine.dispose()

        server = Server(settings)
        with server.running():
            memory = await upgraded_under_load(resources, town, try_while_somebody_reads, server)
        assert not has_next(settings)
        assert await examine(resources, town, memory) == Findings()
        assert set(memory.replies) <= {201, 503}
        assert memory.slowest < LOCK_SECONDS + 5

    async def test_answers_that_came_while_a_migration_copied_are_missed(
        self, settings: Settings, resources: Resources, town: Wave, upgrade_by: UpgradeBy
    ) -> None:
        server = Server(settings)
        with server.running():
            memory = await upgraded_under_load(resources, town, lambda: upgrade_by(COPIES), server)
        assert (await examine(resources, town, memory)).lost
