"""Change of each department's index against an earlier release of the survey.

The samples of two waves are independent: SE = √(SE₁² + SE₂²). The p-values of one source are
adjusted by Holm, so that the chance of announcing a single change where there is none stays at 5 %
however many departments are tested. What the earlier release published is compared, not what lay
behind it, so that every reader can check it.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from app.domain.estimation.columns import Floats
from app.domain.estimation.comparisons import Change as Tested
from app.domain.estimation.comparisons import WaveEstimates, compare_waves
from app.domain.releases.document import Change, IndexFigure, Release, Source
from app.domain.releases.rounding import INDEX_DIGITS, SHARE_DIGITS, exactly, rounded


def with_changes(
    source: Source, figures: Sequence[IndexFigure], previous: Release
) -> list[IndexFigure]:
    """The figures of a source, those of whole departments with their change."""
    earlier = {one.department: one for one in _whole(previous.figures.indices, source.code)}
    freedom = {one.code: float(one.degrees_of_freedom) for one in previous.figures.sources}
    later = [
        one
        for one in _whole(figures, source.code)
        if one.value is not None
        and one.department in earlier
        and earlier[one.department].value is not None
    ]
    if not later:
        return list(figures)
    before = _estimates([earlier[one.department] for one in later], freedom[source.code])
    tested = compare_waves(before, _estimates(later, float(source.degrees_of_freedom)))
    changes = {
        one.department: _change(previous.header.release, earlier[one.department], result)
        for one, result in zip(later, tested, strict=True)
    }
    return [
        one.model_copy(update={"change": changes[one.department]})
        if _is_whole(one) and one.department in changes
        else one
        for one in figures
    ]


def _whole(figures: Iterable[IndexFigure], source: str) -> list[IndexFigure]:
    return [one for one in figures if one.source == source and _is_whole(one)]


def _is_whole(figure: IndexFigure) -> bool:
    return figure.stratum is None and figure.trust is None


def _estimates(figures: Sequence[IndexFigure], freedom: float) -> WaveEstimates:
    values: Floats = np.array([float(one.value or 0) for one in figures])
    errors = np.array([np.nan if freedom <= 0 else _error(one) for one in figures])
    return WaveEstimates(values, errors**2, max(freedom, 1.0))


def _error(figure: IndexFigure) -> float:
    return np.nan if figure.standard_error is None else float(figure.standard_error)


def _change(release: str, earlier: IndexFigure, tested: Tested) -> Change:
    p = rounded(tested.adjusted_p_value, SHARE_DIGITS)
    return Change(
        release=release,
        value=exactly(float(earlier.value or 0), INDEX_DIGITS),
        difference=exactly(tested.difference, INDEX_DIGITS),
        standard_error=rounded(tested.standard_error, INDEX_DIGITS),
        p=p,
        significant=None if p is None else tested.is_significant,
    )
