"""Names that lead nowhere, sums that don't add up: what a well-formed definition may get wrong.

Each check is a function with its own codes, in the module of the file that it finds fault with.
"""

from collections.abc import Iterator

from app.domain.questionnaires.checks import (
    audience,
    coverage,
    departments,
    index,
    questionnaire,
    routing,
    sample,
    scheme,
    words,
)
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.findings import Finding

_CHECKS = {
    "questionnaire": [*questionnaire.CHECKS, *routing.CHECKS],
    "departments": departments.CHECKS,
    "audience": [*audience.CHECKS, *coverage.CHECKS],
    "sample": sample.CHECKS,
    "index": index.CHECKS,
    "scheme": scheme.CHECKS,
}


def check(definition: SurveyDefinition) -> Iterator[Finding]:
    """Apply every check to a whole definition."""
    for part, checks in _CHECKS.items():
        for rule in checks:
            for path, code, message in rule(definition):
                yield Finding(part, path, code, message)
    for part in SurveyDefinition.model_fields:
        for path, code, message in words.fit_to_print(getattr(definition, part)):
            yield Finding(part, path, code, message)
