"""Releases: figures prepared by one person and documents published by another."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_releases"
down_revision = "20261122_events"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "prepared_figures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column(
            "after_sequence", sa.Integer(), nullable=False, comment="releases published before"
        ),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column(
            "figures",
            sa.LargeBinary(),
            nullable=False,
            comment="canonical JSON, disclosure controlled",
        ),
        sa.Column("prepared_by", sa.String(length=100), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["wave_id"], ["waves.id"], name=op.f("fk_prepared_figures_wave_id_waves")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prepared_figures")),
    )
    op.create_index(op.f("ix_prepared_figures_wave_id"), "prepared_figures", ["wave_id"])
    op.create_table(
        "releases",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("prepared_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False, comment="of the payload"),
        sa.Column("payload", sa.LargeBinary(), nullable=False, comment="canonical JSON"),
        sa.Column("jws", sa.Text(), nullable=False, comment="compact, over the payload"),
        sa.Column("published_by", sa.String(length=100), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["prepared_id"],
            ["prepared_figures.id"],
            name=op.f("fk_releases_prepared_id_prepared_figures"),
        ),
        sa.ForeignKeyConstraint(["wave_id"], ["waves.id"], name=op.f("fk_releases_wave_id_waves")),
        sa.PrimaryKeyConstraint("wave_id", "sequence", name=op.f("pk_releases")),
        sa.UniqueConstraint("prepared_id", name=op.f("uq_releases_prepared_id")),
    )


def downgrade() -> None:
    op.drop_table("releases")
    op.drop_index(op.f("ix_prepared_figures_wave_id"), table_name="prepared_figures")
    op.drop_table("prepared_figures")
