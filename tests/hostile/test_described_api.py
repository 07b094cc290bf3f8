"""The whole OpenAPI description against a running server: each operation alone, and in sequences.

Ids are handed on from reply to request because path parameters are named after their resource.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import allow_header_conformance
from schemathesis.specs.openapi.checks import positive_data_acceptance
from schemathesis.specs.openapi.schemas import OpenApiSchema

from app.services.resources import open_resources
from tests.conftest import settings_for
from tests.hostile.size import REQUESTS, TIMEOUT
from tests.support.servers import around_now, running_server
from tests.support.surveys import open_town

EXCLUDED = [
    allow_header_conformance,  # the framework names the methods of one route only
    positive_data_acceptance,  # a well-formed permit or identity number is rarely a real one
]
STEPS = 6
EXAMPLES = max(20, REQUESTS // 2500)
"""Of each operation: 400 in the long form."""
SEQUENCES = max(20, REQUESTS // 500)
"""In the long form 2,000, of six steps each."""
QUICK = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(TIMEOUT)]


@pytest.fixture(scope="module")
def described(make_sqlite: Callable[[], str]) -> Iterator[OpenApiSchema]:
    """The description as the server gives it, with one open wave behind it."""
    configuration = settings_for(make_sqlite())

    async def open_wave() -> None:
        resources = open_resources(configuration)
        await open_town(resources, dates=around_now())
        await resources.close()

    asyncio.run(open_wave())
    with running_server(configuration) as server:
        yield schemathesis.openapi.from_url(f"{server.address}/api/v1/openapi.json")


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=str)
def test_each_operation_keeps_its_description(
    described: OpenApiSchema, mode: GenerationMode
) -> None:
    tried = 0
    for found in described.get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and not operation.body:
            continue

        @QUICK
        @given(operation.as_strategy(generation_mode=mode))
        def keep(case: schemathesis.Case) -> None:
            case.call_and_validate(excluded_checks=EXCLUDED)

        keep()
        tried += 1
    assert tried >= 7


def test_sequences_of_operations_keep_theirs(described: OpenApiSchema) -> None:
    answered: Counter[str] = Counter()

    class Sequences(described.as_state_machine()):  # type: ignore[misc]
        def validate_response(self, response, case, **more) -> None:  # type: ignore[no-untyped-def]
            answered[f"{response.status_code} {case.operation.label}"] += 1
            case.validate_response(response, excluded_checks=EXCLUDED)

    Sequences.run(settings=settings(QUICK, max_examples=SEQUENCES))
    print(f"{answered.total():,} cases in sequences: {dict(answered)}")
    assert answered.total() >= SEQUENCES * STEPS * 0.8
    assert answered["200 GET /api/v1/waves/{wave_id}"], "ids are handed on"
