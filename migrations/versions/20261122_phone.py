"""Telephone: batches of call sheets beside batches of paper forms, and the calls made."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_phone"
down_revision = "20261122_integrity"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "batches",
        sa.Column("mode", sa.String(length=40), server_default=sa.text("'paper'"), nullable=False),
    )
    op.create_table(
        "calls",
        sa.Column("wave_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "result",
            sa.String(length=40),
            nullable=False,
            comment="empty: going on, or broken off",
        ),
        sa.CheckConstraint(
            "result in ('', 'completed', 'refused', 'no_contact', 'ineligible', 'language', "
            "'call_back')",
            name=op.f("ck_calls_result"),
        ),
        sa.PrimaryKeyConstraint("wave_id", "number", "attempt", name=op.f("pk_calls")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("calls")
    op.drop_column("batches", "mode")
