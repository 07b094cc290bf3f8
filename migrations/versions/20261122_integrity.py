"""Integrity: cases of suspicious answers, their steps, and which responses were set aside."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_integrity"
down_revision = "20261122_scoring"
branch_labels = None
depends_on = None

TABLES = ("integrity_cases", "integrity_steps", "integrity_members")


def upgrade() -> None:
    op.create_table(
        "integrity_cases",
        *_numbers("wave_id", "number"),
        sa.Column("signal", sa.String(length=40), nullable=False),
        sa.Column(
            "objects",
            sa.Text(),
            nullable=False,
            comment="JSON object of codes: day, mode, point, …",
        ),
        sa.Column(
            "parameters", sa.Text(), nullable=False, comment="JSON object of the rule's numbers"
        ),
        sa.PrimaryKeyConstraint("wave_id", "number", name=op.f("pk_integrity_cases")),
    )
    op.create_table(
        "integrity_steps",
        *_numbers("wave_id", "case_number", "number"),
        sa.Column("move", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False, comment="responses that the rule picked then"),
        sa.CheckConstraint(
            "move in ('propose', 'agree', 'refuse')", name=op.f("ck_integrity_steps_move")
        ),
        sa.PrimaryKeyConstraint(
            "wave_id", "case_number", "number", name=op.f("pk_integrity_steps")
        ),
    )
    op.create_table(
        "integrity_members",
        *_numbers("wave_id", "case_number"),
        sa.Column("response_id", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint(
            "wave_id", "case_number", "response_id", name=op.f("pk_integrity_members")
        ),
        sqlite_with_rowid=False,
    )


def _numbers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), autoincrement=False, nullable=False) for name in names]


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
