"""A definition in one language: what pages say of it, looked up once and not at every look."""

from collections.abc import Mapping

from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.model import (
    DONT_KNOW,
    DepartmentGrid,
    MultipleChoice,
    Question,
    Scale,
    ScaleQuestion,
    SingleChoice,
    ZeroToTen,
)
from app.domain.questionnaires.text import Language, Text

WordsByCode = Mapping[str, str]


class Labels:
    """Words by code. `answers`: those of a question's coded answers, «don't know» among them;
    none for numbers, dates and free text. `aspects`: those of a grid, in its order."""

    def __init__(self, definition: SurveyDefinition, language: Language) -> None:
        self.language = language
        asked = definition.questionnaire.questions()
        departments = definition.departments.departments
        self.departments: WordsByCode = {one.code: one.name[language] for one in departments}
        self.scales = {
            code: self._of_scale(scale) for code, scale in definition.questionnaire.scales.items()
        }
        self.questions: WordsByCode = {one.code: one.text[language] for one in asked}
        self.answers = {one.code: self._of_answers(one) for one in asked}
        self.aspects: Mapping[str, WordsByCode] = {
            one.code: {aspect.code: aspect.text[language] for aspect in one.aspects}
            for one in asked
            if isinstance(one, DepartmentGrid)
        }

    def _of_scale(self, scale: Scale) -> WordsByCode:
        levels = {level.code: level.text[self.language] for level in scale.levels}
        return {**levels, **self._of_dont_know(scale.dont_know)}

    def _of_answers(self, question: Question) -> WordsByCode:
        match question:
            case SingleChoice() | MultipleChoice():
                return {option.code: option.text[self.language] for option in question.options}
            case ScaleQuestion() | DepartmentGrid():
                return self.scales[question.scale]
            case ZeroToTen():
                return self._of_dont_know(question.dont_know)
        return {}

    def _of_dont_know(self, text: Text | None) -> WordsByCode:
        return {DONT_KNOW: text[self.language]} if text else {}
