"""The version of a definition: its canonical bytes, their hash, and the way back.

The bytes say the same however the YAML was laid out: keys sorted, defaults written out, absent
values left out, numbers in one notation. Defaults are written out so that a frozen definition
keeps its meaning when a later release of the software chooses others.
"""

import datetime
import hashlib
import json
from decimal import Decimal

from app.domain.questionnaires.definition import SurveyDefinition


def canonical_bytes(definition: SurveyDefinition) -> bytes:
    """Give the canonical JSON, UTF-8."""
    content = definition.model_dump(by_alias=True, exclude_none=True)
    return json.dumps(
        content,
        default=_plain,
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
        allow_nan=False,
    ).encode()


def _plain(value: object) -> str:
    match value:
        case Decimal():
            return f"{value.normalize() + 0:f}"
        case datetime.date():
            return value.isoformat()
    raise TypeError(type(value).__name__)


def content_hash(definition: SurveyDefinition) -> str:
    """Give the SHA-256 of the canonical bytes in hexadecimal: the definition's version."""
    return hashlib.sha256(canonical_bytes(definition)).hexdigest()


def definition_from_canonical(content: bytes) -> SurveyDefinition:
    """Read back what `canonical_bytes` wrote."""
    return SurveyDefinition.model_validate_json(content)
