"""What happens to a second answer: the whole table."""

from itertools import product

import pytest

from app.domain.deduplication.decision import Verdict, decide

EXPECTED = {
    # spent, same, revisable, took part
    (False, False, False, False): Verdict.ACCEPT,
    (False, False, True, False): Verdict.ACCEPT,
    (False, False, False, True): Verdict.FILE_AS_DUPLICATE,
    (False, False, True, True): Verdict.FILE_AS_DUPLICATE,
    (True, True, False, False): Verdict.RETURN_RECEIPT,
    (True, True, True, False): Verdict.RETURN_RECEIPT,
    (True, False, False, False): Verdict.REFUSE,
    (True, False, True, False): Verdict.REPLACE,
}


@pytest.mark.parametrize("case", EXPECTED)
def test_each_case_has_its_verdict(case: tuple[bool, bool, bool, bool]) -> None:
    spent, same, revisable, took_part = case
    found = decide(
        permit_spent=spent, same_answers=same, revisable=revisable, person_took_part=took_part
    )
    assert found is EXPECTED[case]


def test_nothing_that_was_accepted_is_ever_lost() -> None:
    """An answer is refused only where its own permit was spent on others."""
    for spent, same, revisable, took_part in product([False, True], repeat=4):
        found = decide(
            permit_spent=spent, same_answers=same, revisable=revisable, person_took_part=took_part
        )
        assert (found is Verdict.REFUSE) == (spent and not same and not revisable)
