"""Change against an earlier release: independent samples, adjusted for their number."""

import datetime
from decimal import Decimal

import pytest

from app.domain.estimation.comparisons import adjust_p_values, two_sided_p_value
from app.domain.estimation.contrasts import satterthwaite
from app.domain.releases.changes import with_changes
from app.domain.releases.document import Figures, Header, IndexFigure, Release
from tests.domain.releases.test_figures import says, town, whole
from tests.support.responses import figures_of

DEPARTMENTS = ("D01", "D02", "D03")


def published(figures: Figures) -> Release:
    """The figures as a release."""
    header = Header(
        release="w.1",
        sequence=1,
        state="final",
        published_at=datetime.datetime(2010, 1, 1, tzinfo=datetime.UTC),
        previous=None,
        correction=None,
    )
    return Release(header=header, figures=figures)


def wave(*levels: str) -> Figures:
    """Twelve residents; D01 gets these levels in turn, the others always the same two."""
    rows = [
        says(
            at,
            {
                "D01": levels[at % len(levels)],
                "D02": ("satisfied", "neutral")[at % 2],
                "D03": ("satisfied", "neutral")[at % 2],
            },
        )
        for at in range(12)
    ]
    return figures_of(town(), rows)


def compared(later: Figures, earlier: Figures) -> dict[str, IndexFigure]:
    figures = with_changes(later.sources[0], later.indices, published(earlier))
    return {one.department: one for one in figures}


def test_errors_add_up_and_p_values_are_adjusted() -> None:
    earlier, later = wave("satisfied", "neutral"), wave("very_satisfied", "satisfied")
    found = compared(later, earlier)
    errors = [float(whole(f, "D01").standard_error or 0) for f in (earlier, later)]
    change = found["D01"].change
    assert change is not None
    assert change.difference == Decimal("25.0000")
    assert float(change.standard_error or 0) == pytest.approx(
        sum(e**2 for e in errors) ** 0.5, abs=1e-4
    )
    df = satterthwaite((errors[0] ** 2, errors[1] ** 2), (11, 11))
    raw = two_sided_p_value(25 / float(change.standard_error or 1), df)
    adjusted = adjust_p_values([raw, 1, 1], "holm")[0]
    assert float(change.p or 0) == pytest.approx(adjusted, rel=1e-3)
    assert adjusted == pytest.approx(3 * raw)
    assert (change.release, change.significant) == ("w.1", True)
    same = found["D02"].change
    assert same is not None
    assert (same.difference, same.p, same.significant) == (Decimal("0.0000"), Decimal(1), False)


def test_nothing_is_compared_with_a_figure_that_was_not_published() -> None:
    earlier = wave("satisfied", "neutral")
    hidden = [
        one.model_copy(update={"value": None} if one.department == "D01" else {})
        for one in earlier.indices
    ]
    found = compared(wave("satisfied"), earlier.model_copy(update={"indices": tuple(hidden)}))
    assert found["D01"].change is None
    assert found["D02"].change is not None


def test_a_source_that_is_new_has_no_change() -> None:
    earlier = wave("satisfied")
    empty = earlier.model_copy(update={"indices": (), "sources": ()})
    assert all(one.change is None for one in compared(wave("satisfied"), empty).values())
