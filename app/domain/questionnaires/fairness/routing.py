"""Nothing is asked or spared because of a rating.

A follow-up only for the dissatisfied («why?», «who are you?») makes dissatisfaction the longer and
riskier way through; one only for the satisfied collects praise. Both are refused, on any condition
that looks at a rating, because even «answered» can be turned into one by a single aspect.
"""

from collections.abc import Iterator

from app.domain.questionnaires.conditions import Condition, questions_named
from app.domain.questionnaires.findings import Broken, Path
from app.domain.questionnaires.model import RATING_KINDS, Questionnaire


def depends_on_rating(questionnaire: Questionnaire) -> Broken:
    """No question and no section is shown or hidden by how something was rated."""
    ratings = {one.code for one in questionnaire.questions() if one.kind in RATING_KINDS}
    for path, condition in _conditions(questionnaire):
        if ratings.intersection(questions_named(condition)):
            message = "what is asked may not depend on a rating"
            yield (*path, "show_if"), "depends-on-rating", message


def _conditions(questionnaire: Questionnaire) -> Iterator[tuple[Path, Condition | None]]:
    for number, section in enumerate(questionnaire.sections):
        yield ("sections", number), section.show_if
        for position, question in enumerate(section.questions):
            yield ("sections", number, "questions", position), question.show_if


RULES = [depends_on_rating]
