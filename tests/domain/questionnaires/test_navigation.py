"""Who sees what, in which order; draws are fair and can be repeated from the seed."""

import collections
import hashlib
from fractions import Fraction
from typing import Any

import pytest

from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.model import MultipleChoice, SingleChoice
from app.domain.questionnaires.navigation import (
    Offer,
    offered_departments,
    shown_options,
    visible_questions,
    visible_sections,
)
from app.errors import InvalidInput
from tests.domain.questionnaires.small_survey import (
    EXPERTS_ONLY,
    PROFILE,
    RATING,
    REST,
    option,
    small_survey,
    text,
)

ONLY_RESIDENTS = {"question": "resident", "in": ["yes"]}


def offer(definition: SurveyDefinition, seed: bytes = b"seed", **more: Any) -> Offer:
    defaults: dict[str, Any] = {"own_unit": None, "fixed": None}
    return offered_departments(definition, "residents", seed=seed, **(defaults | more))


def codes(sections: Any) -> list[str]:
    return [one.code for one in sections]


class TestSections:
    ROUTED = small_survey(
        sections=[PROFILE, RATING | {"show_if": ONLY_RESIDENTS}, REST, EXPERTS_ONLY]
    )

    def test_each_class_sees_its_own_sections(self) -> None:
        survey = small_survey()
        assert codes(visible_sections(survey, "residents", {})) == ["profile", "rating", "rest"]
        assert codes(visible_sections(survey, "experts", {}))[-1] == "experts_only"

    def test_routing_opens_and_closes_sections(self) -> None:
        assert codes(visible_sections(self.ROUTED, "residents", {})) == ["profile", "rest"]
        opened = visible_sections(self.ROUTED, "residents", {"resident": "yes"})
        assert codes(opened) == ["profile", "rating", "rest"]

    def test_a_section_whose_questions_are_all_hidden_is_no_page(self) -> None:
        hidden = [question | {"show_if": ONLY_RESIDENTS} for question in REST["questions"]]
        survey = small_survey(sections=[PROFILE, RATING, REST | {"questions": hidden}])
        assert codes(visible_sections(survey, "residents", {"resident": "no"})) == [
            "profile",
            "rating",
        ]

    def test_questions_follow_answers_of_the_same_page(self) -> None:
        section = small_survey().questionnaire.sections[0]
        assert codes(visible_questions(section, {"resident": "no"})) == ["resident", "topics"]
        assert "years" in codes(visible_questions(section, {"resident": "yes"}))


class TestOffer:
    def test_all_and_choose_offer_every_department_of_the_groups(self) -> None:
        for rule in ("all", "choose"):
            one = offer(small_survey(rates={"rule": rule, "groups": ["districts"]}))
            assert one == Offer(("D5", "D6"), {"D5": Fraction(1), "D6": Fraction(1)})

    def test_nobody_rates_their_own_unit_where_the_class_says_so(self) -> None:
        survey = small_survey(never_own=True)
        assert "D2" not in offer(survey, own_unit="D2").codes
        assert "D2" in offer(small_survey(), own_unit="D2").codes

    def test_the_fixed_department_is_the_one_of_the_link(self) -> None:
        survey = small_survey(rates={"rule": "fixed", "groups": ["bureaus"]})
        assert offer(survey, fixed="D3").codes == ("D3",)
        for wrong in (None, "D5", "D9"):
            with pytest.raises(InvalidInput):
                offer(survey, fixed=wrong)

    def test_the_draw_is_the_smallest_hashes_so_that_anyone_can_repeat_it(self) -> None:
        survey = small_survey(rates={"rule": "assigned", "k": 2})
        by_hash = sorted(
            [f"D{n}" for n in range(1, 7)],
            key=lambda code: hashlib.sha256(b"seed" + code.encode()).hexdigest(),
        )
        one = offer(survey)
        assert set(one.codes) == set(by_hash[:2])
        assert one.probabilities == dict.fromkeys(one.codes, Fraction(1, 3))
        assert one == offer(survey)

    def test_every_subset_is_equally_likely(self) -> None:
        survey = small_survey(rates={"rule": "assigned", "k": 2})
        draws = 3000
        pairs = collections.Counter(
            frozenset(offer(survey, seed=n.to_bytes(16)).codes) for n in range(draws)
        )
        expected = draws / 15
        chi_square = sum((count - expected) ** 2 / expected for count in pairs.values())
        assert len(pairs) == 15
        assert chi_square < 36.1  # 99.9 % quantile with 14 degrees of freedom

    def test_per_group_draws_in_every_group_with_its_own_probability(self) -> None:
        survey = small_survey(rates={"rule": "assigned", "k": 1, "per_group": True})
        for n in range(20):
            one = offer(survey, seed=bytes([n]))
            bureau, district = one.codes
            assert one.probabilities == {bureau: Fraction(1, 4), district: Fraction(1, 2)}

    def test_own_unit_leaves_before_the_draw(self) -> None:
        survey = small_survey(rates={"rule": "assigned", "k": 2}, never_own=True)
        one = offer(survey, own_unit="D1")
        assert set(one.probabilities.values()) == {Fraction(2, 5)}

    def test_more_than_there_are_means_all(self) -> None:
        one = offer(small_survey(rates={"rule": "assigned", "k": 9}))
        assert len(one.codes) == 6
        assert set(one.probabilities.values()) == {Fraction(1)}

    def test_departments_are_shown_in_the_order_of_the_grid(self) -> None:
        declared = [f"D{n}" for n in range(1, 7)]
        rotations = {tuple(declared[n:] + declared[:n]) for n in range(6)}
        seeds = [bytes([n]) for n in range(100)]
        rotated = {offer(small_survey(grid={"order": "rotated"}), seed).codes for seed in seeds}
        random = {offer(small_survey(grid={"order": "random"}), seed).codes for seed in seeds}
        assert rotated == rotations
        assert len(random - rotations) > 80


OPTIONS = [option("none", exclusive=True), *(option(code) for code in "abcde")]


class TestOptions:
    def question(self, order: str) -> MultipleChoice:
        given = {"kind": "multiple", "code": "q", "text": text("?"), "options": OPTIONS}
        return MultipleChoice.model_validate(given | {"order": order})

    def test_fixed_options_stay_as_written(self) -> None:
        assert codes(shown_options(self.question("fixed"), b"x")) == ["none", *"abcde"]

    @pytest.mark.parametrize("order", ["random", "rotated"])
    def test_exclusive_options_stay_last_and_nothing_is_lost(self, order: str) -> None:
        for n in range(30):
            shown = codes(shown_options(self.question(order), bytes([n])))
            assert shown[-1] == "none"
            assert sorted(shown[:-1]) == list("abcde")

    def test_each_option_comes_first_about_as_often(self) -> None:
        for order in ("random", "rotated"):
            question = self.question(order)
            first = collections.Counter(
                shown_options(question, n.to_bytes(4))[0].code for n in range(1000)
            )
            assert all(140 < count < 260 for count in first.values())

    def test_two_questions_are_ordered_independently(self) -> None:
        options = {"kind": "single", "text": text("?"), "options": OPTIONS[1:]}
        one, two = (
            SingleChoice.model_validate(options | {"code": code, "order": "random"})
            for code in ("q1", "q2")
        )
        seeds = [bytes([n]) for n in range(50)]
        same = [shown_options(one, seed) == shown_options(two, seed) for seed in seeds]
        assert sum(same) < 10
