"""Which words say satisfied, and which say dissatisfied, in Chinese and in English.

Only so many words that a level worded against its side is caught; a label of unknown words (low,
medium, high) says nothing and is judged by its side and score alone.
"""

import re
import unicodedata
from typing import Literal

from app.domain.questionnaires.text import Text

Tone = Literal["good", "hedged", "bad", "neutral"]
"""`hedged` is «basically satisfied», the middle of the national five-level scale (好差评)."""

_NEUTRAL = re.compile(
    r"既不|不好不[坏差]|谈不上|差不多|差别|neither|nor\b|一般|普通|中等|尚可|mixed|average|fair\b|so-so",
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
_MARK = re.compile(
    r"(?:(?:非常|很|比?较|挺)?(?:好|不错|优秀|良好|一般|不好|差|糟糕)"
    r"|(?:very |fairly |quite )?(?:excellent|good|average|poor|bad))",
    re.I,
)
_STRONG = re.compile(
    r"非常|很(?![少多])|极(?!少)|十分|特别|完全|绝对|大有|明显|优秀|恶劣|糟透|糟糕|\b(?:very|extremely|completely"
    r"|totally|absolutely|highly|utterly|strongly|much|excellent|outstanding|perfect|terrible"
    r"|awful|horrible|worst|best)\b",
    re.I,
)
_SIMPLIFIED = str.maketrans(
    "滿評選優質務認糟壞還無當對應須說請給過實錯讚見",
    "满评选优质务认糟坏还无当对应须说请给过实错赞见",
)
_GAP = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")


def plain(words: str) -> str:
    """Undo disguises: wide letters, traditional characters, blanks between Chinese ones."""
    return _GAP.sub("", unicodedata.normalize("NFKC", words).translate(_SIMPLIFIED))


def tone(label: str) -> Tone:
    """Say what the words of a rating level mean, by themselves."""
    for found, meaning in (
        (_NEUTRAL, "neutral"),
        (_NOT_BAD, "good"),
        (_BAD, "bad"),
        (_HEDGED, "hedged"),
        (_GOOD, "good"),
    ):
        if found.search(plain(label)):
            return meaning  # type: ignore[return-value]
    return "neutral"


def tones(text: Text) -> set[Tone]:
    """Say what a level means in each language."""
    return {tone(text.zh), tone(text.en)}


def says_not_known(text: Text) -> bool:
    """Say whether the words are those of «don't know»."""
    return any(_NOT_KNOWN.search(plain(words)) for words in (text.zh, text.en))


def says_satisfaction(text: Text) -> bool:
    """Say whether satisfaction is spoken of, good or bad."""
    return any(_SATISFACTION.search(plain(words)) for words in (text.zh, text.en))


def is_mark(text: Text) -> bool:
    """Say whether the words are a mark and nothing else, such as «good» or «very poor»."""
    return any(_MARK.fullmatch(plain(words)) for words in (text.zh, text.en))


def is_strong(words: str) -> bool:
    """Say whether a level is worded strongly: «very satisfied», «terrible»."""
    return bool(_STRONG.search(plain(words)))
