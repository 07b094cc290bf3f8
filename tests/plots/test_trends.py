from decimal import Decimal

from app.domain.questionnaires.parsing import parse_definition
from app.plots.trends import earlier_trend, trend
from app.store.definitions import read_folder
from tests.support.results import ONLINE, PAPER, SHENZHEN, TINY, release

BEIJING = SHENZHEN.parent / "beijing"


def test_beijing_s_published_figures_are_shown_to_the_digit_and_rise() -> None:
    index = parse_definition(read_folder(BEIJING)).index
    assert index is not None
    plot = earlier_trend(index.earlier[0])
    assert [(one.year, one.text) for one in plot.points] == [
        (2005, "70.1"),
        (2006, "73.5"),
        (2007, "74.6"),
        (2008, "75.47"),
    ]
    heights = [Decimal(one.y.rstrip("%")) for one in plot.points]
    assert heights == sorted(heights, reverse=True)
    assert len(plot.lines) == 3


def test_years_in_which_a_department_is_not_shown_are_left_out() -> None:
    years = [release(year=year) for year in (2008, 2009, 2010)]
    assert [one.year for one in trend(years, PAPER, TINY).points] == [2008, 2009, 2010]
    assert trend(years, ONLINE, TINY).points == ()
