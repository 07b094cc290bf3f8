"""The waves as storage had them at most a second ago, kept in this process's memory.

An address that names no wave costs nothing. Whoever changes a wave makes this process forget at
once; other processes follow within the second. Nothing is accepted on the word of this memory:
whoever stores an answer reads state and dates again in the same transaction.
"""

from collections.abc import Mapping

from app.services.shared_look import SharedLook
from app.store.waves import WaveRecord

Waves = Mapping[str, WaveRecord]
"""All waves by code, newest first."""


class WaveCache(SharedLook[Waves]):
    """One per process."""
