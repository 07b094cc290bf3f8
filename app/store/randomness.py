"""Unpredictable bytes and orders for ids, nonces and codes: the operating system's generator."""

import secrets
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
_system = secrets.SystemRandom()


def random_bytes(size: int) -> bytes:
    """Give fresh random bytes."""
    return secrets.token_bytes(size)


def in_random_order(things: Sequence[T]) -> list[T]:
    """Give the same things in an order that says nothing."""
    return _system.sample(things, len(things))


def random_below(n: int) -> int:
    """Give a number from 0 to n - 1."""
    return secrets.randbelow(n)


def random_digits(length: int) -> str:
    """Give a decimal code for a phone."""
    return f"{secrets.randbelow(10**length):0{length}d}"
