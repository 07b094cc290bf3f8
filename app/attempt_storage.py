"""Where tries are counted: so much memory and no more, however many senders there are.

The library's own memory looks through all keys at every hit and keeps as many as come: strangers
with many addresses would make each hit slower and the process larger.
"""

import heapq
import time

from limits.aio.storage import MemoryStorage

MOST_KEYS = 100_000
"""About 40 MB. What is over soonest makes room: minutes of one sender before days of one person."""


class BoundedStorage(MemoryStorage):
    """Counts by key until the key's time is over, or sooner where there are too many keys."""

    def __init__(self, most_keys: int = MOST_KEYS) -> None:
        super().__init__()
        self._most_keys = most_keys
        self._over_at: list[tuple[float, str]] = []

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count a hit; a key that is new, or was over, begins anew for `expiry` seconds."""
        if await self.get(key) == 0:
            now = time.time()
            self._make_room(now)
            self.expirations[key] = now + expiry
            heapq.heappush(self._over_at, (now + expiry, key))
        self.storage[key] += amount
        return self.storage[key]

    def _make_room(self, now: float) -> None:
        """Forget every key whose time is over, and the next ones while there are too many."""
        while self._over_at and (
            self._over_at[0][0] <= now or len(self._over_at) >= self._most_keys
        ):
            over_at, key = heapq.heappop(self._over_at)
            if self.expirations.get(key) == over_at:
                self.storage.pop(key, None)
                self.expirations.pop(key, None)
