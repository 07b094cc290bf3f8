"""Accounts of staff, and what belongs to one: scopes, links, recovery codes, sessions.

Passwords stand here as argon2id, tokens and codes as hashes, the second factor's secret sealed:
a copy of the database lets nobody in.
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
)

from app.tables._base import Hash, UtcDateTime, Word, metadata

staff = Table(
    "staff",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Word, nullable=False, unique=True),
    Column("full_name", String(60), nullable=False),
    Column("role", Word, nullable=False),
    Column("state", Word, nullable=False),
    Column("password_hash", String(200), nullable=False, comment="empty: no password yet"),
    Column("sealed_totp", LargeBinary, nullable=False, comment="empty: no second factor"),
    Column(
        "totp_step", Integer, nullable=False, comment="last time step used: no code works twice"
    ),
    Column("created_at", UtcDateTime, nullable=False),
    CheckConstraint("state in ('invited', 'active', 'disabled')", name="state"),
)

staff_scopes = Table(
    "staff_scopes",
    metadata,
    Column("staff_id", ForeignKey("staff.id"), primary_key=True),
    Column("kind", Word, primary_key=True),
    Column("code", Word, primary_key=True),
    CheckConstraint("kind in ('point', 'batch', 'department')", name="kind"),
)

staff_links = Table(
    "staff_links",
    metadata,
    Column("staff_id", ForeignKey("staff.id"), primary_key=True),
    Column("token_hash", Hash, nullable=False, unique=True),
    Column("expires_at", UtcDateTime, nullable=False),
)

staff_recovery_codes = Table(
    "staff_recovery_codes",
    metadata,
    Column("staff_id", ForeignKey("staff.id"), primary_key=True),
    Column("code_hash", Hash, primary_key=True),
)

staff_sso = Table(
    "staff_sso",
    metadata,
    Column("staff_id", ForeignKey("staff.id"), primary_key=True),
    Column(
        "person_hash",
        Hash,
        nullable=False,
        unique=True,
        comment="keyed hash of issuer and subject",
    ),
    Column("linked_at", UtcDateTime, nullable=False),
    Column(
        "used_at",
        UtcDateTime,
        nullable=False,
        comment="last confirmation used: none works twice",
    ),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_hash", Hash, primary_key=True),
    Column("staff_id", ForeignKey("staff.id"), nullable=False),
    Column("stage", Word, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("proved_at", UtcDateTime, nullable=False),
    Column(
        "first_factor",
        Word,
        nullable=False,
        server_default="password",
        comment="password or sso",
    ),
    CheckConstraint("stage in ('second-factor', 'enrolment', 'full')", name="stage"),
    Index("ix_staff_sessions_staff_id", "staff_id"),
)

sign_in_tries = Table(
    "sign_in_tries",
    metadata,
    Column("name_hash", Hash, primary_key=True, comment="keyed hash of the name that was typed"),
    Column("tries", Integer, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
)
