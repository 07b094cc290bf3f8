"""The same storage without its precautions, to show that the attacks are real."""

import pytest
from sqlalchemy import text

from app.store import roll
from app.store.database import Database


def store_claims_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Insert who took part as they come, and no more."""

    async def leave_as_it_came(*_: object) -> None:
        return None

    monkeypatch.setattr(roll, "_hide_among_others", leave_as_it_came)


async def number_the_rows(database: Database) -> None:
    """Give SQLite's tables of both sides the row numbers that it would give by default."""
    if not database.is_sqlite:
        return
    async with database.writing() as connection:
        for table in ("roll", "responses"):
            query = text("SELECT sql FROM sqlite_master WHERE name = :table")
            made = (await connection.execute(query, {"table": table})).scalar_one()
            await connection.execute(text(f"DROP TABLE {table}"))
            await connection.execute(text(made.replace("WITHOUT ROWID", "")))
