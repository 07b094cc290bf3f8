"""Keys that sign releases. The one with the highest number signs; all of them stay published."""

from sqlalchemy import Column, Integer, LargeBinary, String, Table

from app.tables._base import Hash, UtcDateTime, metadata

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("key_id", String(43), nullable=False, unique=True, comment="JWK thumbprint"),
    Column("public_key", Hash, nullable=False, comment="raw Ed25519, 32 bytes"),
    Column("sealed_private_key", LargeBinary, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
)
