"""Every statement that the store sends while tests run is judged once, by the rules of
`tests/house/distribution.py`.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import greenlet
from sqlalchemy import Engine, event

from tests.house.distribution import faults_of_statement


@contextmanager
def judged_statements() -> Iterator[list[str]]:
    """Give a list to which faults are added, with the function of the store they come from."""
    seen: set[str] = set()
    faults: list[str] = []

    def judge(
        _connection: Any, _cursor: Any, sql: str, _parameters: Any, context: Any, *_: Any
    ) -> None:
        if sql in seen:
            return
        sender = _sender()
        if sender is None:
            return
        seen.add(sql)
        compiled = getattr(context, "compiled", None)
        found = faults_of_statement(compiled.statement if compiled is not None else sql)
        faults.extend(f"{sender}: {fault}" for fault in found)

    event.listen(Engine, "before_cursor_execute", judge)
    try:
        yield faults
    finally:
        event.remove(Engine, "before_cursor_execute", judge)


def _sender() -> str | None:
    """Name the function that sends the statement, if it is the store's: tests may look anywhere."""
    for frame in _frames():
        module = frame.f_globals.get("__name__", "")
        if module.startswith(("app.", "tests.", "migrations.", "benchmarks.")):
            return f"{module}.{frame.f_code.co_name}" if module.startswith("app.store.") else None
    return None


def _frames() -> Iterator[FrameType]:
    """Walk outwards, through the greenlet that SQLAlchemy works in."""
    frame: FrameType | None = sys._getframe(3)  # who called the listener
    while frame is not None:
        yield frame
        frame = frame.f_back
    parent = greenlet.getcurrent().parent
    frame = parent.gr_frame if parent is not None else None
    while frame is not None:
        yield frame
        frame = frame.f_back
