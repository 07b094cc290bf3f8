"""Keys that sign releases."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_signing_keys"
down_revision = "20261122_paper"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key_id", sa.String(length=43), nullable=False, comment="JWK thumbprint"),
        sa.Column(
            "public_key",
            sa.LargeBinary(length=32),
            nullable=False,
            comment="raw Ed25519, 32 bytes",
        ),
        sa.Column("sealed_private_key", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_signing_keys")),
        sa.UniqueConstraint("key_id", name=op.f("uq_signing_keys_key_id")),
    )


def downgrade() -> None:
    op.drop_table("signing_keys")
