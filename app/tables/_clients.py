"""Clients of the API, their tokens, and where they want to be told of events.

Secrets and tokens stand here as keyed hashes: a copy of the database lets nobody in. Secrets of
webhooks, which sign, are sealed.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from app.tables._base import Hash, UtcDateTime, Word, metadata

clients = Table(
    "clients",
    metadata,
    Column("id", Word, primary_key=True),
    Column("name", Word, nullable=False, unique=True),
    Column("state", Word, nullable=False),
    Column("scopes", Text, nullable=False, comment="with blanks between"),
    Column("secret_hash", Hash, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("secret_made_at", UtcDateTime, nullable=False),
    CheckConstraint("state in ('active', 'revoked')", name="state"),
)

client_tokens = Table(
    "client_tokens",
    metadata,
    Column("token_hash", Hash, primary_key=True),
    Column("client_id", ForeignKey("clients.id"), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index("ix_client_tokens_client_id", "client_id", "expires_at"),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Word, primary_key=True),
    Column("client_id", ForeignKey("clients.id"), nullable=False),
    Column("url", String(500), nullable=False),
    Column("sealed_secret", LargeBinary, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Index("ix_webhooks_client_id", "client_id"),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("webhook_id", ForeignKey("webhooks.id"), primary_key=True),
    Column("sequence", ForeignKey("events.sequence"), primary_key=True, autoincrement=False),
    Column("state", Word, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False, comment="while it is tried: of the next try"),
    Column("problem", Word, nullable=False, comment="of the last try; empty: none"),
    CheckConstraint("state in ('waiting', 'dead')", name="state"),
    Index("ix_webhook_deliveries_due", "state", "due_at"),
)
