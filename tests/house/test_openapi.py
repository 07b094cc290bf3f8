"""The description of the API promises what the routes do: examples, problems, telling names."""

import re
from typing import Any

import jsonschema_rs
import pytest
from fastapi import FastAPI

from app.error_replies import PROBLEM

Operation = dict[str, Any]
TOKENS = "post /api/v1/oauth/token"
"""Takes a form and refuses in the shape of RFC 6749; `tests/api/test_oauth.py` holds it to that."""
PROBLEM_SCHEMA = {"$ref": "#/components/schemas/ProblemOut"}


@pytest.fixture
def database_url(make_sqlite) -> str:  # type: ignore[no-untyped-def]
    """The description does not depend on the database."""
    return make_sqlite()


@pytest.fixture
async def description(app: FastAPI) -> dict[str, Any]:
    return app.openapi()


@pytest.fixture
async def operations(description: dict[str, Any]) -> dict[str, Operation]:
    found = {
        f"{method} {path}": operation
        for path, item in description["paths"].items()
        for method, operation in item.items()
    }
    assert len(found) > 10
    return found


async def test_every_operation_is_summed_up_and_described(operations: dict[str, Operation]) -> None:
    for name, operation in operations.items():
        assert operation["summary"], name
        assert operation["description"], name
        assert operation["tags"], name


async def test_every_refusal_is_described_as_a_problem(operations: dict[str, Operation]) -> None:
    for name, operation in operations.items():
        refusals = {k: v for k, v in operation["responses"].items() if k[0] in "45"}
        for status, response in refusals.items():
            if name == TOKENS and status in ("400", "401"):
                continue
            assert PROBLEM in response["content"], f"{name} {status}"
            for content in response["content"].values():
                assert content["schema"] == PROBLEM_SCHEMA, f"{name} {status}"
        if name not in ("get /healthz", "get /metrics"):
            assert "503" in refusals, f"{name} needs the database"


async def test_a_body_comes_with_an_example_that_fits_its_schema(
    operations: dict[str, Operation],
) -> None:
    bodies = {
        name: next(iter(one["requestBody"]["content"].values()))
        for name, one in operations.items()
        if "requestBody" in one
    }
    assert set(bodies) == {name for name in operations if name.startswith("post")}
    for content in bodies.values():
        jsonschema_rs.validate(content["schema"], content["example"])


async def test_every_reply_of_the_api_has_examples(
    description: dict[str, Any], operations: dict[str, Operation]
) -> None:
    schemas = description["components"]["schemas"]
    for name, operation in operations.items():
        if " /api/" not in name:
            continue
        status, success = next(one for one in operation["responses"].items() if one[0][0] == "2")
        if status == "204":
            continue
        if "application/json" not in success["content"]:
            assert all("example" in one for one in success["content"].values()), name
            continue
        used = re.findall(r"#/components/schemas/(\w+)", str(success["content"]))
        assert used, name
        for one in used:
            properties = schemas[one]["properties"].values()
            assert any("examples" in each for each in properties), f"{name}: {one}"


async def test_path_parameters_are_named_after_their_resource(
    operations: dict[str, Operation],
) -> None:
    """`/waves/{wave_id}`: so a tool can follow an id from one operation to the next."""
    for name in operations:
        for collection, parameter in re.findall(r"/(\w+)/\{(\w+)\}", name):
            assert parameter == collection.removesuffix("s") + "_id", name


async def test_no_shape_is_described_that_no_reply_has(
    description: dict[str, Any],
) -> None:
    assert "HTTPValidationError" not in description["components"]["schemas"]
