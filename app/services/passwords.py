"""Passwords as argon2id (RFC 9106, 64 MiB), in threads, two at a time.

A hash takes a good part of a second and much memory on purpose: out of the event loop, and bounded,
so that a flood of sign-ins slows sign-ins only.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from app.domain.accounts.rules import password_text

AT_ONCE = 2
HASHER = PasswordHasher()
_NOBODY = (
    "$argon2id$v=19$m=65536,t=3,p=4$7X0CdcDCtKhg59N9Fs6S0w"
    "$jS5m5uOQWUAfsI+LpFzIfBCCqIpVMdmBA6UzAPp7d+w"
)
"""The hash of random bytes that nobody kept, for names without an account: same work, same time."""

_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")


async def hash_password(password: str) -> str:
    """Hash a password for storage."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads, HASHER.hash, password_text(password))


async def is_password(password_hash: str, password: str) -> bool:
    """Say whether this is the password; an empty hash takes the same time and is never right."""
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(_threads, _matches, password_hash or _NOBODY, password)
    return found and bool(password_hash)


def _matches(password_hash: str, password: str) -> bool:
    try:
        return HASHER.verify(password_hash, password_text(password))
    except VerifyMismatchError:
        return False
