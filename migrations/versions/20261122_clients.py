"""Clients of the API with their tokens, webhooks, and events on their way to these."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_clients"
down_revision = "20261122_staff_sso"
branch_labels = None
depends_on = None

TABLES = ("clients", "client_tokens", "webhooks", "webhook_deliveries")


def upgrade() -> None:
    _create_clients()
    _create_webhooks()


def _create_clients() -> None:
    op.create_table(
        "clients",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False, comment="with blanks between"),
        sa.Column("secret_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("secret_made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('active', 'revoked')", name=op.f("ck_clients_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients")),
        sa.UniqueConstraint("name", name=op.f("uq_clients_name")),
    )
    op.create_table(
        "client_tokens",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        _client_id("client_tokens"),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_client_tokens")),
    )
    op.create_index("ix_client_tokens_client_id", "client_tokens", ["client_id", "expires_at"])


def _client_id(table: str) -> sa.Column[str]:
    key = sa.ForeignKey("clients.id", name=op.f(f"fk_{table}_client_id_clients"))
    return sa.Column("client_id", sa.String(length=40), key, nullable=False)


def _create_webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(length=40), nullable=False),
        _client_id("webhooks"),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_index("ix_webhooks_client_id", "webhooks", ["client_id"])
    op.create_table(
        "webhook_deliveries",
        sa.Column("webhook_id", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="while it is tried: of the next try",
        ),
        sa.Column(
            "problem",
            sa.String(length=40),
            nullable=False,
            comment="of the last try; empty: none",
        ),
        sa.CheckConstraint(
            "state in ('waiting', 'dead')", name=op.f("ck_webhook_deliveries_state")
        ),
        sa.ForeignKeyConstraint(
            ["sequence"], ["events.sequence"], name=op.f("fk_webhook_deliveries_sequence_events")
        ),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f("fk_webhook_deliveries_webhook_id_webhooks")
        ),
        sa.PrimaryKeyConstraint("webhook_id", "sequence", name=op.f("pk_webhook_deliveries")),
    )
    op.create_index("ix_webhook_deliveries_due", "webhook_deliveries", ["state", "due_at"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
