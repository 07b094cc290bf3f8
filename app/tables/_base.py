"""Metadata with named constraints, and the column types that both databases agree on."""

import datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, LargeBinary, MetaData, String, TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Word = String(40)
"""A code of a definition or of our own enumerations. Where there is none: the empty string, never
NULL, so that every key compares."""

Hash = LargeBinary(32)
"""SHA-256 or HMAC-SHA256."""


DISTRIBUTED = {"distributed_by": "wave_id"}
"""`info` of a table that grows with the answers: a cluster keeps each wave's rows together,
so the wave is part of every key and every statement (`tests/house/distribution.py` has the rules).
All others are small; each machine of a cluster has a copy of these reference tables."""


class UtcDateTime(TypeDecorator[datetime.datetime]):
    """An instant: aware datetimes only, stored in UTC, read back aware on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime.datetime | None, dialect: Dialect
    ) -> datetime.datetime | None:
        """Refuse naive times; SQLite keeps no zone, so give it UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "an instant needs a time zone"
            raise ValueError(msg)
        value = value.astimezone(datetime.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime.datetime | None:
        """Give an aware time in UTC."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return value.replace(tzinfo=datetime.UTC)  # type: ignore[no-any-return]
        return value.astimezone(datetime.UTC)  # type: ignore[no-any-return]
