"""The log of staff acts, chained by hashes, and its head: one row, held while an entry is added."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, String, Table, Text

from app.tables._base import Hash, UtcDateTime, Word, metadata

audit_log = Table(
    "audit_log",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(100), nullable=False),
    Column("act", Word, nullable=False),
    Column("object", String(100), nullable=False),
    Column("details", Text, nullable=False, comment="JSON object of words"),
    Column("previous", Hash, nullable=False),
    Column("hash", Hash, nullable=False),
    Column("seal", Hash, nullable=False),
    Index("ix_audit_log_actor", "actor", "number"),
    Index("ix_audit_log_object", "object", "number"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("hash", Hash, nullable=False),
    Column("seal", LargeBinary(32), nullable=False, comment="empty before the first entry"),
    CheckConstraint("id = 1", name="one_row"),
)
