import pytest

from app.domain.paper.balance import BatchState, FormCount, FormResult, balance, batch_state
from app.domain.paper.custody import (
    OUTCOME_CODES,
    STATE_AFTER,
    FormState,
    Outcome,
    fault_of_move,
    outcome_after,
)
from app.errors import Fault

FORWARD = {
    ("issued", "handed_out"),
    ("issued", "blank"),
    ("issued", "lost"),
    ("handed_out", "returned"),
    ("handed_out", "refused"),
    ("handed_out", "blank"),
    ("handed_out", "lost"),
    ("returned", "spoiled"),
    ("returned", "lost"),
    ("lost", "returned"),
}


@pytest.mark.parametrize("old", FormState)
@pytest.mark.parametrize("new", FormState)
def test_a_move_is_forward_or_a_correction_with_a_reason_or_refused(
    old: FormState, new: FormState
) -> None:
    silently = fault_of_move(old, new, reason=" ")
    explained = fault_of_move(old, new, reason="scanned the wrong pile")
    if (old, new) in FORWARD:
        assert silently is explained is None
    else:
        assert silently is not None
    if FormState.KEYED in (old, new):
        assert explained is not None
        assert explained.code == "move-refused"


def test_taking_back_a_scan_needs_a_reason() -> None:
    fault = fault_of_move(FormState.REFUSED, FormState.HANDED_OUT, reason="")
    assert fault is not None
    assert fault.code == "reason-missing"
    assert fault_of_move(FormState.REFUSED, FormState.HANDED_OUT, reason="wrong form") is None


def test_every_outcome_has_a_code_and_leads_somewhere() -> None:
    assert set(OUTCOME_CODES.values()) == set(STATE_AFTER) == set(Outcome) - {Outcome.NONE}


@pytest.mark.parametrize(
    ("state", "given", "found"),
    [
        ("returned", "", "completed"),
        ("refused", "refused", "refused"),
        ("blank", "language", "language"),
        ("blank", "", ""),
        ("handed_out", "", ""),
    ],
)
def test_the_outcome_goes_with_the_state(state: str, given: str, found: str) -> None:
    assert outcome_after(FormState(state), Outcome(given)) == Outcome(found)


@pytest.mark.parametrize(
    ("state", "given"), [("returned", "refused"), ("blank", "completed"), ("lost", "no_contact")]
)
def test_an_outcome_that_does_not_go_with_the_state_is_refused(state: str, given: str) -> None:
    assert isinstance(outcome_after(FormState(state), Outcome(given)), Fault)


def count(state: str, n: int, result: str = "", *, out: bool = True) -> FormCount:
    return FormCount(FormState(state), out, FormResult(result), n)


COUNTS = [
    count("keyed", 60, "counted"),
    count("keyed", 2, "duplicate"),
    count("keyed", 1, "void"),
    count("spoiled", 3),
    count("refused", 10),
    count("lost", 2),
    count("lost", 1, out=False),
    count("blank", 9),
    count("blank", 12, out=False),
]


def test_distributed_returned_and_valid_are_three_figures() -> None:
    found = balance(100, COUNTS)
    assert (found.issued, found.distributed, found.returned, found.valid) == (100, 87, 66, 60)
    assert found.balances
    assert batch_state(found, closed=False) is BatchState.READY
    assert batch_state(found, closed=True) is BatchState.CLOSED


@pytest.mark.parametrize(
    ("one", "state"),
    [
        (count("issued", 1, out=False), BatchState.IN_FIELD),
        (count("handed_out", 1), BatchState.IN_FIELD),
        (count("returned", 1), BatchState.KEYING),
        (count("keyed", 1), BatchState.KEYING),
    ],
)
def test_one_form_not_accounted_for_keeps_a_batch_open(one: FormCount, state: BatchState) -> None:
    found = balance(101, [*COUNTS, one])
    assert not found.balances
    assert batch_state(found, closed=False) is state


def test_a_form_that_vanished_from_storage_is_missed() -> None:
    assert not balance(101, COUNTS).balances
