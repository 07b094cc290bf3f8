"""Figures prepared for release, and releases. Rows are added, never changed or removed."""

from sqlalchemy import Column, Date, ForeignKey, Integer, LargeBinary, String, Table, Text

from app.tables._base import Hash, UtcDateTime, Word, metadata

prepared_figures = Table(
    "prepared_figures",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("wave_id", ForeignKey("waves.id"), nullable=False, index=True),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("after_sequence", Integer, nullable=False, comment="releases published before"),
    Column("digest", Hash, nullable=False),
    Column("figures", LargeBinary, nullable=False, comment="canonical JSON, disclosure controlled"),
    Column("prepared_by", String(100), nullable=False),
    Column("prepared_at", UtcDateTime, nullable=False),
)

releases = Table(
    "releases",
    metadata,
    Column("wave_id", ForeignKey("waves.id"), primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("state", Word, nullable=False),
    Column("prepared_id", ForeignKey("prepared_figures.id"), nullable=False, unique=True),
    Column("digest", Hash, nullable=False, comment="of the payload"),
    Column("payload", LargeBinary, nullable=False, comment="canonical JSON"),
    Column("jws", Text, nullable=False, comment="compact, over the payload"),
    Column("published_by", String(100), nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
)
