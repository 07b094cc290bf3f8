from decimal import Decimal

import hypothesis
from hypothesis import strategies as st

from app.plots.axis import MOST_STEPS, axis_around

LEAST, MOST = Decimal(0), Decimal(100)
VALUES = st.lists(st.decimals(0, 100, places=4), max_size=8)


@hypothesis.given(VALUES)
def test_an_axis_holds_all_values_and_few_round_marks(values: list[Decimal]) -> None:
    axis = axis_around(values, least=LEAST, most=MOST)
    assert all(axis.low <= value <= axis.high for value in values)
    assert 1 <= (axis.high - axis.low) / axis.step <= MOST_STEPS
    assert axis.ticks[0].at == "0.00%"
    assert axis.ticks[-1].at == "100.00%"


def test_places_are_shares_of_the_width() -> None:
    axis = axis_around([Decimal(55), Decimal(85)], least=LEAST, most=MOST)
    assert [tick.value for tick in axis.ticks] == [55, 60, 65, 70, 75, 80, 85]
    assert axis.at(Decimal(70)) == axis.height(Decimal(70)) == "50.00%"
    assert axis.width(Decimal("7.5")) == "25.00%"
    assert axis.label(Decimal(70)) == "70"
