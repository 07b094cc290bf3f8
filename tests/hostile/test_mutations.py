"""Invariant 9: twenty thousand mutated requests, and not one reply of 500."""

from collections import Counter

import pytest
import structlog
from fastapi import FastAPI

from app.security import FailedAttempts
from app.services.permits import issue_open_permit
from app.services.resources import Resources
from tests.hostile.asgi import call
from tests.hostile.mutations import mutated, valid_requests
from tests.support.surveys import open_town

SEED = 20101201
REQUESTS = {"sqlite": 15_000, "postgresql": 5_000}


@pytest.fixture(params=REQUESTS)
def database_url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"make_{request.param}")())


@pytest.mark.slow
async def test_no_mutated_request_is_answered_with_500(app: FastAPI, resources: Resources) -> None:
    wave = await open_town(resources, permits=5)
    valid = valid_requests(await issue_open_permit(resources, wave, respondent_class="residents"))
    n = REQUESTS["sqlite" if resources.database.is_sqlite else "postgresql"]
    statuses: Counter[int] = Counter()
    with structlog.testing.capture_logs():
        for number, request in enumerate(mutated(valid, n, SEED)):
            if number % 20 == 0:
                app.state.failed_attempts = FailedAttempts()  # else most would stop at 429
            status, _ = await call(app, request)
            statuses[status] += 1
            assert status in range(100, 500) or status == 503, f"request {number}: {request}"
    assert statuses[422] > n / 20, "many get as far as the checks"
    assert statuses[200] > n / 50, "and some are still in order"
    assert {201, 303, 403, 404, 405, 415} <= set(statuses)


async def test_a_fault_of_ours_would_be_seen(
    app: FastAPI, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    wave = await open_town(resources, permits=5)
    permit = await issue_open_permit(resources, wave, respondent_class="residents")
    monkeypatch.setattr("app.json_body._keys_written", lambda _body: 1 / 0)
    with structlog.testing.capture_logs():
        assert (await call(app, valid_requests(permit)[0]))[0] == 500
