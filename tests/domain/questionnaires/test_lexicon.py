"""The words by which a level that contradicts its side is caught, in both languages."""

import pytest

from app.domain.questionnaires.fairness.lexicon import says_not_known, tone
from app.domain.questionnaires.text import Text

GOOD = "非常满意 很满意 满意 比较满意 较满意 不错 很好 优秀 有进步 不差 Satisfied Excellent Better"
HEDGED = "基本满意 大致满意"
BAD = (
    "不满意 非常不满意 很不满意 不太满意 不够满意 不怎么满意 不是很满意 没有满意 不满 差 较差 很差"
    " 糟糕 失望 不好 不佳 有退步 Dissatisfied Unsatisfied Poor Worse Unhappy"
)
NEUTRAL = "一般 普通 尚可 差不多 差别不大 低 中 高 Low Medium High Average So-so"


@pytest.mark.parametrize(
    ("words", "meaning"),
    [(word, "good") for word in GOOD.split()]
    + [(word, "hedged") for word in HEDGED.split()]
    + [(word, "bad") for word in BAD.split()]
    + [(word, "neutral") for word in NEUTRAL.split()]
    + [
        ("Very satisfied", "good"),
        ("Not bad", "good"),
        ("Basically satisfied", "hedged"),
        ("Not satisfied", "bad"),
        ("Not very satisfied", "bad"),
        ("Not at all satisfied", "bad"),
        ("Less than satisfied", "bad"),
        ("Very poor", "bad"),
        ("Neither satisfied nor dissatisfied", "neutral"),
        ("既不满意也不不满意", "neutral"),
        ("不好不坏", "neutral"),
        ("About the same", "neutral"),
        ("满 意", "good"),
        ("不　满意", "bad"),
        ("非常滿意", "good"),
        ("Ｓａｔｉｓｆｉｅｄ", "good"),
    ],
)
def test_tone(words: str, meaning: str) -> None:
    assert tone(words) == meaning


@pytest.mark.parametrize(
    "words", ["不了解", "不清楚", "说不清", "Don't know", "don’t know", "Can't say", "No opinion"]
)
def test_dont_know_is_recognised(words: str) -> None:
    assert says_not_known(Text(zh=words, en="-"))
    assert says_not_known(Text(zh="-", en=words))


@pytest.mark.parametrize("words", ["一般", "满意", "Average", "Known"])
def test_an_opinion_is_not_dont_know(words: str) -> None:
    assert not says_not_known(Text(zh=words, en=words))
