"""Staff's sign-in by the city's provider: whose account, and by what a session began."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_staff_sso"
down_revision = "20261122_releases"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_sso",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column(
            "person_hash",
            sa.LargeBinary(length=32),
            nullable=False,
            comment="keyed hash of issuer and subject",
        ),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "used_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="last confirmation used: none works twice",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_sso_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_staff_sso")),
        sa.UniqueConstraint("person_hash", name=op.f("uq_staff_sso_person_hash")),
    )
    op.add_column(
        "staff_sessions",
        sa.Column(
            "first_factor",
            sa.String(length=40),
            server_default=sa.text("'password'"),
            nullable=False,
            comment="password or sso",
        ),
    )


def downgrade() -> None:
    op.drop_column("staff_sessions", "first_factor")
    op.drop_table("staff_sso")
