"""The closed form against counting one answer at a time."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from app.domain.scoring.flips import answers_to_turn

TENTHS = st.integers(0, 1000).map(lambda number: Decimal(number) / 10)


def counted(lead: Decimal, worth: Decimal, index: Decimal, n: int, most: int) -> int | None:
    """Add answers of score 0 until the upper department stands below the lower one."""
    for more in range(most + 1):
        thinned = Fraction(index) * n / (n + more)
        if Fraction(worth) * (Fraction(index) - thinned) / 100 > Fraction(lead):
            return more
    return None


@given(
    lead=st.integers(0, 300).map(lambda number: Decimal(number) / 100),
    worth=st.integers(1, 40).map(Decimal),
    index=TENTHS,
    n=st.integers(1, 60),
)
def test_as_many_answers_as_counting_finds(
    lead: Decimal, worth: Decimal, index: Decimal, n: int
) -> None:
    found = answers_to_turn(lead=lead, worth=worth, index=index, n=n)
    most = 400 if found is None else found + 1
    assert counted(lead, worth, index, n, most) == found


def test_a_lead_larger_than_the_component_can_t_be_turned_by_it() -> None:
    worth, index = Decimal(5), Decimal(80)
    assert answers_to_turn(lead=Decimal(4), worth=worth, index=index, n=100) is None
    assert answers_to_turn(lead=Decimal("3.99"), worth=worth, index=index, n=100) == 39901


def test_one_answer_decides_a_tie() -> None:
    assert answers_to_turn(lead=Decimal(0), worth=Decimal(5), index=Decimal(80), n=9000) == 1
