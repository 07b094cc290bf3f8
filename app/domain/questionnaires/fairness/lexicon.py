"""Which words say satisfied, and which say dissatisfied, in Chinese and in English.

Only so many words that a level worded against its side is caught; a label of unknown words (low,
medium, high) says nothing and is judged by its side and score alone.
"""

import re
from typing import Literal

from app.domain.questionnaires.text import Text

Tone = Literal["good", "hedged", "bad", "neutral"]
"""`hedged` is «basically satisfied», the middle of the national five-level scale (好差评)."""

_NEUTRAL = re.compile(
    r"既不|不好不[坏差]|谈不上|差不多|neither|nor\b|一般|普通|中等|尚可|mixed|average|fair\b|so-so",
    re.I,
)
_NOT_BAD = re.compile(r"不错|不[差坏糟]|没有?不满|not (?:at all )?(?:bad|poor|dissatisfied)", re.I)
_BAD = re.compile(
    r"不[^，。、；]{0,4}(?:满意|好|佳|行|认可|同意|赞成)|不满|没有?满意|欠佳|较?差|很差|糟|恶劣"
    r"|失望|低劣|退步|not\b.{0,12}(?:satisf|good|happy|agree|content)|dissatisf|unsatisf|unhappy"
    r"|\b(?:bad|badly|poor|poorly|worst|worse|terrible|awful|disappoint\w*|disagree)\b"
    r"|less than satisf",
    re.I,
)
_HEDGED = re.compile(r"基本满意|大[体致]满意|(?:basically|mostly|broadly) satisfied", re.I)
_GOOD = re.compile(
    r"满意|好|优|棒|佳|赞|进步|认可|同意|出色|satisf|\b(?:good|excellent|best|better|great|outstanding"
    r"|happy|agree|content)\b",
    re.I,
)
_NOT_KNOWN = re.compile(
    r"不了解|不清楚|不知道|不熟悉|说不清|无法评价|没接触|(?:don['’]t|do not|can['’]t|cannot)"
    r" (?:know|say|tell|judge)|no opinion|not sure|unfamiliar",
    re.I,
)
_SATISFACTION = re.compile(r"满意|satisf", re.I)


def tone(label: str) -> Tone:
    """Say what the words of a rating level mean, by themselves."""
    for found, meaning in (
        (_NEUTRAL, "neutral"),
        (_NOT_BAD, "good"),
        (_BAD, "bad"),
        (_HEDGED, "hedged"),
        (_GOOD, "good"),
    ):
        if found.search(label):
            return meaning  # type: ignore[return-value]
    return "neutral"


def tones(text: Text) -> set[Tone]:
    """Say what a level means in each language."""
    return {tone(text.zh), tone(text.en)}


def says_not_known(text: Text) -> bool:
    """Say whether the words are those of «don't know»."""
    return bool(_NOT_KNOWN.search(text.zh) or _NOT_KNOWN.search(text.en))


def says_satisfaction(text: Text) -> bool:
    """Say whether satisfaction is spoken of, good or bad."""
    return bool(_SATISFACTION.search(text.zh) or _SATISFACTION.search(text.en))
