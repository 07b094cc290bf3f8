"""How often keyers err, by keyer and by question, with exact intervals.

Measured on forms keyed twice: an error is a mark that differs from the final one. Where both keyers
read the same, the mark is taken as right, so that an error made twice alike stays unseen. Intervals
are Clopper and Pearson's (Biometrika 26, 1934): they hold for small counts; they treat fields as
independent, which is optimistic where a keyer slips by a line.
"""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Sequence

from scipy.special import betaincinv

from app.domain.paper.entries import Entry
from app.domain.paper.fields import PaperField
from app.domain.paper.marks import BLANK, Marks


@dataclasses.dataclass(frozen=True, slots=True)
class ErrorRate:
    """Errors among n fields; `low` and `high` bound the rate with 95 % confidence."""

    n: int
    errors: int
    low: float
    high: float

    @property
    def rate(self) -> float:
        """Errors per field."""
        return self.errors / self.n


@dataclasses.dataclass(frozen=True, slots=True)
class CheckedForm:
    """A form keyed twice with its final marks."""

    fields: Sequence[PaperField]
    entries: Sequence[Entry]
    final: Marks


@dataclasses.dataclass(frozen=True, slots=True)
class ErrorRates:
    """Error rates of both kinds."""

    by_keyer: dict[str, ErrorRate]
    by_question: dict[str, ErrorRate]


def error_rates(forms: Iterable[CheckedForm]) -> ErrorRates:
    """Count errors in forms keyed twice."""
    keyed: Counter[str] = Counter()
    keyers_errors: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    questions_errors: Counter[str] = Counter()
    for form in forms:
        for entry in form.entries:
            for field in form.fields:
                wrong = entry.marks.get(field.code, BLANK) != form.final.get(field.code, BLANK)
                keyed[entry.by] += 1
                asked[field.question.code] += 1
                keyers_errors[entry.by] += wrong
                questions_errors[field.question.code] += wrong
    return ErrorRates(_rates(keyed, keyers_errors), _rates(asked, questions_errors))


def _rates(totals: Counter[str], errors: Counter[str]) -> dict[str, ErrorRate]:
    return {name: error_rate(errors[name], n) for name, n in sorted(totals.items())}


def error_rate(errors: int, n: int) -> ErrorRate:
    """Give the rate with its exact 95 % interval; n is at least 1."""
    low = betaincinv(errors, n - errors + 1, 0.025) if errors else 0.0
    high = betaincinv(errors + 1, n - errors, 0.975) if errors < n else 1.0
    return ErrorRate(n, errors, float(low), float(high))
