"""Paper: batches, forms, custody, entries, adjudications; the survey point of a response."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_paper"
down_revision = "20261122_staff_and_audit"
branch_labels = None
depends_on = None

TABLES = (
    "batches",
    "interviewers",
    "quotas",
    "forms",
    "custody_moves",
    "entries",
    "adjudications",
)
WITH_POINT = ("permits", "responses")


def upgrade() -> None:
    for table in WITH_POINT:
        op.add_column(table, _point())
    _create_fieldwork()
    _create_forms()
    _create_keying()


def _point() -> sa.Column[str]:
    return sa.Column(
        "point",
        sa.String(length=40),
        server_default=sa.text("''"),
        nullable=False,
        comment="of a paper form",
    )


def _wave() -> sa.Column[int]:
    return sa.Column("wave_id", sa.Integer(), autoincrement=False, nullable=False)


def _number(name: str = "number") -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), autoincrement=False, nullable=False)


def _words(*names: str, length: int = 40) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(length=length), nullable=False) for name in names]


def _instant(name: str, **more: object) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), **more)  # type: ignore[arg-type]


def _create_fieldwork() -> None:
    op.create_table(
        "batches",
        _wave(),
        *_words("batch", "point", "stratum", "respondent_class", "department", "own_unit"),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column(
            "second_share", sa.Float(), nullable=False, comment="part of the forms keyed twice"
        ),
        _instant("issued_at", nullable=False),
        *_words("issued_by", length=100),
        _instant("closed_at", comment="empty: not closed"),
        *_words("closed_by", length=100),
        sa.PrimaryKeyConstraint("wave_id", "batch", name=op.f("pk_batches")),
    )
    op.create_table(
        "interviewers",
        _wave(),
        *_words("interviewer", "point"),
        *_words("name", length=100),
        sa.PrimaryKeyConstraint("wave_id", "interviewer", name=op.f("pk_interviewers")),
    )
    op.create_table(
        "quotas",
        _wave(),
        *_words("point"),
        sa.Column(
            "cell",
            sa.String(length=400),
            nullable=False,
            comment="question=option, joined by commas",
        ),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("wave_id", "point", "cell", name=op.f("pk_quotas")),
    )


def _create_forms() -> None:
    op.create_table(
        "forms",
        _wave(),
        _number(),
        *_words("batch", "point", "state", "outcome", "interviewer"),
        sa.Column(
            "moves", sa.Integer(), nullable=False, comment="how many custody moves it has made"
        ),
        sa.Column(
            "slip",
            sa.String(length=40),
            nullable=False,
            comment="what the slip with an identity told",
        ),
        *_words("result"),
        sa.CheckConstraint(
            "state in ('issued', 'handed_out', 'returned', 'keyed', 'spoiled', 'refused', 'lost', "
            "'blank')",
            name=op.f("ck_forms_state"),
        ),
        sa.CheckConstraint(
            "slip in ('', 'reading', 'first', 'elsewhere')", name=op.f("ck_forms_slip")
        ),
        sa.CheckConstraint(
            "result in ('', 'counted', 'duplicate', 'void')", name=op.f("ck_forms_result")
        ),
        sa.PrimaryKeyConstraint("wave_id", "number", name=op.f("pk_forms")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_forms_batch", "forms", ["wave_id", "batch", "state"])
    op.create_table(
        "custody_moves",
        _wave(),
        _number(),
        _number("move"),
        *_words("from_state", "to_state", "outcome", "interviewer"),
        _instant("at", nullable=False),
        *_words("by", length=100),
        *_words("reason", length=500),
        sa.PrimaryKeyConstraint("wave_id", "number", "move", name=op.f("pk_custody_moves")),
        sqlite_with_rowid=False,
    )


def _create_keying() -> None:
    op.create_table(
        "entries",
        _wave(),
        _number(),
        _number("ordinal"),
        *_words("by", length=100),
        _instant("at", nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False, comment="time it took; 0: not known"),
        *_words("source"),
        sa.Column("marks", sa.Text(), nullable=False, comment="canonical JSON: field → mark"),
        sa.CheckConstraint("ordinal in (1, 2)", name=op.f("ck_entries_ordinal")),
        sa.PrimaryKeyConstraint("wave_id", "number", "ordinal", name=op.f("pk_entries")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "adjudications",
        _wave(),
        _number(),
        *_words("by", length=100),
        _instant("at", nullable=False),
        *_words("reason", length=500),
        sa.Column("decisions", sa.Text(), nullable=False, comment="canonical JSON: field → mark"),
        sa.PrimaryKeyConstraint("wave_id", "number", name=op.f("pk_adjudications")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    for table in WITH_POINT:
        op.drop_column(table, "point")
