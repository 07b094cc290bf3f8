"""The feed of events: append-only, numbered without gaps in the order of the commits."""

from sqlalchemy import CheckConstraint, Column, Integer, String, Table, Text

from app.tables._base import UtcDateTime, Word, metadata

events = Table(
    "events",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("kind", Word, nullable=False),
    Column("subject", String(100), nullable=False),
    Column("scheme", Word, nullable=False, comment="whose readers alone may see it"),
    Column("at", UtcDateTime, nullable=False),
    Column("data", Text, nullable=False, comment="canonical JSON"),
)

event_head = Table(
    "event_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sequence", Integer, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)
