"""Figures that offices enter, evaluations prepared, and evaluations published.

Rows are added, never changed or removed: a corrected figure is a new row with the next revision.
"""

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Table, Text

from app.tables._base import Hash, UtcDateTime, Word, metadata

entered_figures = Table(
    "entered_figures",
    metadata,
    Column("scheme", Word, primary_key=True),
    Column("period", Word, primary_key=True),
    Column("department", Word, primary_key=True),
    Column("figure", String(60), primary_key=True, comment="component, or adjustment.kind"),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("value", String(40), nullable=False, comment="decimal"),
    Column("entered_by", String(100), nullable=False),
    Column("entered_at", UtcDateTime, nullable=False),
    Column("reason", String(500), nullable=False, comment="empty for a first entry"),
)

prepared_evaluations = Table(
    "prepared_evaluations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("scheme", Word, nullable=False, index=True),
    Column("period", Word, nullable=False),
    Column("wave_id", ForeignKey("waves.id"), nullable=False),
    Column("digest", Hash, nullable=False),
    Column("evaluation", LargeBinary, nullable=False, comment="canonical JSON"),
    Column("prepared_by", String(100), nullable=False),
    Column("prepared_at", UtcDateTime, nullable=False),
)

evaluations = Table(
    "evaluations",
    metadata,
    Column("scheme", Word, primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("period", Word, nullable=False),
    Column("state", Word, nullable=False),
    Column("prepared_id", ForeignKey("prepared_evaluations.id"), nullable=False, unique=True),
    Column("digest", Hash, nullable=False, comment="of the payload"),
    Column("payload", LargeBinary, nullable=False, comment="canonical JSON"),
    Column("jws", Text, nullable=False, comment="compact, over the payload"),
    Column("published_by", String(100), nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
)
