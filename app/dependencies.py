"""What routes ask for by their signature."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, Request

from app.errors import MinyiError
from app.errors.answering import IdentityCheckFailed, NotEligible, PermitRefused
from app.security import FailedAttempts, sender_of
from app.services.resources import Resources
from app.services.waves import Wave, find_wave


async def get_resources(request: Request) -> Resources:
    """Give the process's resources."""
    resources: Resources = request.app.state.resources
    return resources


ResourcesOfApp = Annotated[Resources, Depends(get_resources)]


async def get_wave(request: Request, wave_id: str, resources: ResourcesOfApp) -> Wave:
    """Load the wave named in the path; raises WaveNotFound. Error pages may lead back to it."""
    wave = await find_wave(resources, wave_id)
    request.state.wave = wave.code
    return wave


AnyWave = Annotated[Wave, Depends(get_wave)]


_FAILURES: tuple[type[MinyiError], ...] = (PermitRefused, IdentityCheckFailed, NotEligible)
"""What a guess looks like."""


class AttemptGuard:
    """Counts the tries of one sender: wrong ones around a block of work, or all of a kind."""

    def __init__(self, failures: FailedAttempts, sender: str) -> None:
        self._failures = failures
        self._sender = sender

    @asynccontextmanager
    async def watching(self, kind: str, *also: type[MinyiError]) -> AsyncIterator[None]:
        """Refuse who has failed too often; count a failure to be let in raised inside."""
        counted = _FAILURES + also
        await self._failures.require_few(kind, self._sender)
        try:
            yield
        except counted:
            await self._failures.note(kind, self._sender)
            raise

    async def take(self, kind: str, person: bytes) -> None:
        """Count one try by this sender and about this person. Raises TooManyAttempts."""
        await self._failures.take(kind, sender=self._sender, person=person.hex())


async def get_attempt_guard(request: Request) -> AttemptGuard:
    """Give the guard for this request's sender."""
    return AttemptGuard(request.app.state.failed_attempts, sender_of(request))


Attempts = Annotated[AttemptGuard, Depends(get_attempt_guard)]
