"""Names that SPSS takes: letters, digits, `.` and `_`, a letter first, 64 bytes, case ignored."""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence

LONGEST = 64
_RESERVED = frozenset(
    ["all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"]
)


def spss_names(names: Sequence[str]) -> list[str]:
    """Give each name as SPSS takes it.

    A name that must be cut, or that would equal another one, ends with some digits of the hash of
    the whole name: the same name has the same ending in every export.
    """
    plain = [_plain(name) for name in names]
    times = Counter(name.lower() for name in plain)
    return [
        _marked(short, name) if times[short.lower()] > 1 or len(short) > LONGEST else short
        for short, name in zip(plain, names, strict=True)
    ]


def _plain(name: str) -> str:
    safe = re.sub(r"[^A-Za-z0-9._]", "_", name).rstrip(".")
    if not safe[:1].isalpha() or safe.lower() in _RESERVED:
        safe = f"v_{safe}"
    return safe


def _marked(short: str, name: str) -> str:
    digits = hashlib.sha256(name.encode()).hexdigest()[:6]
    return f"{short[: LONGEST - 7]}_{digits}"
