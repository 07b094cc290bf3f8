"""Which problems a route may answer with, for its description."""

from typing import Any

from app.api.v1.models import ProblemOut
from app.error_replies import PROBLEM
from app.errors import InvalidInput, MinyiError
from app.errors.operations import StorageUnavailable


def problems(*errors: type[MinyiError]) -> dict[int | str, dict[str, Any]]:
    """Describe these errors, and 422 and 503, as responses for OpenAPI."""
    by_status: dict[int, list[type[MinyiError]]] = {}
    always: tuple[type[MinyiError], ...] = (InvalidInput, StorageUnavailable)
    for error in dict.fromkeys(errors + always):
        by_status.setdefault(error.status, []).append(error)
    return {
        status: {
            "description": "; ".join(f"`{one.code}`: {one.title}" for one in same),
            "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}},
            "model": ProblemOut,
        }
        for status, same in by_status.items()
    }
