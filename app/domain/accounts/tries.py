"""How long to wait after wrong passwords and codes.

Tries are counted before the password is looked at, by the name that was typed, whether there is
such an account or not: waiting tells nothing about accounts, and many requests at once gain no
more guesses than one after the other.
"""

import datetime

FREE_TRIES = 5
FIRST_WAIT = datetime.timedelta(seconds=30)
LONGEST_WAIT = datetime.timedelta(minutes=15)
FORGOTTEN_AFTER = datetime.timedelta(days=1)


def wait_after(tries: int) -> datetime.timedelta:
    """Say how long to wait after so many tries: none, then 30 seconds, doubling to 15 minutes."""
    if tries < FREE_TRIES:
        return datetime.timedelta(0)
    return min(FIRST_WAIT * (1 << min(tries - FREE_TRIES, 10)), LONGEST_WAIT)


def may_try(tries: int, last_at: datetime.datetime, now: datetime.datetime) -> bool:
    """Say whether another try is allowed after `tries`, the last of them at `last_at`."""
    return now >= last_at + wait_after(tries)
