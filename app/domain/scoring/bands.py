"""Grades: the first band, from the best down, that a score reaches."""

from collections.abc import Sequence
from decimal import Decimal

from app.domain.questionnaires.scheme import Band


def band_of(bands: Sequence[Band], score: Decimal | None) -> str | None:
    """Give the code of the band; None without bands, or while the score is not known.

    The last band takes in scores below its limit too: deductions can lead below 0.
    """
    if not bands or score is None:
        return None
    return next((one.code for one in bands if score >= one.from_score), bands[-1].code)
