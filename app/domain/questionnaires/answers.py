"""What a respondent sent → accepted answers in canonical form, or all faults at once.

Answers are a mapping by question code:
`{"q1": "a", "q2": ["a", "b"], "rating": {"D01": {"speed": "vs", "manner": "dont_know"}}}`.
Accepted answers have the questions in definition order, choices in the order of their options,
departments in definition order; skipped questions are absent. So the same answers are the same
bytes. Faults name the field by codes of the definition and never repeat what was sent.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.questionnaires.answer_checks import compile_check
from app.domain.questionnaires.conditions import Condition, holds, questions_named
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.navigation import asked_sections, walk
from app.domain.questionnaires.reading import Check, Reading, is_empty
from app.errors import Fault, InvalidInput


@dataclasses.dataclass(frozen=True, slots=True)
class _Asked:
    """A question as compiled: its routing, with that of its section, and its check."""

    code: str
    section: str
    conditions: tuple[Condition, ...]
    depends_on: frozenset[str]
    check: Check


class AnswerChecker:
    """Checks answers of one respondent class against one definition; built once, used often."""

    def __init__(self, definition: SurveyDefinition, respondent_class: str) -> None:
        self._definition = definition
        self._class = respondent_class
        self._asked = _compile(definition, respondent_class)
        self._sections = frozenset(one.section for one in self._asked)
        self._known = frozenset(q.code for q in definition.questionnaire.questions())

    def check(self, raw: Mapping[str, object], *, offered: Sequence[str]) -> dict[str, Any]:
        """Accept a whole sheet of answers. Raises InvalidInput with all faults."""
        return self._accept(self._asked, raw, offered, {})

    def check_paper(
        self, raw: Mapping[str, object], *, offered: Sequence[str]
    ) -> tuple[dict[str, Any], list[Fault]]:
        """Take from a paper form what can be counted, and say what can't, as warnings.

        Nobody can be asked again: blank required questions are accepted, and an answer outside its
        range or behind routing is left out of the response (the entry keeps it).
        """
        reading = Reading(frozenset(offered))
        accepted: dict[str, Any] = {}
        for one in self._asked:
            value = raw.get(one.code)
            if all(holds(condition, accepted) for condition in one.conditions):
                answer = one.check(value, reading)
                if answer is not None:
                    accepted[one.code] = answer
            elif not is_empty(value):
                reading.refuse(f"answers.{one.code}", "hidden")
        return accepted, reading.faults

    def check_section(
        self,
        section_code: str,
        raw: Mapping[str, object],
        *,
        offered: Sequence[str],
        earlier: Mapping[str, object],
    ) -> dict[str, Any]:
        """Accept the answers of one page, given the accepted answers of earlier pages.

        Gives the answers of this section only. Raises InvalidInput with all faults of the page,
        and KeyError for a section that this class is not asked.
        """
        if section_code not in self._sections:
            raise KeyError(section_code)
        page = [one for one in self._asked if one.section == section_code]
        codes = {one.code for one in page}
        before = {code: value for code, value in earlier.items() if code not in codes}
        return self._accept(page, raw, offered, self.prune(before))

    def prune(self, answers: Mapping[str, object]) -> dict[str, Any]:
        """Give the answers without those to questions that routing now hides."""
        return {
            question.code: answers[question.code]
            for _, questions in walk(self._definition, self._class, answers)
            for question in questions
            if question.code in answers
        }

    def _accept(
        self,
        asked: Sequence[_Asked],
        raw: Mapping[str, object],
        offered: Sequence[str],
        earlier: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Go through the questions in order; routing looks at what has been accepted so far.

        Behind a faulty answer nobody can say what is asked: such questions are left unjudged.
        """
        reading = Reading(frozenset(offered))
        counting, accepted = dict(earlier), {}
        undecided: set[str] = set()
        for one in asked:
            value = raw.get(one.code)
            if not undecided.isdisjoint(one.depends_on):
                undecided.add(one.code)
            elif all(holds(condition, counting) for condition in one.conditions):
                before = len(reading.faults)
                answer = one.check(value, reading)
                if len(reading.faults) > before:
                    undecided.add(one.code)
                elif answer is not None:
                    counting[one.code] = accepted[one.code] = answer
            elif not is_empty(value):
                reading.refuse(f"answers.{one.code}", "hidden")
        self._refuse_strangers(raw, {one.code for one in asked}, reading)
        if reading.faults:
            raise InvalidInput(faults=reading.faults)
        return accepted

    def _refuse_strangers(
        self, raw: Mapping[str, object], asked: set[str], reading: Reading
    ) -> None:
        """Codes that the definition lacks are named by nobody: they are the sender's words."""
        strangers = raw.keys() - asked
        for code in sorted(self._known & strangers):
            reading.refuse(f"answers.{code}", "hidden")
        if strangers - self._known:
            reading.refuse("answers", "unknown-question")


def _compile(definition: SurveyDefinition, respondent_class: str) -> list[_Asked]:
    rates = definition.audience.named(respondent_class).rates
    compiled = []
    for section in asked_sections(definition, respondent_class):
        for question in section.questions:
            conditions = tuple(c for c in (section.show_if, question.show_if) if c is not None)
            compiled.append(
                _Asked(
                    question.code,
                    section.code,
                    conditions,
                    frozenset(code for c in conditions for code in questions_named(c)),
                    compile_check(question, definition, rates),
                )
            )
    return compiled
