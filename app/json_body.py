"""Strict JSON: what the API reads and, more important, what it does not.

No NaN or infinity, no lone surrogates, no duplicate keys, valid UTF-8, no unknown fields, no
depth that exhausts the parser. Faults name the field in the model's own terms; an unknown field's
name is the sender's and is not repeated.
"""

import json
import math
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ConfigDict, ValidationError

from app.errors import Fault, InvalidInput, UnsupportedMediaType


class InputModel(BaseModel):
    """A request body: strict types, no unknown fields."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Model = TypeVar("Model", bound=InputModel)


def parse_json(body: bytes) -> Any:
    """Parse strict JSON. Raises InvalidInput on field `body`."""
    try:
        parsed = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
        json.dumps(parsed, ensure_ascii=False).encode("utf-8")  # fails on lone surrogates
    except (ValueError, RecursionError):
        raise InvalidInput(
            faults=[Fault("body", "malformed-json", "The body is not well-formed, strict JSON")]
        ) from None
    return parsed


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _refuse_constant(_name: str) -> Any:
    raise ValueError


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def json_body(model: type[Model]) -> Callable[[Request], Awaitable[Model]]:
    """Make the dependency that reads a body of this model."""

    async def read(request: Request) -> Model:
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise UnsupportedMediaType
        return validated(model, parse_json(await request.body()))

    return read


def validated(model: type[Model], data: Any) -> Model:
    """Check parsed JSON against a model. Raises InvalidInput with all faults."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False, include_context=False)
        raise InvalidInput(
            faults=[_fault(d["loc"], d["type"], d["msg"]) for d in details]
        ) from None


def _fault(location: tuple[int | str, ...], kind: str, message: str) -> Fault:
    if kind == "extra_forbidden":
        location = location[:-1]
    field = ".".join(str(part) for part in location) or "body"
    return Fault(field, kind.replace("_", "-"), message)


def described_body(model: type[InputModel], example: object) -> dict[str, Any]:
    """Describe such a body for OpenAPI, since the framework does not read it."""
    schema = model.model_json_schema()
    content = {"application/json": {"schema": schema, "example": example}}
    return {"requestBody": {"required": True, "content": content}}
