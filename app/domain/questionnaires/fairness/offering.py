"""Every way to answer is offered, and ratings are asked as ratings."""

from app.domain.questionnaires.fairness.lexicon import is_mark, plain, says_satisfaction, tones
from app.domain.questionnaires.findings import Broken, located_questions, repeated
from app.domain.questionnaires.model import (
    DepartmentGrid,
    MultipleChoice,
    NumberQuestion,
    Question,
    Questionnaire,
    ScaleQuestion,
    SingleChoice,
    ZeroToTen,
)
from app.domain.questionnaires.text import LANGUAGES


def no_dont_know(questionnaire: Questionnaire) -> Broken:
    """Who must rate a department they don't know answers by guess or by courtesy."""
    for path, question in located_questions(questionnaire):
        if isinstance(question, DepartmentGrid):
            scale = questionnaire.scales.get(question.scale)
            if scale and scale.dont_know is None:
                message = "departments are rated on a scale that offers «don't know» (dont_know)"
                yield (*path, "scale"), "no-dont-know", message


def forced_rating(questionnaire: Questionnaire) -> Broken:
    """A rating that can neither be skipped nor declined invents opinions."""
    for path, question in located_questions(questionnaire):
        if question.required and not _may_decline(question, questionnaire):
            message = "a rating that is required offers «don't know» (dont_know)"
            yield (*path, "required"), "forced-rating", message


def _may_decline(question: Question, questionnaire: Questionnaire) -> bool:
    match question:
        case ScaleQuestion():
            scale = questionnaire.scales.get(question.scale)
            return scale is None or scale.dont_know is not None
        case ZeroToTen():
            return question.dont_know is not None
    return True


def rating_in_disguise(questionnaire: Questionnaire) -> Broken:
    """A rating asked as a choice or a number would escape every rule for scales."""
    message = "ask ratings by kind scale, zero_to_ten or department_grid"
    for path, question in located_questions(questionnaire):
        match question:
            case SingleChoice() | MultipleChoice():
                marks = sum(is_mark(option.text) for option in question.options)
                if marks > 1 or any(says_satisfaction(one.text) for one in question.options):
                    yield (*path, "options"), "rating-in-disguise", message
            case NumberQuestion():
                if says_satisfaction(question.text):
                    yield (*path, "kind"), "rating-in-disguise", message


def ends_contradict(questionnaire: Questionnaire) -> Broken:
    """0 is the worst and 10 the best: the labels of the ends may not say otherwise."""
    message = "0 is the worst and 10 the best; the words say otherwise"
    for path, question in located_questions(questionnaire):
        if isinstance(question, ZeroToTen):
            if tones(question.lowest) & {"good", "hedged"}:
                yield (*path, "lowest"), "label-contradicts-side", message
            if "bad" in tones(question.highest):
                yield (*path, "highest"), "label-contradicts-side", message
            if question.dont_know and tones(question.dont_know) != {"neutral"}:
                why = "«don't know» is no rating, and its words are none"
                yield (*path, "dont_know"), "dont-know-rates", why


def same_label(questionnaire: Questionnaire) -> Broken:
    """Two options or aspects that read alike can't be told apart by who answers."""
    for path, question in located_questions(questionnaire):
        match question:
            case SingleChoice() | MultipleChoice():
                name, texts = "options", [option.text for option in question.options]
            case DepartmentGrid():
                name, texts = "aspects", [aspect.text for aspect in question.aspects]
            case _:
                continue
        for language in LANGUAGES:
            for at in repeated(texts, key=lambda text: plain(text[language]).casefold()):
                where = (*path, name, at, "text", language)
                yield where, "same-label", "reads like an earlier one of this question"


RULES = [no_dont_know, forced_rating, rating_in_disguise, ends_contradict, same_label]
