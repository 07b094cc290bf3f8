"""Strict JSON: what the API reads and, more important, what it does not.

No NaN or infinity, no lone surrogates, no duplicate keys, valid UTF-8, no unknown fields, no
depth that exhausts the parser. Faults name the field in the model's own terms; an unknown field's
name is the sender's and is not repeated.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from fastapi import Request
from pydantic import BaseModel, ConfigDict, ValidationError

from app.errors import Fault, InvalidInput
from app.errors.requests import UnsupportedMediaType


class InputModel(BaseModel):
    """A request body: strict types, no unknown fields."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Model = TypeVar("Model", bound=InputModel)


def parse_json(body: bytes) -> Any:
    """Parse strict JSON. Raises InvalidInput on field `body`."""
    try:
        parsed = msgspec.json.decode(body)
        # Of a key that is there twice, parsing keeps one.
        well_formed = _keys_of(body) == _keys_of(msgspec.json.encode(parsed))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        well_formed = False
    if not well_formed:
        raise InvalidInput(
            faults=[Fault("body", "malformed-json", "The body is not well-formed, strict JSON")]
        )
    return parsed


def _keys_of(written: bytes) -> int:
    """Count the keys of well-formed JSON: outside of strings, a colon stands after each."""
    plain = written.replace(rb"\\", b"").replace(rb"\"", b"")
    return b"".join(plain.split(b'"')[::2]).count(b":")


async def read_json(request: Request, model: type[Model]) -> Model:
    """Read a body of this model. Raises UnsupportedMediaType, or InvalidInput with all faults."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMediaType
    return validated(model, parse_json(await request.body()))


def json_body(model: type[Model]) -> Callable[[Request], Awaitable[Model]]:
    """Make the dependency that reads a body of this model."""

    async def read(request: Request) -> Model:
        return await read_json(request, model)

    return read


def validated(model: type[Model], data: Any) -> Model:
    """Check parsed JSON against a model. Raises InvalidInput with all faults."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        faults = [fault_at(d["loc"], d["type"], d.get("ctx", {})) for d in details]
        raise InvalidInput(faults=faults) from None


_MESSAGES: Mapping[str, str] = {
    "extra_forbidden": "There is a field that is not known here",
    "missing": "This field is required",
    "string_type": "This must be text",
    "string_too_short": "This must have at least {min_length} characters",
    "string_too_long": "This may have at most {max_length} characters",
    "too_long": "This may have at most {max_length} entries",
    "dict_type": "This must be an object",
    "model_type": "This must be an object",
    "int_type": "This must be a whole number",
    "int_parsing": "This must be a whole number",
    "float_type": "This must be a number",
    "greater_than_equal": "This must be {ge} or more",
    "less_than_equal": "This must be {le} or less",
    "literal_error": "This must be one of: {expected}",
}
"""Our words for what the checker of models finds; nothing that was sent fits into a gap."""


def fault_at(location: Sequence[int | str], kind: str, limits: Mapping[str, Any]) -> Fault:
    """Make a fault of what the checker of models found at a place; `limits` fill the gaps.

    The name of an unknown field is the sender's: the fault names where it stands.
    """
    known = location[:-1] if kind == "extra_forbidden" else location
    field = ".".join(str(part) for part in known) or "body"
    message = _MESSAGES.get(kind, "This value is not valid").format_map(limits)
    return Fault(field, kind.replace("_", "-"), message)


def described_body(model: type[InputModel], example: object) -> dict[str, Any]:
    """Describe such a body for OpenAPI, since the framework does not read it."""
    schema = model.model_json_schema()
    content = {"application/json": {"schema": schema, "example": example}}
    return {"requestBody": {"required": True, "content": content}}
