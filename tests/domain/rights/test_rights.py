"""The table of rights, written down a second time by hand: whoever changes one sees the other."""

import pytest

from app.domain.rights.rights import (
    DANGEROUS,
    RIGHTS,
    Act,
    Actor,
    Scope,
    Target,
    command_line,
    is_same_person,
    may,
    may_somewhere,
    require_right,
)
from app.domain.rights.roles import SECOND_FACTOR_REQUIRED, Role
from app.errors.staff import NotAllowed

OWN = Scope(frozenset({"P1"}), frozenset({"B1"}), frozenset({"D1"}))
OWN_TARGETS = {"point": Target(point="P1"), "batch": Target(batch="B1")} | {
    "department": Target(department="D1")
}
FOREIGN_TARGETS = {"point": Target(point="P2"), "batch": Target(batch="B2")} | {
    "department": Target(department="D2")
}
ALL, OWN_ONLY, NONE = "all", "own only", "none"

# Columns: administrator, supervisor, keyer, adjudicator, analyst, department reader, auditor.
EXPECTED = {
    (Act.USE_OWN_ACCOUNT, "point"): (ALL, ALL, ALL, ALL, ALL, ALL, ALL),
    (Act.CHANGE_OWN_FACTORS, "point"): (ALL, ALL, ALL, ALL, ALL, ALL, ALL),
    (Act.SEE_WAVES, "point"): (ALL, ALL, ALL, ALL, ALL, ALL, ALL),
    (Act.CHANGE_WAVES, "point"): (ALL, NONE, NONE, NONE, NONE, NONE, NONE),
    (Act.SEE_STAFF, "point"): (ALL, NONE, NONE, NONE, NONE, NONE, ALL),
    (Act.CHANGE_STAFF, "point"): (ALL, NONE, NONE, NONE, NONE, NONE, NONE),
    (Act.READ_AUDIT_LOG, "point"): (ALL, NONE, NONE, NONE, NONE, NONE, ALL),
    (Act.SEE_CLIENTS, "point"): (ALL, NONE, NONE, NONE, NONE, NONE, ALL),
    (Act.CHANGE_CLIENTS, "point"): (ALL, NONE, NONE, NONE, NONE, NONE, NONE),
    (Act.SEE_OWN_PAPER_WORK, "point"): (ALL, ALL, ALL, ALL, ALL, NONE, ALL),
    (Act.PREPARE_FIELDWORK, "point"): (ALL, OWN_ONLY, NONE, NONE, NONE, NONE, NONE),
    (Act.SEE_KEYING_QUALITY, "point"): (ALL, NONE, NONE, NONE, ALL, NONE, ALL),
    (Act.EXPORT_KEYED, "point"): (NONE, NONE, NONE, NONE, ALL, NONE, ALL),
    (Act.SEE_FIELDWORK, "point"): (ALL, OWN_ONLY, NONE, NONE, ALL, NONE, ALL),
    (Act.MOVE_FORMS, "point"): (ALL, OWN_ONLY, NONE, NONE, NONE, NONE, NONE),
    (Act.CLOSE_BATCH, "point"): (ALL, OWN_ONLY, NONE, NONE, NONE, NONE, NONE),
    (Act.KEY_FORMS, "batch"): (NONE, NONE, OWN_ONLY, NONE, NONE, NONE, NONE),
    (Act.ADJUDICATE_FORMS, "batch"): (NONE, NONE, NONE, OWN_ONLY, NONE, NONE, NONE),
    (Act.SEE_INTEGRITY, "point"): (ALL, NONE, NONE, NONE, ALL, NONE, ALL),
    (Act.REVIEW_INTEGRITY, "point"): (ALL, NONE, NONE, NONE, ALL, NONE, NONE),
    (Act.CHANGE_WHAT_COUNTS, "point"): (ALL, NONE, NONE, NONE, NONE, NONE, NONE),
    (Act.SEE_OWN_RESULTS, "department"): (NONE, NONE, NONE, NONE, ALL, ALL, ALL),
    (Act.EXPORT_RESPONSES, "department"): (NONE, NONE, NONE, NONE, ALL, NONE, ALL),
    (Act.PREPARE_RELEASES, "point"): (ALL, NONE, NONE, NONE, ALL, NONE, NONE),
    (Act.PUBLISH_RELEASES, "point"): (ALL, NONE, NONE, NONE, NONE, NONE, NONE),
    (Act.SEE_EVALUATIONS, "department"): (ALL, NONE, NONE, NONE, ALL, NONE, ALL),
    (Act.ENTER_FIGURES, "department"): (ALL, NONE, NONE, NONE, ALL, NONE, NONE),
    (Act.PREPARE_EVALUATIONS, "department"): (ALL, NONE, NONE, NONE, ALL, NONE, NONE),
    (Act.PUBLISH_EVALUATIONS, "department"): (ALL, NONE, NONE, NONE, NONE, NONE, NONE),
    (Act.READ_RESULTS, "department"): (NONE, NONE, NONE, NONE, ALL, OWN_ONLY, ALL),
}
CELLS = [
    (role, act, kind, expected)
    for (act, kind), row in EXPECTED.items()
    for role, expected in zip(Role, row, strict=True)
]


@pytest.mark.parametrize(("role", "act", "kind", "expected"), CELLS)
def test_rights_reach_as_far_as_the_table_says(
    role: Role, act: Act, kind: str, expected: str
) -> None:
    somebody = Actor("somebody", role, OWN)
    assert may(somebody, act, OWN_TARGETS[kind]) is (expected != NONE)
    assert may(somebody, act, FOREIGN_TARGETS[kind]) is (expected == ALL)
    assert may_somewhere(somebody, act) is (expected != NONE)


def test_the_table_has_every_act() -> None:
    assert {act for act, _ in EXPECTED} == set(Act) == set(RIGHTS)


@pytest.mark.parametrize(("role", "act", "_kind", "expected"), CELLS)
def test_nothing_is_anybodys_own_where_no_object_is_named(
    role: Role, act: Act, _kind: str, expected: str
) -> None:
    assert may(Actor("somebody", role, OWN), act) is (expected == ALL)


def test_a_right_to_a_point_is_none_to_a_batch_of_the_same_code() -> None:
    keyer = Actor("keyer", Role.KEYER, Scope(points=frozenset({"X"})))
    assert not may(keyer, Act.KEY_FORMS, Target(point="X", batch="X"))


@pytest.mark.parametrize("other", ["li.na", "cli:li.na", "Li.Na", "cli: LI.NA "])
def test_another_spelling_is_no_other_person(other: str) -> None:
    assert is_same_person("li.na", other)
    assert not is_same_person("wang.wei", other)


def test_refusal_is_an_error_of_the_catalogue() -> None:
    with pytest.raises(NotAllowed):
        require_right(Actor("keyer", Role.KEYER), Act.CHANGE_STAFF)


def test_whatever_changes_waves_staff_or_factors_is_dangerous() -> None:
    words = ("change", "publish")
    assert {act for act in Act if act.value.startswith(words)} == DANGEROUS


def test_who_sees_everything_needs_a_second_factor() -> None:
    wide = {
        role
        for role in Role
        if may_somewhere(Actor("x", role), Act.READ_AUDIT_LOG)
        or may(Actor("x", role), Act.READ_RESULTS)
    }
    assert wide == SECOND_FACTOR_REQUIRED


def test_nobody_can_have_an_account_that_reads_like_the_command_line() -> None:
    assert command_line("li.na").name == "cli:li.na"
