import datetime

import pytest

from app.domain.integrity.review import CaseState, Move, Step, require_second_person, state_of
from app.errors.integrity import CaseRefused
from app.errors.staff import SecondPersonNeeded

AT = datetime.datetime(2026, 11, 10, tzinfo=datetime.UTC)


def story(*moves: str) -> list[Step]:
    """`p:anna` is a proposal of Anna's; a and r agree and refuse."""
    kinds = {"p": Move.PROPOSE, "a": Move.AGREE, "r": Move.REFUSE}
    parted = [move.split(":") for move in moves]
    return [Step(n, kinds[kind], by, AT, "why", 9) for n, (kind, by) in enumerate(parted, 1)]


@pytest.mark.parametrize(
    ("moves", "state"),
    [
        ([], None),
        (["p:a"], CaseState.PROPOSED),
        (["p:a", "r:b"], CaseState.KEPT),
        (["p:a", "a:b"], CaseState.SET_ASIDE),
        (["p:a", "a:b", "p:b"], CaseState.RESTORING),
        (["p:a", "a:b", "p:b", "r:a"], CaseState.SET_ASIDE),
        (["p:a", "a:b", "p:b", "a:a"], CaseState.RESTORED),
    ],
)
def test_the_state_is_what_the_steps_come_to(moves: list[str], state: CaseState | None) -> None:
    assert state_of(story(*moves)) is state


@pytest.mark.parametrize(
    "moves",
    [
        ["a:a"],
        ["p:a", "p:b"],
        ["p:a", "r:b", "a:b"],
        ["p:a", "r:b", "p:a"],
        ["p:a", "a:b", "a:c"],
        ["p:a", "a:b", "p:b", "a:a", "p:a"],
    ],
)
def test_no_step_can_be_left_out_or_done_twice(moves: list[str]) -> None:
    with pytest.raises(CaseRefused):
        state_of(story(*moves))


def test_the_last_proposal_says_who_cannot_decide() -> None:
    restoring = story("p:a", "a:b", "p:b")
    require_second_person(restoring, "a")
    with pytest.raises(SecondPersonNeeded):
        require_second_person(restoring, "b")
