"""News for scoring systems: what kinds there are and which scheme they belong to."""

import dataclasses
import datetime
from collections.abc import Mapping
from enum import StrEnum


class EventKind(StrEnum):
    """What has happened. A reader must ignore kinds that it does not know."""

    WAVE_OPENED = "wave.opened"
    WAVE_CLOSED = "wave.closed"
    RELEASE_PUBLISHED = "release.published"
    RELEASE_CORRECTED = "release.corrected"
    EVALUATION_PUBLISHED = "evaluation.published"
    EVALUATION_CORRECTED = "evaluation.corrected"


@dataclasses.dataclass(frozen=True, slots=True)
class Event:
    """One piece of news. `sequence` counts up by one; `subject` is the id of what it is about."""

    sequence: int
    kind: EventKind
    subject: str
    at: datetime.datetime
    data: Mapping[str, object]

    def as_json(self) -> dict[str, object]:
        """Give what the feed shows and a webhook pushes: the same."""
        return {
            "sequence": self.sequence,
            "kind": self.kind.value,
            "subject": self.subject,
            "at": self.at.isoformat().replace("+00:00", "Z"),
            "data": dict(self.data),
        }


def scheme_of(kind: EventKind, data: Mapping[str, object]) -> str:
    """Give the scheme whose readers alone may see the event; empty: every reader of events may.

    Evaluations name it in `data["scheme"]`; waves and releases are public.
    """
    return str(data["scheme"]) if kind.startswith("evaluation.") else ""
