"""Paper fieldwork: batches of numbered forms, where each form is, and how it was keyed.

Custody moves, entries and adjudications are only ever added; a call gets its result once. Nothing
here names a respondent.
"""

from sqlalchemy import CheckConstraint, Column, Float, Index, Integer, String, Table, Text, text

from app.tables._base import DISTRIBUTED, UtcDateTime, Word, metadata

batches = Table(
    "batches",
    metadata,
    Column("wave_id", Integer, primary_key=True, autoincrement=False),
    Column("batch", Word, primary_key=True),
    Column("mode", Word, nullable=False, server_default=text("'paper'")),
    Column("point", Word, nullable=False),
    Column("stratum", Word, nullable=False),
    Column("respondent_class", Word, nullable=False),
    Column("department", Word, nullable=False),
    Column("own_unit", Word, nullable=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("second_share", Float, nullable=False, comment="part of the forms keyed twice"),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("issued_by", String(100), nullable=False),
    Column("closed_at", UtcDateTime, comment="empty: not closed"),
    Column("closed_by", String(100), nullable=False),
)

interviewers = Table(
    "interviewers",
    metadata,
    Column("wave_id", Integer, primary_key=True, autoincrement=False),
    Column("interviewer", Word, primary_key=True),
    Column("point", Word, nullable=False),
    Column("name", String(100), nullable=False),
)

quotas = Table(
    "quotas",
    metadata,
    Column("wave_id", Integer, primary_key=True, autoincrement=False),
    Column("point", Word, primary_key=True),
    Column("cell", String(400), primary_key=True, comment="question=option, joined by commas"),
    Column("target", Integer, nullable=False),
)

forms = Table(
    "forms",
    metadata,
    Column("wave_id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("batch", Word, nullable=False),
    Column("point", Word, nullable=False),
    Column("state", Word, nullable=False),
    Column("outcome", Word, nullable=False),
    Column("interviewer", Word, nullable=False),
    Column("moves", Integer, nullable=False, comment="how many custody moves it has made"),
    Column("slip", Word, nullable=False, comment="what the slip with an identity told"),
    Column("result", Word, nullable=False),
    CheckConstraint(
        "state in ('issued', 'handed_out', 'returned', 'keyed', 'spoiled', 'refused', 'lost', "
        "'blank')",
        name="state",
    ),
    CheckConstraint("slip in ('', 'reading', 'first', 'elsewhere')", name="slip"),
    CheckConstraint("result in ('', 'counted', 'duplicate', 'void')", name="result"),
    Index("ix_forms_batch", "wave_id", "batch", "state"),
    info=DISTRIBUTED,
    sqlite_with_rowid=False,
)

custody_moves = Table(
    "custody_moves",
    metadata,
    Column("wave_id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("move", Integer, primary_key=True, autoincrement=False),
    Column("from_state", Word, nullable=False),
    Column("to_state", Word, nullable=False),
    Column("outcome", Word, nullable=False),
    Column("interviewer", Word, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", String(100), nullable=False),
    Column("reason", String(500), nullable=False),
    info=DISTRIBUTED,
    sqlite_with_rowid=False,
)

calls = Table(
    "calls",
    metadata,
    Column("wave_id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("by", String(100), nullable=False),
    Column("began_at", UtcDateTime, nullable=False),
    Column("result", Word, nullable=False, comment="empty: going on, or broken off"),
    CheckConstraint(
        "result in ('', 'completed', 'refused', 'no_contact', 'ineligible', 'language', "
        "'call_back')",
        name="result",
    ),
    info=DISTRIBUTED,
    sqlite_with_rowid=False,
)

entries = Table(
    "entries",
    metadata,
    Column("wave_id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("by", String(100), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("seconds", Float, nullable=False, comment="time it took; 0: not known"),
    Column("source", Word, nullable=False),
    Column("marks", Text, nullable=False, comment="canonical JSON: field → mark"),
    CheckConstraint("ordinal in (1, 2)", name="ordinal"),
    info=DISTRIBUTED,
    sqlite_with_rowid=False,
)

adjudications = Table(
    "adjudications",
    metadata,
    Column("wave_id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("by", String(100), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("decisions", Text, nullable=False, comment="canonical JSON: field → mark"),
    info=DISTRIBUTED,
    sqlite_with_rowid=False,
)
