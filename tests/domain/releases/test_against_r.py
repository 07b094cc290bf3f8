"""The Copenhagen housing survey: satisfaction by type of housing as R's survey package has it."""

from tests.support.copenhagen import answers_of, assert_estimates_are_those_of_r, published
from tests.support.responses import response


def test_indices_and_standard_errors_are_those_of_r() -> None:
    rows = [
        response("residents", answers_of(cell), [cell[2]], number.to_bytes(4))
        for number, cell in enumerate(published().elements())
    ]
    assert_estimates_are_those_of_r(rows)
