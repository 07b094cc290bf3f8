"""What routes ask for by their signature."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, Request

from app.errors import PermitRefused
from app.security import FailedAttempts, sender_of
from app.services.resources import Resources
from app.services.waves import Wave, find_wave


def get_resources(request: Request) -> Resources:
    """Give the process's resources."""
    resources: Resources = request.app.state.resources
    return resources


ResourcesOfApp = Annotated[Resources, Depends(get_resources)]


async def get_wave(wave_id: str, resources: ResourcesOfApp) -> Wave:
    """Load the wave named in the path; raises WaveNotFound."""
    return await find_wave(resources, wave_id)


AnyWave = Annotated[Wave, Depends(get_wave)]


class AttemptGuard:
    """Counts the wrong codes of one sender around a block of work."""

    def __init__(self, failures: FailedAttempts, sender: str) -> None:
        self._failures = failures
        self._sender = sender

    @asynccontextmanager
    async def watching(self, kind: str) -> AsyncIterator[None]:
        """Refuse who has failed too often; count a PermitRefused raised inside."""
        await self._failures.require_few(kind, self._sender)
        try:
            yield
        except PermitRefused:
            await self._failures.note(kind, self._sender)
            raise


def get_attempt_guard(request: Request) -> AttemptGuard:
    """Give the guard for this request's sender."""
    return AttemptGuard(request.app.state.failed_attempts, sender_of(request))


Attempts = Annotated[AttemptGuard, Depends(get_attempt_guard)]
