"""Counters of responses, permits and the roll, filled from the rows that are there."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_counts"
down_revision = "20261122_phone"
branch_labels = None
depends_on = None

COUNTERS = {
    "response_counts": (
        "responses",
        ("mode", "trust", "respondent_class", "status", "received_on"),
    ),
    "permit_counts": ("permits", ("trust", "mode", "respondent_class", "state")),
    "roll_counts": ("roll", ("trust",)),
}
"""Each counter, the table whose rows it counts, and by what."""


def upgrade() -> None:
    for counter, (table, keys) in COUNTERS.items():
        _make(counter, keys)
        columns = ", ".join(keys)
        op.execute(
            f"INSERT INTO {counter} (wave_id, slot, {columns}, n) "  # noqa: S608 – names of ours
            f"SELECT wave_id, 0, {columns}, count(*) FROM {table} GROUP BY wave_id, {columns}"
        )
    op.drop_index("ix_responses_participation", "responses")


def _make(counter: str, keys: tuple[str, ...]) -> None:
    kinds = [
        sa.Column(key, sa.Date() if key == "received_on" else sa.String(40), nullable=False)
        for key in keys
    ]
    op.create_table(
        counter,
        sa.Column("wave_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        *kinds,
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("wave_id", "slot", *keys, name=op.f(f"pk_{counter}")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.create_index(
        "ix_responses_participation",
        "responses",
        ["wave_id", "mode", "trust", "respondent_class", "status", "received_on"],
    )
    for counter in COUNTERS:
        op.drop_table(counter)
