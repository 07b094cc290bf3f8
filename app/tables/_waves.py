"""Waves, their dates per mode, and the log of their transitions. Small: reference tables."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, String, Table

from app.tables._base import UtcDateTime, Word, metadata

waves = Table(
    "waves",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", Word, nullable=False, unique=True),
    Column("definition_hash", ForeignKey("definitions.hash"), nullable=False),
    Column("state", Word, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    CheckConstraint("state in ('draft', 'open', 'paused', 'closed', 'released')", name="state"),
)

wave_dates = Table(
    "wave_dates",
    metadata,
    Column("wave_id", ForeignKey("waves.id"), primary_key=True),
    Column("mode", Word, primary_key=True),
    Column("opens_at", UtcDateTime, nullable=False),
    Column("closes_at", UtcDateTime, comment="empty: a continuous wave"),
)

wave_transitions = Table(
    "wave_transitions",
    metadata,
    Column("wave_id", ForeignKey("waves.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("from_state", Word, nullable=False),
    Column("to_state", Word, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", String(100), nullable=False),
    Column("reason", String(500), nullable=False),
)
