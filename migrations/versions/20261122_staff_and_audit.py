"""Staff: accounts with sessions and second factor, and the chained log of their acts."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_staff_and_audit"
down_revision = "20261122_collection"
branch_labels = None
depends_on = None

TABLES = (
    "staff",
    "staff_scopes",
    "staff_links",
    "staff_recovery_codes",
    "staff_sessions",
    "sign_in_tries",
    "audit_log",
    "audit_head",
)


def upgrade() -> None:
    _create_accounts()
    _create_sessions()
    _create_audit_log()


def _create_accounts() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("full_name", sa.String(length=60), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column(
            "password_hash",
            sa.String(length=200),
            nullable=False,
            comment="empty: no password yet",
        ),
        sa.Column(
            "sealed_totp", sa.LargeBinary(), nullable=False, comment="empty: no second factor"
        ),
        sa.Column(
            "totp_step",
            sa.Integer(),
            nullable=False,
            comment="last time step used: no code works twice",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state in ('invited', 'active', 'disabled')", name=op.f("ck_staff_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("name", name=op.f("uq_staff_name")),
    )
    op.create_table(
        "staff_scopes",
        _staff_id("staff_scopes"),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "kind in ('point', 'batch', 'department')", name=op.f("ck_staff_scopes_kind")
        ),
        sa.PrimaryKeyConstraint("staff_id", "kind", "code", name=op.f("pk_staff_scopes")),
    )
    op.create_table(
        "staff_links",
        _staff_id("staff_links"),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_staff_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_staff_links_token_hash")),
    )
    op.create_table(
        "staff_recovery_codes",
        _staff_id("staff_recovery_codes"),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "code_hash", name=op.f("pk_staff_recovery_codes")),
    )


def _staff_id(table: str) -> sa.Column[int]:
    key = sa.ForeignKey("staff.id", name=op.f(f"fk_{table}_staff_id_staff"))
    return sa.Column("staff_id", sa.Integer(), key, nullable=False)


def _create_sessions() -> None:
    op.create_table(
        "staff_sessions",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        _staff_id("staff_sessions"),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "stage in ('second-factor', 'enrolment', 'full')", name=op.f("ck_staff_sessions_stage")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_sessions")),
    )
    op.create_index("ix_staff_sessions_staff_id", "staff_sessions", ["staff_id"])
    op.create_table(
        "sign_in_tries",
        sa.Column(
            "name_hash",
            sa.LargeBinary(length=32),
            nullable=False,
            comment="keyed hash of the name that was typed",
        ),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name_hash", name=op.f("pk_sign_in_tries")),
    )


def _create_audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("object", sa.String(length=100), nullable=False),
        sa.Column("details", sa.Text(), nullable=False, comment="JSON object of words"),
        sa.Column("previous", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("seal", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_actor", "audit_log", ["actor", "number"])
    op.create_index("ix_audit_log_object", "audit_log", ["object", "number"])
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column(
            "seal",
            sa.LargeBinary(length=32),
            nullable=False,
            comment="empty before the first entry",
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.bulk_insert(head, [{"id": 1, "number": 0, "hash": bytes(32), "seal": b""}])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
