"""What can be wrong with a survey as it is declared."""

import dataclasses
from collections.abc import Sequence

from app.errors import Fault, MinyiError


class InfeasibleEstimation(MinyiError):
    """A sample, weighting or estimate can't be computed from this data and design.

    The detail names the margin, stratum, step or variable that stands in the way.
    """

    code, status, title = "infeasible-estimation", 422, "This can't be computed as declared"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionFault(Fault):
    """One thing wrong in a folder of definition files; `field` is the path inside `file`.

    `line` counts from 1; 0 means the file (or, with no file, the folder) as a whole.
    """

    file: str
    line: int = 0

    @property
    def path(self) -> str:
        """The dotted path inside the file, as written there (`sections.0.questions.2.code`)."""
        return self.field

    def __str__(self) -> str:
        """Write one line, `file:line: path: message (code)`, that editors can follow."""
        place = f"{self.file}:{self.line}: " if self.file else ""
        path = f"{self.path}: " if self.path else ""
        return f"{place}{path}{self.message} ({self.code})"


class InvalidDefinition(MinyiError):
    """A survey definition can't be used; `faults` has everything wrong with it, not the first."""

    code, status, title = "invalid-definition", 422, "The survey definition has faults"
    faults: tuple[DefinitionFault, ...]

    def __init__(self, faults: Sequence[DefinitionFault]) -> None:
        first = faults[0]
        detail = f"{len(faults)} faults, the first in {first.file}:{first.line}: {first.message}"
        super().__init__(detail, faults=faults)


class DefinitionFrozen(MinyiError):
    """A wave with answers stands on the definition, and the change would break them."""

    code, status, title = "definition-frozen", 409, "The change would break stored answers"
