"""Collection: definitions, waves, permits, roll and responses."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_collection"
down_revision = None
branch_labels = None
depends_on = None


TABLES = (
    "definitions",
    "drafts",
    "eligible_persons",
    "permits",
    "pool",
    "responses",
    "roll",
    "typed_codes",
    "waves",
    "wave_dates",
    "wave_transitions",
)


def upgrade() -> None:
    op.create_table(
        "definitions",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("canonical", sa.Text(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_definitions")),
    )
    op.create_table(
        "drafts",
        sa.Column("wave_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("response_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column(
            "sealed_answers",
            sa.LargeBinary(),
            nullable=False,
            comment="key derived from the permit",
        ),
        sa.Column("saved_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("wave_id", "response_id", name=op.f("pk_drafts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "eligible_persons",
        sa.Column("wave_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("respondent_class", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("wave_id", "person_key", name=op.f("pk_eligible_persons")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "permits",
        sa.Column("wave_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("permit_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("trust", sa.String(length=40), nullable=False),
        sa.Column("mode", sa.String(length=40), nullable=False),
        sa.Column("respondent_class", sa.String(length=40), nullable=False),
        sa.Column("own_unit", sa.String(length=40), nullable=False),
        sa.Column("department", sa.String(length=40), nullable=False),
        sa.Column("window", sa.String(length=40), nullable=False),
        sa.Column("stratum", sa.String(length=40), nullable=False),
        sa.Column(
            "batch",
            sa.String(length=40),
            nullable=False,
            comment="the minting it came from, for revoking",
        ),
        sa.CheckConstraint(
            "state in ('unspent', 'spent', 'revoked')", name=op.f("ck_permits_state")
        ),
        sa.PrimaryKeyConstraint("wave_id", "permit_hash", name=op.f("pk_permits")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_permits_batch", "permits", ["wave_id", "batch"])

    op.create_table(
        "pool",
        sa.Column("wave_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "entry_id",
            sa.LargeBinary(length=16),
            nullable=False,
            comment="random, not a permit's hash",
        ),
        sa.Column("respondent_class", sa.String(length=40), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("wave_id", "entry_id", name=op.f("pk_pool")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_pool_class", "pool", ["wave_id", "respondent_class", "entry_id"])

    op.create_table(
        "responses",
        sa.Column("wave_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("response_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("mode", sa.String(length=40), nullable=False),
        sa.Column("trust", sa.String(length=40), nullable=False),
        sa.Column("respondent_class", sa.String(length=40), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("own_unit", sa.String(length=40), nullable=False),
        sa.Column("stratum", sa.String(length=40), nullable=False),
        sa.Column("window", sa.String(length=40), nullable=False),
        sa.Column(
            "answers",
            sa.Text(),
            nullable=False,
            comment="canonical JSON, offered departments included",
        ),
        sa.Column("sealed_person", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "status in ('counted', 'duplicate', 'set_aside')", name=op.f("ck_responses_status")
        ),
        sa.PrimaryKeyConstraint("wave_id", "response_id", name=op.f("pk_responses")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_responses_participation",
        "responses",
        ["wave_id", "mode", "trust", "respondent_class", "status", "received_on"],
    )

    op.create_table(
        "roll",
        sa.Column("wave_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("trust", sa.String(length=40), nullable=False),
        sa.Column("respondent_class", sa.String(length=40), nullable=False),
        sa.Column("memo", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("wave_id", "person_key", name=op.f("pk_roll")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "typed_codes",
        sa.Column("wave_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("typed_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("permit_hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("wave_id", "typed_hash", name=op.f("pk_typed_codes")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "waves",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("definition_hash", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state in ('draft', 'open', 'paused', 'closed', 'released')",
            name=op.f("ck_waves_state"),
        ),
        sa.ForeignKeyConstraint(
            ["definition_hash"],
            ["definitions.hash"],
            name=op.f("fk_waves_definition_hash_definitions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waves")),
        sa.UniqueConstraint("code", name=op.f("uq_waves_code")),
    )
    op.create_table(
        "wave_dates",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=40), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "closes_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="empty: a continuous wave",
        ),
        sa.ForeignKeyConstraint(
            ["wave_id"], ["waves.id"], name=op.f("fk_wave_dates_wave_id_waves")
        ),
        sa.PrimaryKeyConstraint("wave_id", "mode", name=op.f("pk_wave_dates")),
    )
    op.create_table(
        "wave_transitions",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("from_state", sa.String(length=40), nullable=False),
        sa.Column("to_state", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["wave_id"], ["waves.id"], name=op.f("fk_wave_transitions_wave_id_waves")
        ),
        sa.PrimaryKeyConstraint("wave_id", "number", name=op.f("pk_wave_transitions")),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
