"""Response side: what was said. No time finer than a day, no number that counts up.

`response_id` is derived from the permit's hash: the primary key is what makes a permit good for
one response. `sealed_person` is empty except at level `confidential`.
"""

from sqlalchemy import CheckConstraint, Column, Date, Integer, LargeBinary, Table, Text, text

from app.tables._base import DISTRIBUTED, Word, metadata

responses = Table(
    "responses",
    metadata,
    Column("wave_id", Integer, primary_key=True, autoincrement=False),
    Column("response_id", LargeBinary(16), primary_key=True),
    Column("status", Word, nullable=False),
    Column("mode", Word, nullable=False),
    Column("trust", Word, nullable=False),
    Column("respondent_class", Word, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("own_unit", Word, nullable=False),
    Column("stratum", Word, nullable=False),
    Column("point", Word, nullable=False, server_default=text("''"), comment="of a paper form"),
    Column("window", Word, nullable=False),
    Column("answers", Text, nullable=False, comment="canonical JSON, offered departments included"),
    Column("sealed_person", LargeBinary, nullable=False),
    CheckConstraint("status in ('counted', 'duplicate', 'set_aside')", name="status"),
    info=DISTRIBUTED,
    sqlite_with_rowid=False,
)

drafts = Table(
    "drafts",
    metadata,
    Column("wave_id", Integer, primary_key=True, autoincrement=False),
    Column("response_id", LargeBinary(16), primary_key=True),
    Column("sealed_answers", LargeBinary, nullable=False, comment="key derived from the permit"),
    Column("saved_on", Date, nullable=False),
    info=DISTRIBUTED,
    sqlite_with_rowid=False,
)
