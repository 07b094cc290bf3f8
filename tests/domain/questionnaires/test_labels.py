"""What pages say of a definition, in each language."""

from app.domain.questionnaires.labels import Labels
from app.domain.questionnaires.model import DepartmentGrid
from tests.domain.questionnaires.small_survey import small_survey

TRIP = {
    "kind": "single",
    "code": "trip",
    "text": {"zh": "您怎么来的?", "en": "How did you come?"},
    "options": [
        {"code": "bus", "text": {"zh": "公交", "en": "By bus"}},
        {"code": "foot", "text": {"zh": "步行", "en": "On foot"}},
    ],
}
HERE = {"code": "here", "title": {"zh": "来访", "en": "Visit"}, "questions": [TRIP]}


def test_texts_are_those_of_the_language() -> None:
    definition = small_survey(sections=[HERE])
    zh, en = Labels(definition, "zh"), Labels(definition, "en")
    assert (zh.questions["trip"], en.questions["trip"]) == ("您怎么来的?", "How did you come?")
    assert zh.answers["trip"] == {"bus": "公交", "foot": "步行"}
    assert en.answers["trip"] == {"bus": "By bus", "foot": "On foot"}


def test_dont_know_is_an_answer_where_it_is_offered() -> None:
    definition = small_survey()
    labels = Labels(definition, "en")
    [grid] = [q for q in definition.questionnaire.questions() if isinstance(q, DepartmentGrid)]
    assert [*labels.answers[grid.code]] == ["vs", "s", "m", "d", "vd", "dont_know"]
    assert labels.aspects[grid.code] == {"speed": "speed", "manner": "manner"}
    assert labels.answers["recommend"] == {"dont_know": "don't know"}


def test_numbers_dates_and_texts_have_no_coded_answers() -> None:
    labels = Labels(small_survey(), "en")
    for code in ("hours", "visited", "place", "comment"):
        assert labels.answers[code] == {}
