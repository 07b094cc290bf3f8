"""Cases of suspicious answers: the rule, the steps, and which responses a decision was about.

Rows are added and never changed. Members carry no time and no order, like the responses they name.
"""

from sqlalchemy import CheckConstraint, Column, Integer, LargeBinary, String, Table, Text

from app.tables._base import DISTRIBUTED, UtcDateTime, Word, metadata

integrity_cases = Table(
    "integrity_cases",
    metadata,
    Column("wave_id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("signal", Word, nullable=False),
    Column("objects", Text, nullable=False, comment="JSON object of codes: day, mode, point, …"),
    Column("parameters", Text, nullable=False, comment="JSON object of the rule's numbers"),
)

integrity_steps = Table(
    "integrity_steps",
    metadata,
    Column("wave_id", Integer, primary_key=True, autoincrement=False),
    Column("case_number", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("move", Word, nullable=False),
    Column("by", String(100), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("n", Integer, nullable=False, comment="responses that the rule picked then"),
    CheckConstraint("move in ('propose', 'agree', 'refuse')", name="move"),
)

integrity_members = Table(
    "integrity_members",
    metadata,
    Column("wave_id", Integer, primary_key=True, autoincrement=False),
    Column("case_number", Integer, primary_key=True, autoincrement=False),
    Column("response_id", LargeBinary(16), primary_key=True),
    info=DISTRIBUTED,
    sqlite_with_rowid=False,
)
