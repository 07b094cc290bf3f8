"""A look at storage that many share: what it said at most a second ago, kept in this process.

What 100,000 people ask again and again reaches the database once a second; all who ask while it is
being read share the answer.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

GOOD_FOR_SECONDS = 1.0

Found = TypeVar("Found")
Timer = Callable[[], float]


class SharedLook(Generic[Found]):
    """The last look, under way or done."""

    def __init__(self, timer: Timer = time.monotonic) -> None:
        self._timer = timer
        self._look: asyncio.Task[Found] | None = None
        self._good_until = float("-inf")

    async def get(self, read: Callable[[], Coroutine[Any, Any, Found]]) -> Found:
        """Give what is known, or what is now read; raises what reading raises."""
        if self._look is None or (self._look.done() and self._timer() >= self._good_until):
            self._look = asyncio.create_task(self._read(read))
        return await asyncio.shield(self._look)

    async def _read(self, read: Callable[[], Coroutine[Any, Any, Found]]) -> Found:
        """Read, and remember it unless somebody said `forget` meanwhile: it may be older."""
        began = self._timer()
        found = await read()
        if asyncio.current_task() is self._look:
            self._good_until = began + GOOD_FOR_SECONDS
        return found

    def forget(self) -> None:
        """Read anew next time: something has changed."""
        self._good_until, self._look = float("-inf"), None
