from decimal import Decimal

from app.plots.distributions import plots_about, plots_by_item
from tests.support.results import ONLINE, PAPER, TINY, figures, truth


def places(percent: str) -> Decimal:
    return Decimal(percent.rstrip("%"))


def test_bars_join_and_part_in_the_middle_of_the_middle_level() -> None:
    [plot] = plots_about(figures(2010), PAPER, "D05")
    middle = places(plot.middle)
    assert [one.shade for one in plot.levels] == ["bad-3", "bad-2", "neutral", "good-2", "good-3"]
    for row in plot.rows:
        for left, right in zip(row.bars, row.bars[1:], strict=False):
            assert abs(places(left.x) + places(left.width) - places(right.x)) <= Decimal("0.02")
        neutral = row.bars[2]
        assert abs(places(neutral.x) + places(neutral.width) / 2 - middle) <= Decimal("0.02")
        assert abs(sum(places(bar.width) for bar in row.bars)) <= Decimal("100.05")


def test_both_sides_are_summed_alike() -> None:
    """No figure for the satisfied without one for the dissatisfied."""
    for row in plots_about(figures(2010), PAPER, "D05")[0].rows:
        shares = {one.level: one.share for one in row.figure.shares}
        assert row.bad == shares["dissatisfied"] + shares["very_dissatisfied"]
        assert row.good == shares["satisfied"] + shares["very_satisfied"]


def test_one_plot_an_item_with_departments_as_ordered_and_hidden_ones_without_bars() -> None:
    order = sorted(truth(), reverse=True)
    plots = plots_by_item(figures(2010), ONLINE, order)
    assert [plot.rows[0].scale.aspect for plot in plots] == [
        scale.aspect for scale in figures(2010).scales
    ]
    for plot in plots:
        assert [row.figure.department for row in plot.rows] == order
        assert [row.figure.department for row in plot.rows if not row.bars] == [TINY]
