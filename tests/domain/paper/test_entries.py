import pytest

from app.domain.paper.adjudication import final_marks, read_decisions, require_third_person
from app.domain.paper.comparison import Discrepancy, agreed_marks, compare
from app.domain.paper.custody import FormState
from app.domain.paper.entries import Entry, Placement, entries_wanted, place_entry
from app.errors import Fault, InvalidInput
from app.errors.paper import SamePerson
from tests.domain.paper.test_marks import FIELDS

ANN = Entry(1, "ann", {"sex": "1", "whole": "7"})
BO = Entry(2, "bo", {"sex": "2", "more": "1"})
SECRET = bytes(range(32))


@pytest.mark.parametrize(
    ("earlier", "by", "marks", "wanted", "found"),
    [
        ([], "ann", {}, 2, Placement(1)),
        ([ANN], "bo", {}, 2, Placement(2)),
        ([ANN], "ann", dict(ANN.marks), 2, Placement(1, repeated=True)),
        ([ANN], "Ann ", {}, 2, "entry-frozen"),
        ([ANN], "bo", {}, 1, "already-keyed"),
        ([ANN, BO], "chen", {}, 2, "already-keyed"),
        ([ANN, BO], "bo", dict(BO.marks), 2, Placement(2, repeated=True)),
    ],
)
def test_a_sheet_is_the_next_entry_or_the_same_again_or_refused(
    earlier: list[Entry], by: str, marks: dict[str, str], wanted: int, found: Placement | str
) -> None:
    placed = place_entry(FormState.RETURNED, earlier, by=by, marks=marks, wanted=wanted)
    assert (placed.code if isinstance(placed, Fault) else placed) == found


@pytest.mark.parametrize("state", set(FormState) - {FormState.RETURNED, FormState.KEYED})
def test_only_returned_forms_take_entries(state: FormState) -> None:
    placed = place_entry(state, [], by="ann", marks={}, wanted=2)
    assert isinstance(placed, Fault)
    assert placed.code == "not-returned"


def test_the_share_keyed_twice_is_met_and_the_draw_can_be_repeated() -> None:
    wanted = [entries_wanted(SECRET, number, 0.1) for number in range(1, 10_001)]
    assert wanted == [entries_wanted(SECRET, number, 0.1) for number in range(1, 10_001)]
    assert 900 < wanted.count(2) < 1100
    assert {entries_wanted(SECRET, number, 1.0) for number in range(500)} == {2}
    assert {entries_wanted(SECRET, number, 0.0) for number in range(500)} == {1}
    assert wanted != [entries_wanted(bytes(32), number, 0.1) for number in range(1, 10_001)]


def test_blank_against_a_mark_is_a_discrepancy() -> None:
    assert compare(ANN.marks, BO.marks) == [
        Discrepancy("sex", "1", "2"),
        Discrepancy("whole", "7", ""),
        Discrepancy("more", "", "1"),
    ]
    assert compare(ANN.marks, dict(reversed(ANN.marks.items()))) == []


def test_entries_agree_only_when_all_wanted_are_there() -> None:
    assert agreed_marks([], 1) is None
    assert agreed_marks([ANN], 2) is None
    assert agreed_marks([ANN], 1) == ANN.marks
    assert agreed_marks([ANN, BO], 2) is None
    assert agreed_marks([ANN, Entry(2, "bo", dict(ANN.marks))], 2) == ANN.marks


def test_the_third_person_is_neither_keyer() -> None:
    for name in ("ann", "BO", " bo"):
        with pytest.raises(SamePerson):
            require_third_person(name, [ANN, BO])
    require_third_person("chen", [ANN, BO])


def test_a_decision_may_be_either_mark_another_or_blank() -> None:
    disputes = compare(ANN.marks, BO.marks)
    decided = read_decisions(FIELDS, disputes, {"sex": "2", "whole": "8", "more": ""})
    assert final_marks(ANN.marks, decided) == {"sex": "2", "whole": "8"}


def test_a_decision_is_whole_and_printed_on_the_form() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_decisions(FIELDS, compare(ANN.marks, BO.marks), {"sex": "7", "topics": "1"})
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [
        ("sex", "not-printed"),
        ("whole", "undecided"),
        ("more", "undecided"),
        ("fields", "not-in-dispute"),
    ]
