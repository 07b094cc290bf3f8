"""A wave, a permit, and a target that must stand as it stood."""

import dataclasses
import json
from collections.abc import Callable, Mapping

import httpx
import pytest
from sqlalchemy import select

from app.services.permits import issue_open_permit
from app.services.resources import Resources
from app.services.waves import Wave
from app.tables import metadata
from tests.support.surveys import answers, open_town

CANARY = "c4n4ry-not-to-be-repeated"
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclasses.dataclass(frozen=True, slots=True)
class Target:
    """An open wave with one good permit, under attack."""

    client: httpx.AsyncClient
    resources: Resources
    wave: Wave
    permit: str

    @property
    def api(self) -> str:
        return f"/api/v1/waves/{self.wave.code}"

    def body(self, **fields: object) -> dict[str, object]:
        """A good submission, but for these fields."""
        return {"permit": self.permit, "answers": answers()} | fields

    def with_answer(self, **given: object) -> dict[str, object]:
        """A good submission, but for these answers."""
        return self.body(answers=answers() | given)

    async def post(self, content: object, **headers: str) -> httpx.Response:
        """Send a body, as JSON or, given bytes, as it stands."""
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        return await self.client.post(f"{self.api}/responses", content=raw, headers=JSON | headers)

    async def state(self) -> dict[str, list[tuple[object, ...]]]:
        """Everything in the database."""
        async with self.resources.database.reading() as connection:
            return {
                table.name: sorted(map(tuple, await connection.execute(select(table))), key=repr)
                for table in metadata.sorted_tables
            }


@pytest.fixture
def database_url(make_sqlite: Callable[[], str]) -> str:
    """SQLite: what PostgreSQL alone minds is tried in one test of `test_requests.py`."""
    return make_sqlite()


@pytest.fixture
async def target(client: httpx.AsyncClient, resources: Resources) -> Target:
    return await make_target(client, resources)


async def make_target(client: httpx.AsyncClient, resources: Resources) -> Target:
    wave = await open_town(resources, permits=2)
    permit = await issue_open_permit(resources, wave, respondent_class="residents")
    return Target(client, resources, wave, permit)


def assert_refused(reply: httpx.Response, status: int, *codes: str) -> None:
    """One of our replies with this status; nothing that was sent comes back."""
    assert reply.status_code == status, reply.text
    assert CANARY not in reply.text
    assert CANARY not in str(reply.headers)
    assert reply.headers["x-content-type-options"] == "nosniff", "our headers are on it"
    if reply.headers["content-type"].startswith("application/"):
        problem: Mapping[str, object] = reply.json()
        assert reply.headers["content-type"] == "application/problem+json"
        assert problem["status"] == status
        if codes:
            found = [problem["code"], *(fault["code"] for fault in problem["faults"])]  # type: ignore[attr-defined]
            assert set(codes) <= set(found), found
    else:
        assert reply.headers["content-type"] == "text/html; charset=utf-8"
