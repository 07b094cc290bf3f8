"""JSON in the one way that is hashed and signed: RFC 8785, the JSON Canonicalization Scheme.

Our documents carry whole numbers and strings only, decimals as strings, so that the RFC's rules
for writing floating-point numbers never apply: a float is refused.
"""

import json
from collections.abc import Mapping, Sequence

from pydantic import BaseModel

LARGEST = 2**53 - 1
"""The largest whole number that every JSON reader keeps (I-JSON, RFC 7493 section 2.2)."""


def canonical(value: object) -> bytes:
    """Write JSON without blanks, keys in the order of their UTF-16 code units, in UTF-8.

    Raises TypeError for floats and whatever else is no JSON, ValueError for numbers that not every
    reader keeps and for text with lone surrogates.
    """
    return json.dumps(
        _ordered(value), ensure_ascii=False, check_circular=False, separators=(",", ":")
    ).encode()


def canonical_document(document: BaseModel) -> bytes:
    """Write a published document (document.py), decimals as strings."""
    return canonical(document.model_dump(mode="json"))


def _ordered(value: object) -> object:
    match value:
        case None | bool() | str():
            return value
        case int():
            if abs(value) > LARGEST:
                msg = f"a whole number beyond ±{LARGEST}"
                raise ValueError(msg)
            return value
        case Mapping():
            return {key: _ordered(value[key]) for key in sorted(value, key=_code_units)}
        case Sequence() if not isinstance(value, (bytes, bytearray, memoryview)):
            return [_ordered(item) for item in value]
    raise TypeError(type(value).__name__)


def _code_units(key: object) -> bytes:
    if not isinstance(key, str):
        raise TypeError(type(key).__name__)
    return key.encode("utf-16-be")
