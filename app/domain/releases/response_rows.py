"""A stored response as the release reads it, and the digest that says which ones were read.

The digest of a wave is SHA-256 over the sorted SHA-256 digests of its lines, so it does not depend
on the order in which a database gives them. A line has the fields of `ResponseRow`, parted by tabs
(no code holds one, and JSON escapes it), the id in hexadecimal. Permits and sealed persons are no
part of it.
"""

import datetime
import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

DIGEST_BYTES = 32

Digests = NDArray[np.uint8]
"""SHA-256 digests, one per row: shape (rows, 32)."""


class ResponseRow(NamedTuple):
    """What is read of a stored response; `answers` is its canonical JSON, as stored."""

    response_id: bytes
    status: str
    mode: str
    trust: str
    respondent_class: str
    received_on: datetime.date
    own_unit: str
    stratum: str
    point: str
    window: str
    answers: str


Batches = Iterable[Sequence[ResponseRow]]
"""Responses in stretches, so that nobody has to hold all of them."""

Progress = Callable[[str, float], None]
"""Told what is being done, and which part of it is done (0 … 1)."""


def row_digest(row: ResponseRow) -> bytes:
    """SHA-256 of the row's line."""
    identifier, status, mode, trust, of_class, received, own, stratum, point, window, answers = row
    fields = (identifier.hex(), status, mode, trust, of_class, received.isoformat())
    line = "\t".join((*fields, own, stratum, point, window, answers))
    return hashlib.sha256(line.encode()).digest()


def digest_order(digests: Digests) -> NDArray[np.intp]:
    """The order of the rows by their digests: the same whatever order they came in."""
    words = np.ascontiguousarray(digests).view(">u8").astype(np.uint64)
    return np.lexsort(words.T[::-1])


def responses_digest(digests: Digests) -> str:
    """The digest of all the rows, in hexadecimal."""
    return hashlib.sha256(digests[digest_order(digests)].tobytes()).hexdigest()
