"""One page of questions: what a post of it says, and how it is shown."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Response

from app.domain.questionnaires.model import Section
from app.domain.questionnaires.navigation import visible_questions
from app.domain.questionnaires.reading import is_empty
from app.errors import Fault, InvalidInput
from app.form_data import Fields, section_answers
from app.rendering import Page
from app.stencils import hole
from app.web.errors_shown import (
    ErrorList,
    ShownError,
    names_and_messages,
    only_of,
    question_of,
)
from app.web.sheet import Sheet, can_have_holes, in_holes
from app.web.sitting import Sitting


@dataclasses.dataclass(frozen=True, slots=True)
class Posted:
    """What was read from a page: all answers as they are now, and the faults of this page.

    `opened` is the first question that these very answers have opened. It was not on the page: it
    is shown first, and not missed before.
    """

    answers: dict[str, Any]
    faults: Sequence[Fault]
    opened: str


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """How a section's page is shown this time, besides its answers."""

    faults: Sequence[Fault] = ()
    busy: bool = False
    more: str = ""
    to_review: bool = False


def read_section(sitting: Sitting, section: Section, form: Fields) -> Posted:
    """Read a posted page. Raises InvalidInput for what no page of ours can send."""
    departments = sitting.rated_in(section)
    given = section_answers(form, section.questions, departments)
    answers = sitting.checker.prune({**sitting.answers, **given})
    before = visible_questions(section, sitting.answers)
    opened = [one.code for one in visible_questions(section, answers) if one not in before]
    faults: list[Fault] = []
    try:
        answers |= _checked(sitting, section, answers, departments)
    except InvalidInput as refused:
        only_of(section.questions, refused)
        faults = [fault for fault in refused.faults if not _merely_opened(fault, opened, given)]
    kept = {code: answer for code, answer in answers.items() if not is_empty(answer)}
    return Posted(kept, faults, next(iter(opened), ""))


def _merely_opened(fault: Fault, opened: Sequence[str], given: Mapping[str, Any]) -> bool:
    """Say whether a question was not on the page and has no answer: it is not missed yet."""
    code = question_of(fault)
    return code in opened and is_empty(given[code])


def _checked(
    sitting: Sitting, section: Section, answers: Mapping[str, Any], departments: list[str]
) -> dict[str, Any]:
    """Give the page's answers in canonical form; None for what was skipped."""
    codes = [question.code for question in section.questions]
    given = {code: answers[code] for code in codes if code in answers}
    accepted = sitting.checker.check_section(
        section.code, given, offered=departments, earlier=answers
    )
    return dict.fromkeys(given) | accepted


def _errors(page: Page, sitting: Sitting, faults: Sequence[Fault]) -> list[ShownError]:
    departments = [one.code for one in sitting.rated]
    return ErrorList(page, sitting.wave.definition, departments).of(faults)


def section_page(
    page: Page,
    sitting: Sitting,
    section: Section,
    answers: Mapping[str, Any],
    shown: Shown,
) -> Response:
    """Show the questions of a section with the answers given so far.

    Where it is the same for all but for their answers, it is rendered once, and those filled in.
    """
    journey, questions = sitting.journey, visible_questions(section, answers)
    here, codes = journey.address(section), tuple(one.code for one in questions)
    for_all = not shown.faults and not shown.busy and can_have_holes(questions)
    varying = {
        "wave": sitting.wave.code,
        "busy": shown.busy,
        "added": shown.more if shown.more in codes else "",
        "to_review": shown.to_review,
        "step": journey.pages.index(here) + 1,
        "steps": len(journey.pages),
        "back": journey.review if shown.to_review else journey.before(here),
    }
    draft = sitting.draft_key and f"{sitting.draft_key}/{section.code}"
    key = (sitting.wave.definition_hash, section.code, codes, bool(draft), *varying.values())
    return page.show(
        "section.html",
        status=503 if shown.busy else 422 if shown.faults else 200,
        same_for=key if for_all else None,
        holes={"draft-key": draft, **in_holes(questions, answers)} if for_all else None,
        survey=sitting.wave.definition.survey,
        section=section,
        questions=questions,
        sheet=Sheet(
            page, sitting, None if for_all else answers, names_and_messages(page, shown.faults)
        ),
        errors=_errors(page, sitting, shown.faults) if shown.faults else [],
        draft_key=draft and (hole("draft-key") if for_all else draft),
        **varying,
    )
