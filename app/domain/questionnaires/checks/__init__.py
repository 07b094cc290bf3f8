"""Names that lead nowhere, sums that don't add up: what a well-formed definition may get wrong.

Each check is a function with a sentence for a name and its own codes, in the module of its file.
"""

from collections.abc import Iterator

from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.findings import Finding


def check(definition: SurveyDefinition) -> Iterator[Finding]:
    """Apply every check."""
    yield from ()
