"""Response side: permits minted beforehand, known by keyed hash only, and their typed codes."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table, text

from app.tables._base import DISTRIBUTED, Hash, Word, metadata

permits = Table(
    "permits",
    metadata,
    Column("wave_id", Integer, primary_key=True, autoincrement=False),
    Column("permit_hash", Hash, primary_key=True),
    Column("state", Word, nullable=False),
    Column("trust", Word, nullable=False),
    Column("mode", Word, nullable=False),
    Column("respondent_class", Word, nullable=False),
    Column("own_unit", Word, nullable=False),
    Column("department", Word, nullable=False),
    Column("window", Word, nullable=False),
    Column("stratum", Word, nullable=False),
    Column("point", Word, nullable=False, server_default=text("''"), comment="of a paper form"),
    Column("batch", Word, nullable=False, comment="the minting it came from, for revoking"),
    CheckConstraint("state in ('unspent', 'spent', 'revoked')", name="state"),
    Index("ix_permits_batch", "wave_id", "batch"),
    info=DISTRIBUTED,
    sqlite_with_rowid=False,
)

typed_codes = Table(
    "typed_codes",
    metadata,
    Column("wave_id", Integer, primary_key=True, autoincrement=False),
    Column("typed_hash", Hash, primary_key=True),
    Column("permit_hash", Hash, nullable=False),
    info=DISTRIBUTED,
    sqlite_with_rowid=False,
)
