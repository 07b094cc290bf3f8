"""What citizens do in the races, in this process or through the doors of running servers."""

import itertools
from collections.abc import Mapping
from typing import Protocol

import anyio
import httpx

from app.domain.deduplication.sign_in import SignIn
from app.errors.catalogue import catalogue
from app.errors.operations import Overloaded
from app.services.drafts import save_draft
from app.services.identity import seal_sign_in
from app.services.permits import admit, permit_after_sign_in
from app.services.resources import Resources
from app.services.responses import accept_response
from app.services.waves import Wave

_BY_CODE = {error.code: error for error in catalogue()}
_SENDERS = 200
"""So many addresses the citizens have: who fails often is sent away for a minute."""


class Doors(Protocol):
    """Each raises the error that the system answers with."""

    async def answer(self, wave: Wave, permit: str, answers: Mapping[str, object]) -> None:
        """Send a whole questionnaire."""

    async def draw(self, wave: Wave, sign_in: SignIn) -> str:
        """Get the permit of a person whose identity was checked."""

    async def save(self, wave: Wave, permit: str) -> None:
        """Answer a first page and go on to the next."""


class Inside:
    """The services of this process."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    async def answer(self, wave: Wave, permit: str, answers: Mapping[str, object]) -> None:
        await accept_response(self._resources, wave, permit, answers)

    async def draw(self, wave: Wave, sign_in: SignIn) -> str:
        return await permit_after_sign_in(self._resources, wave, sign_in)

    async def save(self, wave: Wave, permit: str) -> None:
        admission = await admit(self._resources, wave, permit)
        await save_draft(self._resources, admission, permit, {"sex": "female"})


class OverHttp:
    """Servers at an address. Their master secret is that of `resources`."""

    def __init__(self, address: str, resources: Resources) -> None:
        self._resources = resources
        clients = [
            httpx.AsyncClient(
                base_url=address,
                transport=httpx.AsyncHTTPTransport(
                    verify=False, local_address=f"127.0.9.{number + 1}"
                ),
                headers={"origin": address},
                timeout=60,
            )
            for number in range(_SENDERS)
        ]
        self._clients = clients
        self._next = itertools.cycle(clients)

    async def answer(self, wave: Wave, permit: str, answers: Mapping[str, object]) -> None:
        body = {"permit": permit, "answers": answers}
        await self._post(f"/api/v1/waves/{wave.code}/responses", json=body)

    async def draw(self, wave: Wave, sign_in: SignIn) -> str:
        body = {"sign_in": seal_sign_in(self._resources, wave, sign_in)}
        reply = await self._post(f"/api/v1/waves/{wave.code}/permits/drawn", json=body)
        return str(reply.json()["permit"])

    async def save(self, wave: Wave, permit: str) -> None:
        held = {"cookie": f"permit={permit}", "accept": "application/json"}
        await self._post(f"/w/{wave.code}/s/about_you", data={"sex": "female"}, headers=held)

    async def _post(self, path: str, **request: object) -> httpx.Response:
        while True:
            reply = await next(self._next).post(path, **request)  # type: ignore[arg-type]
            if reply.status_code < 400:
                return reply
            error = _BY_CODE[reply.json()["code"]]
            if error is not Overloaded:
                raise error
            await anyio.sleep(0.2)  # as patient as the pages' script

    async def close(self) -> None:
        """Let go of the connections."""
        for client in self._clients:
            await client.aclose()
