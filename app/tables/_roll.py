"""Roll side: who has taken part, and the pool from which verified permits are drawn.

Every row of the roll has a memo of equal length: for a few minutes the permit drawn, sealed with a
key that only the citizen's browser holds, later the same bytes that nobody can open, so that
neither time nor order of a draw can be read off the table (`store/roll.py` sees to the rest).
"""

from sqlalchemy import Column, Index, Integer, LargeBinary, Table

from app.tables._base import DISTRIBUTED, Hash, Word, metadata

roll = Table(
    "roll",
    metadata,
    Column("wave_id", Integer, primary_key=True, autoincrement=False),
    Column("person_key", Hash, primary_key=True),
    Column("trust", Word, nullable=False),
    Column("respondent_class", Word, nullable=False),
    Column("memo", LargeBinary, nullable=False),
    info=DISTRIBUTED,
    sqlite_with_rowid=False,
)

pool = Table(
    "pool",
    metadata,
    Column("wave_id", Integer, primary_key=True, autoincrement=False),
    Column("entry_id", LargeBinary(16), primary_key=True, comment="random, not a permit's hash"),
    Column("respondent_class", Word, nullable=False),
    Column("sealed_secret", LargeBinary, nullable=False),
    Index("ix_pool_class", "wave_id", "respondent_class", "entry_id"),
    info=DISTRIBUTED,
    sqlite_with_rowid=False,
)

eligible_persons = Table(
    "eligible_persons",
    metadata,
    Column("wave_id", Integer, primary_key=True, autoincrement=False),
    Column("person_key", Hash, primary_key=True),
    Column("respondent_class", Word, nullable=False),
    info=DISTRIBUTED,
    sqlite_with_rowid=False,
)
