"""The waves as storage had them at most a second ago, kept in this process's memory.

A page that 100,000 people have open asks the database once a second, not once a look; all who ask
while the waves are being read share the answer. An address that names no wave costs nothing.
Whoever changes a wave makes this process forget at once; other processes follow within the second.
Nothing is accepted on the word of this memory: whoever stores an answer reads state and dates again
in the same transaction.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping

from app.store.waves import WaveRecord

GOOD_FOR_SECONDS = 1.0

Waves = Mapping[str, WaveRecord]
"""All waves by code, newest first."""


class WaveCache:
    """One per process."""

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._timer = timer
        self._known: Waves = {}
        self._good_until = float("-inf")
        self._reading: asyncio.Task[Waves] | None = None

    async def get(self, read: Callable[[], Coroutine[None, None, Waves]]) -> Waves:
        """Give what is known, or what is now read; raises what reading raises."""
        if self._timer() < self._good_until:
            return self._known
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read(read))
        return await asyncio.shield(self._reading)

    async def _read(self, read: Callable[[], Coroutine[None, None, Waves]]) -> Waves:
        """Read, and remember it unless somebody said `forget` meanwhile: it may be older."""
        began = self._timer()
        waves = await read()
        if asyncio.current_task() is self._reading:
            self._known, self._good_until = waves, began + GOOD_FOR_SECONDS
        return waves

    def forget(self) -> None:
        """Read anew next time: a wave has been made or changed."""
        self._good_until, self._reading = float("-inf"), None
