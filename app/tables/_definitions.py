"""Survey definitions as they stood when a wave was made from them."""

from sqlalchemy import Column, String, Table, Text

from app.tables._base import UtcDateTime, Word, metadata

definitions = Table(
    "definitions",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("code", Word, nullable=False),
    Column("canonical", Text, nullable=False),
    Column("stored_at", UtcDateTime, nullable=False),
)
