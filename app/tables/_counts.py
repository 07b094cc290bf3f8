"""How many rows of each kind there are, so that nobody has to count them.

Every transaction adds to the rows of one slot drawn at random (`store/counts.py`); the count is
the sum over the slots. A single slot may be negative.
"""

from sqlalchemy import BigInteger, Column, Date, Integer, Table

from app.tables._base import DISTRIBUTED, Word, metadata


def _slots() -> tuple[Column[int], Column[int]]:
    return (
        Column("wave_id", Integer, primary_key=True, autoincrement=False),
        Column("slot", Integer, primary_key=True, autoincrement=False),
    )


def _key(name: str) -> Column[str]:
    return Column(name, Word, primary_key=True)


def _n() -> Column[int]:
    return Column("n", BigInteger, nullable=False)


response_counts = Table(
    "response_counts",
    metadata,
    *_slots(),
    _key("mode"),
    _key("trust"),
    _key("respondent_class"),
    _key("status"),
    Column("received_on", Date, primary_key=True),
    _n(),
    info=DISTRIBUTED,
    sqlite_with_rowid=False,
)

permit_counts = Table(
    "permit_counts",
    metadata,
    *_slots(),
    _key("trust"),
    _key("mode"),
    _key("respondent_class"),
    _key("state"),
    _n(),
    info=DISTRIBUTED,
    sqlite_with_rowid=False,
)

roll_counts = Table(
    "roll_counts",
    metadata,
    *_slots(),
    _key("trust"),
    _n(),
    info=DISTRIBUTED,
    sqlite_with_rowid=False,
)
