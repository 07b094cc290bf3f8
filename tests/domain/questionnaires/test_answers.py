"""Answers are accepted in one canonical form, or refused with every fault and no echo."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.questionnaires.answers import AnswerChecker
from app.errors import InvalidInput
from tests.domain.questionnaires.small_survey import (
    EXPERTS_ONLY,
    GRID,
    PROFILE,
    RATING,
    REST,
    small_survey,
)

OFFERED = ["D2", "D1", "D5"]
RESIDENT = {"resident": "yes"}
CHECKER = AnswerChecker(small_survey(), "residents")


def accept(raw: dict[str, Any], checker: AnswerChecker = CHECKER) -> dict[str, Any]:
    return checker.check(raw, offered=OFFERED)


def faults_of(raw: dict[str, Any], checker: AnswerChecker = CHECKER) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as refused:
        accept(raw, checker)
    return [(fault.field, fault.code) for fault in refused.value.faults]


def test_accepted_answers_have_one_canonical_form_whatever_the_order_sent() -> None:
    sent = {
        "comment": "  Thank you\r\nvery much ",
        "hours": 2,
        "grid": {"D5": {"manner": "dont_know"}, "D1": {"manner": "vd", "speed": "vs"}},
        "topics": ["b", "a"],
        "recommend": 7.0,
        "years": 3,
        "resident": "yes",
    }
    expected = (
        '{"resident": "yes", "years": 3, "topics": ["a", "b"], '
        '"grid": {"D1": {"speed": "vs", "manner": "vd"}, "D5": {"manner": "dont_know"}}, '
        '"recommend": 7, "hours": 2.0, "comment": "Thank you\\nvery much"}'
    )
    assert json.dumps(accept(sent)) == expected
    assert json.dumps(accept(accept(sent))) == expected


@pytest.mark.parametrize("empty", [None, "", [], {}])
def test_empty_values_are_skipped_questions(empty: object) -> None:
    codes = ["years", "topics", "grid", "overall", "recommend", "hours", "visited", "comment"]
    assert accept(RESIDENT | dict.fromkeys(codes, empty)) == RESIDENT


def test_blank_text_is_a_skipped_question() -> None:
    assert accept(RESIDENT | {"comment": " \n ", "place": "  "}) == RESIDENT


@pytest.mark.parametrize(
    ("question", "value", "code"),
    [
        ("resident", "maybe", "not-an-option"),
        ("resident", ["yes"], "wrong-type"),
        ("resident", True, "wrong-type"),
        ("topics", "a", "wrong-type"),
        ("topics", ["a", 1], "wrong-type"),
        ("topics", ["a", "z"], "not-an-option"),
        ("topics", ["a", "none"], "exclusive"),
        ("topics", ["a", "b", "c"], "too-many"),
        ("overall", "excellent", "not-an-option"),
        ("overall", 5, "wrong-type"),
        ("recommend", 11, "out-of-range"),
        ("recommend", -1, "out-of-range"),
        ("recommend", 5.5, "wrong-type"),
        ("recommend", True, "wrong-type"),
        ("recommend", "7", "wrong-type"),
        ("years", 121, "out-of-range"),
        ("years", 10**400, "out-of-range"),
        ("years", float("nan"), "wrong-type"),
        ("years", float("inf"), "wrong-type"),
        ("years", False, "wrong-type"),
        ("hours", 1.25, "too-precise"),
        ("hours", -0.5, "out-of-range"),
        ("hours", float("nan"), "wrong-type"),
        ("hours", True, "wrong-type"),
        ("visited", "2011-01-01", "out-of-range"),
        ("visited", "2010-02-30", "wrong-type"),
        ("visited", "20100230", "wrong-type"),
        ("visited", "2010-W48-3", "wrong-type"),
        ("visited", "2010-05-05\n", "wrong-type"),
        ("visited", "\uff12010-05-05", "wrong-type"),
        ("visited", 20100101, "wrong-type"),
        ("place", "x" * 21, "too-long"),
        ("place", "two\nlines", "not-text"),
        ("place", 3, "wrong-type"),
        ("comment", "nul\x00", "not-text"),
        ("comment", "\ud800", "not-text"),
        ("comment", "bell\x07", "not-text"),
        ("comment", "x" * 51, "too-long"),
        ("comment", {"text": "x"}, "wrong-type"),
    ],
)
def test_a_wrong_answer_is_refused_with_its_code(question: str, value: object, code: str) -> None:
    assert faults_of(RESIDENT | {question: value}) == [(f"answers.{question}", code)]


@pytest.mark.parametrize("value", [0, 10, "dont_know"])
def test_zero_to_ten_takes_both_ends_and_dont_know(value: object) -> None:
    assert accept(RESIDENT | {"recommend": value})["recommend"] == value


def test_minus_zero_becomes_zero() -> None:
    assert str(accept(RESIDENT | {"hours": -0.0})["hours"]) == "0.0"


def test_text_keeps_emoji_tabs_in_comments_and_rare_characters() -> None:
    assert accept(RESIDENT | {"comment": "好👍🏽\t𠮷"})["comment"] == "好👍🏽\t𠮷"


@pytest.mark.parametrize(
    ("grid", "field", "code"),
    [
        ("D1", "answers.grid", "wrong-type"),
        ({"D3": {"speed": "s"}}, "answers.grid", "not-offered"),
        ({"nowhere": {"speed": "s"}}, "answers.grid", "not-offered"),
        ({"D1": "s"}, "answers.grid.D1", "wrong-type"),
        ({"D1": {"beauty": "s"}}, "answers.grid.D1", "unknown-question"),
        ({"D1": {"speed": "fast"}}, "answers.grid.D1.speed", "not-an-option"),
        ({"D1": {"speed": 5}}, "answers.grid.D1.speed", "not-an-option"),
    ],
)
def test_a_wrong_rating_is_refused_at_its_place(grid: object, field: str, code: str) -> None:
    assert faults_of(RESIDENT | {"grid": grid}) == [(field, code)]


def test_all_faults_are_reported_at_once_in_definition_order() -> None:
    sent = {"comment": "x" * 51, "grid": {"D1": {"speed": "?", "manner": "?"}}, "topics": 1}
    assert faults_of(sent) == [
        ("answers.resident", "required"),
        ("answers.topics", "wrong-type"),
        ("answers.grid.D1.speed", "not-an-option"),
        ("answers.grid.D1.manner", "not-an-option"),
        ("answers.comment", "too-long"),
    ]


def test_a_required_grid_asks_for_every_aspect_of_every_department_offered() -> None:
    checker = AnswerChecker(small_survey(grid={"required": True}), "residents")
    given_d1 = {"grid": {"D1": {"speed": "s", "manner": "dont_know"}}}
    assert faults_of(RESIDENT | given_d1, checker) == [
        (f"answers.grid.{department}.{aspect}", "required")
        for department in ["D2", "D5"]
        for aspect in ["speed", "manner"]
    ]


class TestChoosing:
    def checker(self, *, required: bool) -> AnswerChecker:
        rates = {"rule": "choose", "at_least": 2, "at_most": 2}
        definition = small_survey(rates=rates, grid={"required": required})
        return AnswerChecker(definition, "residents")

    @staticmethod
    def rated(*departments: str) -> dict[str, Any]:
        ratings = {one: {"speed": "s", "manner": "d"} for one in departments}
        return RESIDENT | {"grid": ratings}

    def test_the_departments_rated_are_the_choice(self) -> None:
        sent = self.rated("D1", "D5")
        assert accept(sent, self.checker(required=True)) == sent

    def test_limits_of_the_choice_apply(self) -> None:
        checker = self.checker(required=False)
        assert faults_of(self.rated("D1"), checker) == [("answers.grid", "too-few")]
        assert faults_of(self.rated("D1", "D2", "D5"), checker) == [("answers.grid", "too-many")]
        assert accept(RESIDENT, checker) == RESIDENT

    def test_a_required_choice_cant_be_skipped(self) -> None:
        assert faults_of(RESIDENT, self.checker(required=True)) == [("answers.grid", "too-few")]

    def test_a_department_chosen_must_be_rated_where_ratings_are_required(self) -> None:
        sent = self.rated("D1")
        sent["grid"]["D5"] = {}
        assert faults_of(sent, self.checker(required=True)) == [
            ("answers.grid.D5.speed", "required"),
            ("answers.grid.D5.manner", "required"),
        ]


def test_hidden_and_foreign_questions_are_refused() -> None:
    assert faults_of({"resident": "no", "years": 3}) == [("answers.years", "hidden")]
    assert faults_of(RESIDENT | {"opinion": "x"}) == [("answers.opinion", "hidden")]
    assert faults_of(RESIDENT | {"evil": 1, "<script>": 2}) == [("answers", "unknown-question")]


def test_an_answer_behind_a_faulty_one_is_not_judged() -> None:
    assert faults_of({"resident": "?", "years": 3}) == [("answers.resident", "not-an-option")]


def test_another_class_is_asked_its_own_questions() -> None:
    experts = AnswerChecker(small_survey(), "experts")
    assert accept(RESIDENT | {"opinion": "x"}, experts)["opinion"] == "x"


SECRET = "SECRET-310101199001011234"


@pytest.mark.parametrize(
    "question", [q["code"] for q in [*PROFILE["questions"], *REST["questions"]]]
)
@pytest.mark.parametrize("value", [SECRET * 9, [SECRET], {SECRET: SECRET}])
def test_faults_never_repeat_what_was_sent(question: str, value: object) -> None:
    sent = RESIDENT | {SECRET: SECRET, "grid": {SECRET: 1, "D1": {SECRET: 1}}, question: value}
    with pytest.raises(InvalidInput) as refused:
        accept(sent)
    assert SECRET not in repr(refused.value.faults) + str(refused.value)


class TestSection:
    def check(self, code: str, raw: dict[str, Any], earlier: dict[str, Any]) -> dict[str, Any]:
        return CHECKER.check_section(code, raw, offered=OFFERED, earlier=earlier)

    def test_gives_the_answers_of_that_page_only(self) -> None:
        assert self.check("rest", {"overall": "s"}, RESIDENT) == {"overall": "s"}

    def test_answers_of_the_page_replace_earlier_ones_before_routing(self) -> None:
        with pytest.raises(InvalidInput):
            self.check("profile", {"resident": "no", "years": 4}, RESIDENT)

    def test_refuses_questions_of_other_pages(self) -> None:
        with pytest.raises(InvalidInput) as refused:
            self.check("rest", RESIDENT, {})
        assert [fault.code for fault in refused.value.faults] == ["hidden"]

    def test_knows_only_sections_that_the_class_is_asked(self) -> None:
        for code in ("nowhere", "experts_only"):
            with pytest.raises(KeyError):
                self.check(code, {}, {})


def chain(*conditions: dict[str, Any] | None) -> dict[str, Any]:
    """A section of yes/no questions c0, c1, … each with its own routing."""
    questions = [
        PROFILE["questions"][0] | {"code": f"c{n}", "required": False, "show_if": condition}
        for n, condition in enumerate(conditions)
    ]
    return PROFILE | {"code": "chain", "questions": questions}


CHAIN = chain(
    None,
    {"question": "c0", "in": ["yes"]},
    {"question": "c1", "in": ["yes"]},
    {"not": {"question": "c2", "answered": True}},
)
TAIL = REST | {"show_if": {"question": "c2", "in": ["no"]}}
ROUTED = AnswerChecker(small_survey(sections=[CHAIN, RATING, TAIL, EXPERTS_ONLY]), "residents")


def test_a_page_is_judged_by_earlier_answers_that_still_count() -> None:
    earlier = {"c0": "no", "c1": "yes", "c2": "no"}
    with pytest.raises(InvalidInput) as refused:
        ROUTED.check_section("rest", {"overall": "s"}, offered=OFFERED, earlier=earlier)
    assert [fault.code for fault in refused.value.faults] == ["hidden"]
    opened = earlier | {"c0": "yes"}
    assert ROUTED.check_section("rest", {"overall": "s"}, offered=OFFERED, earlier=opened)


def test_pruning_follows_the_routing_through_and_leaves_its_input_alone() -> None:
    answers = {"c0": "no", "c1": "yes", "c2": "no", "c3": "yes", "overall": "s"}
    before = dict(answers)
    assert ROUTED.prune(answers) == {"c0": "no", "c3": "yes"}
    assert answers == before


@given(
    st.dictionaries(st.sampled_from(["c0", "c1", "c2", "c3"]), st.sampled_from(["yes", "no"])),
    st.sampled_from([{}, {"overall": "s"}]),
)
def test_pruned_answers_are_never_refused_as_hidden(
    chained: dict[str, str], rest: dict[str, str]
) -> None:
    pruned = ROUTED.prune(chained | rest)
    assert accept(pruned, ROUTED) == pruned
    for code in (chained | rest).keys() - pruned.keys():
        assert (f"answers.{code}", "hidden") in faults_of(chained | rest, ROUTED)


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_codes = st.sampled_from([q.code for q in small_survey().questionnaire.questions()]) | st.text()
_cells = st.dictionaries(st.sampled_from(["D1", "D9"]) | st.text(), _anything, max_size=2)


@given(st.dictionaries(_codes, _anything | st.fixed_dictionaries({"D1": _cells}), max_size=6))
def test_hostile_answers_are_accepted_or_refused_never_an_accident(raw: dict[str, Any]) -> None:
    for checker in (CHECKER, AnswerChecker(small_survey(rates={"rule": "choose"}), "residents")):
        try:
            accepted = accept(raw, checker)
        except InvalidInput:
            continue
        assert accept(accepted, checker) == accepted


def test_a_grid_without_departments_is_skipped() -> None:
    assert GRID["code"] not in accept(RESIDENT | {"grid": {"D1": {}}})
