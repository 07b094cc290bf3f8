"""One pass over a sheet of answers: what may be rated, and the faults found so far.

The words of every fault stand here, so that pages can translate them.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from app.errors import Fault

MESSAGES: Mapping[str, str] = {
    "required": "An answer is required.",
    "not-an-option": "Choose one of the answers offered.",
    "out-of-range": "The answer must be between {minimum} and {maximum}.",
    "too-precise": "At most {decimals} decimal places are possible.",
    "too-long": "At most {limit} characters are possible.",
    "too-many": "At most {limit} can be chosen.",
    "too-few": "At least {limit} must be chosen.",
    "exclusive": "This choice can't be combined with others.",
    "hidden": "This question is not asked after the answers before it.",
    "unknown-question": "There is an answer to something that is not asked.",
    "not-offered": "There is a rating of a department that was not offered.",
    "not-text": "The text contains characters that can't be stored.",
}
"""What each fault says; `wrong-type` has a sentence for each kind. Keys of the translations."""


@dataclasses.dataclass(frozen=True, slots=True)
class Reading:
    """One pass over one sheet of answers: the departments offered, and the faults found so far."""

    offered: frozenset[str]
    faults: list[Fault] = dataclasses.field(default_factory=list)

    def refuse(self, field: str, code: str, **parameters: object) -> None:
        """Note a fault in the words of the catalogue."""
        message = MESSAGES[code].format(**parameters)
        self.faults.append(Fault(field, code, message, parameters))

    def refuse_type(self, field: str, message: str) -> None:
        """Note that the value isn't of the question's kind at all."""
        self.faults.append(Fault(field, "wrong-type", message))


Check = Callable[[Any, Reading], Any]


def is_empty(value: object) -> bool:
    """Say whether the question was skipped."""
    return value is None or value in ("", [], {})
