"""Praise and suggested answers are found; the same words in a neutral question are not."""

import pytest

from app.domain.questionnaires.fairness.wording import (
    leading_question,
    reason_owed,
    suggested_answer,
)
from app.domain.questionnaires.model import Questionnaire
from app.domain.questionnaires.text import Text


def asking(zh: str, en: str) -> Questionnaire:
    text = {"zh": zh, "en": en}
    question = {"code": "q", "kind": "comment", "text": text}
    section = {"code": "s", "title": {"zh": "页", "en": "Page"}, "questions": [question]}
    return Questionnaire.model_validate({"sections": [section]})


@pytest.mark.parametrize(
    "words",
    [
        "您是否满意我们优质的服务？",
        "您对我局热情周到的服务满意吗？",
        "本市取得了显著成绩，您满意吗？",
        "一流的工作让您满意吗？",
        "难道您不觉得服务很好吗？您说难道不好吗？",
        "相信您一定会满意。",
        "How satisfied are you with our excellent service?",
        "How do you rate the city's truly outstanding achievements?",
        "Are you pleased with the tireless work of officers?",
        "Don't you agree that service improved?",
        "Surely you agree that service improved.",
    ],
)
def test_leading_questions_are_found(words: str) -> None:
    assert list(leading_question(asking(words, words)))


@pytest.mark.parametrize(
    "words",
    [
        "您对下列单位的工作满意吗？",
        "您认为该部门办事是否高效？",
        "我们想知道您最满意的工作是什么。",
        "工作人员是否热情？",
        "您认为我们应当优先改进哪些方面？",
        "我们希望了解服务是否优质、高效。",
        "您对办事效率、服务态度满意还是不满意？",
        "Is the staff friendly and efficient?",
        "How efficient is the service?",
        "Which of our services did you use?",
        "How great was the effort for you?",
        "Was the work efficient or inefficient?",
        "您是否得到了优质的服务？",
        "Did you find excellent service there?",
    ],
)
def test_neutral_questions_are_not(words: str) -> None:
    assert not list(leading_question(asking(words, words)))


def test_options_may_name_what_a_question_may_not_presume() -> None:
    option = {"zh": "优质的服务", "en": "Excellent service"}
    other = {"zh": "少排队", "en": "Shorter queues"}
    question = {
        "code": "wish",
        "kind": "single",
        "text": {"zh": "您最希望得到什么？", "en": "What do you wish for most?"},
        "options": [{"code": "a", "text": option}, {"code": "b", "text": other}],
    }
    questionnaire = asking("意见", "Comment").model_dump(by_alias=True)
    questionnaire["sections"][0]["questions"].append(question)
    assert not list(leading_question(Questionnaire.model_validate(questionnaire)))


@pytest.mark.parametrize(
    "words",
    [
        "请选择“非常满意”。",
        "请您在满意一栏打勾，请给满意。",
        "请给予五星好评。",
        "请务必打满分",
        "好评返现五元",
        "请选择满意，不要选不满意。",
        "Please tick satisfied and never dissatisfied.",
        "Please tick very satisfied.",
        "Please give five stars.",
        'You should choose "satisfied".',
    ],
)
def test_suggested_answers_are_found(words: str) -> None:
    assert list(suggested_answer(Text(zh=words, en="-")))
    assert list(suggested_answer(Text(zh="页", en=words)))


@pytest.mark.parametrize(
    "words",
    [
        "请选择您的满意程度。",
        "请选择满意度。",
        "请选择满意或者不满意。",
        "请按您的感受评价，不了解的请选“不了解”。",
        "请选出您最满意的部门。",
        "Please choose how satisfied you are.",
        "Please tick how satisfied or dissatisfied you are.",
        "Please give your own opinion.",
    ],
)
def test_instructions_are_not_suggestions(words: str) -> None:
    assert not list(suggested_answer(Text(zh=words, en=words)))


@pytest.mark.parametrize(
    "words",
    [
        "不满意的请注明原因。",
        "选择“不满意”的，须填写理由和联系电话。",
        "对服务不满的，请说明事由。",
        "不太满意，请写明是哪个窗口。",
        "不 满 意 的 请 注 明 原 因",
        "不滿意的請說明理由。",
        "If you are dissatisfied, please explain why.",
        "Where you are unhappy, state your reasons.",
        "If very satisfied, tell us your name.",
    ],
)
def test_a_reason_owed_by_some_is_found(words: str) -> None:
    assert list(reason_owed(Text(zh=words, en="-")))
    assert list(reason_owed(Text(zh="页", en=words)))


@pytest.mark.parametrize(
    "words",
    [
        "为了解市民的满意度，请填写以下问卷。",
        "无论满意还是不满意，都请写明原因。",
        "您对这次办事满意吗？请说明原因。",
        "您还有什么意见或建议？请写明单位。",
        "Whether satisfied or dissatisfied, tell us why if you like.",
        "Please explain your answer.",
    ],
)
def test_a_reason_asked_of_everyone_is_not(words: str) -> None:
    assert not list(reason_owed(Text(zh=words, en=words)))
