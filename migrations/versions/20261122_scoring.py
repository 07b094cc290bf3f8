"""Scoring: figures entered by offices, evaluations prepared by one person, published by another."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_scoring"
down_revision = "20261122_clients"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "entered_figures",
        sa.Column("scheme", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("department", sa.String(length=40), nullable=False),
        sa.Column(
            "figure", sa.String(length=60), nullable=False, comment="component, or adjustment.kind"
        ),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False, comment="decimal"),
        sa.Column("entered_by", sa.String(length=100), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "reason", sa.String(length=500), nullable=False, comment="empty for a first entry"
        ),
        sa.PrimaryKeyConstraint(
            "scheme",
            "period",
            "department",
            "figure",
            "revision",
            name=op.f("pk_entered_figures"),
        ),
    )
    op.create_table(
        "prepared_evaluations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("evaluation", sa.LargeBinary(), nullable=False, comment="canonical JSON"),
        sa.Column("prepared_by", sa.String(length=100), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["wave_id"], ["waves.id"], name=op.f("fk_prepared_evaluations_wave_id_waves")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prepared_evaluations")),
    )
    op.create_index(op.f("ix_prepared_evaluations_scheme"), "prepared_evaluations", ["scheme"])
    op.create_table(
        "evaluations",
        sa.Column("scheme", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("prepared_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False, comment="of the payload"),
        sa.Column("payload", sa.LargeBinary(), nullable=False, comment="canonical JSON"),
        sa.Column("jws", sa.Text(), nullable=False, comment="compact, over the payload"),
        sa.Column("published_by", sa.String(length=100), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["prepared_id"],
            ["prepared_evaluations.id"],
            name=op.f("fk_evaluations_prepared_id_prepared_evaluations"),
        ),
        sa.PrimaryKeyConstraint("scheme", "sequence", name=op.f("pk_evaluations")),
        sa.UniqueConstraint("prepared_id", name=op.f("uq_evaluations_prepared_id")),
    )


def downgrade() -> None:
    for table in ("evaluations", "prepared_evaluations", "entered_figures"):
        op.drop_table(table)
