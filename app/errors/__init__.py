"""The error catalogue: one class = one stable code, one HTTP status, one message key.

Rules and services raise these; `app/error_replies.py` turns them into RFC 9457 problem details on
the API and into a page for citizens, the command line into one line. A message never repeats what
the sender sent: it names the field and the rule. `code` is part of the public contract, the words
are not.

What all have in common stands here; each subject has a module of its own.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import ClassVar


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one field.

    `field` is a dotted path in the sender's own terms (`answers.q3.D01`), `code` a stable word
    for programs, `message` an English sentence that contains nothing the sender wrote.
    `parameters` fill the translated message (limits, labels of the definition).
    """

    field: str
    code: str
    message: str
    parameters: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.field}: {self.message} ({self.code})"


class MinyiError(Exception):
    """Base of the catalogue. Subclasses say what happened, not where."""

    code: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]

    def __init__(self, detail: str = "", *, faults: Sequence[Fault] = ()) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.faults = tuple(faults)


class InvalidInput(MinyiError):
    """The request, file or option is malformed; `faults` say which field and why."""

    code, status, title = "invalid-input", 422, "Some of the input is not valid"


class NotFound(MinyiError):
    """There is no such thing here, or not for this sender."""

    code, status, title = "not-found", 404, "There is nothing at this address"
