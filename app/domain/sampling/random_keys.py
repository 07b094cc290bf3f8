"""Chance that anyone can repeat: numbers hashed from a published seed, in any language.

A key is  SHA-256( seed ⏎ purpose ⏎ … ⏎ unit ),  the parts as UTF-8 text joined by line feeds.
Read as a whole number and divided by 2²⁵⁶ it is a uniform number in [0, 1). Nothing depends on
the order of a file, on a library's generator or on floating-point arithmetic. Publish the seed
after the frame is frozen, best from something nobody can choose (a lottery's numbers).
"""

import hashlib

METHOD = "sha-256-keys-1"
KEY_RANGE = 2**256


def random_key(*parts: str) -> int:
    """The key of these parts, 0 … 2²⁵⁶ − 1; parts must not contain a line feed."""
    return int.from_bytes(hashlib.sha256("\n".join(parts).encode()).digest(), "big")


def random_fraction(*parts: str) -> float:
    """The key as a number in [0, 1): its first 53 bits, so that 1 is never reached."""
    return (random_key(*parts) >> 203) / 2**53
