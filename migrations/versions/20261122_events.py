"""The feed of events, and its head: one row, held while an event is added."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_events"
down_revision = "20261122_signing_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column(
            "scheme",
            sa.String(length=40),
            nullable=False,
            comment="whose readers alone may see it",
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.Text(), nullable=False, comment="canonical JSON"),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_events")),
    )
    head = op.create_table(
        "event_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_event_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_head")),
    )
    op.bulk_insert(head, [{"id": 1, "sequence": 0}])


def downgrade() -> None:
    op.drop_table("event_head")
    op.drop_table("events")
