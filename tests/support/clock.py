"""A clock that stands still until a test moves it."""

import datetime


class Clock:
    """Callable like the system clock; `advance` moves it."""

    def __init__(self, now: datetime.datetime) -> None:
        self.now = now

    def __call__(self) -> datetime.datetime:
        """Give the time."""
        return self.now

    def advance(self, **amount: float) -> None:
        """Move the clock on."""
        self.now += datetime.timedelta(**amount)


def real_now() -> datetime.datetime:
    """The time of parties whose clock is not ours."""
    return datetime.datetime.now(datetime.UTC)
