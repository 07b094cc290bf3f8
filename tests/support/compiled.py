"""SQL compiled once per kind of database, not anew for the engine of every test."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.store import database


class SharedCache(dict[Any, Any]):
    """SQLAlchemy's cache of compiled statements, whose keys begin with the engine's dialect.

    Engines for the same database and driver have dialects that differ in identity only.
    """

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(self._shared(key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(self._shared(key), value)

    @staticmethod
    def _shared(key: tuple[Any, ...]) -> tuple[Any, ...]:
        dialect, *rest = key
        return (type(dialect), dialect.paramstyle, *rest)


@contextmanager
def statements_compiled_once() -> Iterator[None]:
    """Let all engines that a `Database` makes meanwhile share what they compile."""
    create, cache = database.create_async_engine, SharedCache()

    def create_sharing(*args: Any, **options: Any) -> AsyncEngine:
        engine = create(*args, **options)
        engine.sync_engine.update_execution_options(compiled_cache=cache)
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "create_async_engine", create_sharing)
        yield
