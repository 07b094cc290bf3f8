"""Questions neither praise what they ask about nor suggest an answer.

A modest lexicon of whole patterns, not single words: «是否优质» asks, «我们优质的服务» praises;
«请选择满意度» asks, «请选择满意» tells. Options and aspects name things and may use any word.
"""

import re
from collections.abc import Callable

from app.domain.questionnaires.fairness.lexicon import plain
from app.domain.questionnaires.findings import Broken, texts
from app.domain.questionnaires.model import Questionnaire
from app.domain.questionnaires.text import DefinitionModel, Text

_PRAISING_ZH = "优质|一流|卓越|高效|贴心|周到|出色|优秀|杰出|优异|热情|辛勤|不懈|显著|巨大|全心全意"
_PRAISING_EN = (
    "excellent|outstanding|superb|first-class|first-rate|world-class|high-quality|wonderful"
    "|exemplary|dedicated|hard-working|hardworking|tireless|remarkable"
)
_WORK_ZH = "服务|工作|成绩|成效|成就|表现|付出|努力|进步|业绩"
_WORK_EN = "services?|work|achievements?|efforts?|performance|progress|results?|staff|officers?"
_US_ZH = "我们|我局|我委|我区|我市|我中心|本局|本委|本区|本市|本中心|咱们"

_PRAISE = [
    re.compile(
        rf"(?:{_US_ZH})(?:(?!是否|有没有|[，。？！；]).){{0,8}}(?:{_PRAISING_ZH})+(?:的|{_WORK_ZH})"
    ),
    re.compile(
        r"\b(?:our|the city['’]s|the bureau['’]s) (?:\w+ ){0,2}"
        rf"(?:{_PRAISING_EN}|great|efficient)\b",
        re.I,
    ),
    re.compile(r"难道不|难道没有|想必|相信您(?:一定|也|会|肯定)|您一定"),
    re.compile(
        r"(?:don['’]t|wouldn['’]t|surely) you (?:\w+ )?agree|you must agree|as you know,", re.I
    ),
]
_PRAISE_OF_NOBODY = [
    re.compile(rf"(?:{_PRAISING_ZH})+的(?:{_WORK_ZH})"),
    re.compile(rf"\b(?:{_PRAISING_EN}) (?:\w+ )?(?:{_WORK_EN})\b", re.I),
]
"""Praise of work without saying whose: harmless where the question is whether it was so."""

_WHETHER = re.compile(r"是否|有没有|\bwhether\b|^(?:is|was|did|do|does) ", re.I)
_REASON_OWED = [
    re.compile(
        r"(?:不满(?!意)|满意(?!度|程度|情况|率|与否|吗))的?[^。！？；]{0,8}(?:请|须|必须|应|需|要)[^。！？；，]{0,6}"
        r"(?:说明|注明|写明|写出|填写|填报|提供|列出|留下)"
    ),
    re.compile(
        r"\b(?:if|when|where)\b[^.?!;]{0,30}(?:satisf|unhappy|happy)[^.?!;]{0,20}"
        r"\b(?:give|state|explain|tell|say|write|leave|provide|describe)\b",
        re.I,
    ),
]

_NAMES = {"options", "levels", "aspects"}

_SUGGESTION = [
    re.compile(
        r"(?:请|务必|建议|应|须|希望您?|拜托|恳请)[^，。？！；]{0,8}(?:选|勾|打|填|给|投|评)"
        r"[^，。？！；]{0,10}(?:非常满意|满意(?!度|程度|情况|率|的|与否|或|还是|、|/)|好评|五星|满分|最高分)"
    ),
    re.compile(
        r"\b(?:please|kindly|you should|we ask you to)\b[^.?!;]{0,20}"
        r"\b(?:choose|tick|select|mark|give|answer|rate)\b[^.?!;]{0,30}"
        r"(?:[\"“'‘](?:very )?satisfied|(?<!how )(?<!dis)\bvery satisfied\b|top (?:score|mark)s?"
        r"|five stars|full marks|highest (?:score|mark))",
        re.I,
    ),
    re.compile(r"好评(?:返现|有礼|有奖)|满意(?:返现|有礼|有奖|即可|就可)|送红包|领红包"),
]
_SATISFIED = re.compile(r"(?<!不)满意|\bsatisf", re.I)
_BOTH_SIDES = re.compile(r"不满|dissatisf", re.I)
"""An instruction that names both sides suggests neither …"""

_DISCOURAGED = re.compile(
    r"(?:不要|别|勿|不得|不能|不可)[^，。？！；]{0,6}(?:选|勾|打|填|给|投|评)[^，。？！；]{0,6}(?:不满|差评)"
    r"|\b(?:don['’]t|do not|never|avoid)\b[^.?!;]{0,25}\bdissatisf",
    re.I,
)
"""… unless it is to leave one out."""


def leading_question(questionnaire: Questionnaire) -> Broken:
    """Praise in the question is half the answer."""
    for path, text in texts(questionnaire):
        if not _NAMES.intersection(path) and _either(_praises, text):
            message = "praises what it asks about; ask without adjectives"
            yield path, "leading-question", message


def _praises(words: str) -> bool:
    patterns = _PRAISE if _WHETHER.search(words) else _PRAISE + _PRAISE_OF_NOBODY
    return any(pattern.search(words) for pattern in patterns)


def suggested_answer(part: DefinitionModel) -> Broken:
    """Nanning's ballots came with printed model answers; so does «please tick satisfied»."""
    for path, text in texts(part):
        if _either(_suggests, text):
            yield path, "suggested-answer", "tells people which answer to give"


def reason_owed(part: DefinitionModel) -> Broken:
    """«If dissatisfied, state why»: the longer way deters; a comment is open to everyone alike."""
    for path, text in texts(part):
        if _either(_owes_a_reason, text):
            message = "asks more of some people because of how satisfied they are"
            yield path, "conditional-duty", message


def _owes_a_reason(words: str) -> bool:
    both = _SATISFIED.search(words) and _BOTH_SIDES.search(words)
    return not both and any(one.search(words) for one in _REASON_OWED)


def _either(claim: Callable[[str], bool], text: Text) -> bool:
    return claim(plain(text.zh)) or claim(plain(text.en))


def _suggests(words: str) -> bool:
    if _DISCOURAGED.search(words):
        return True
    return not _BOTH_SIDES.search(words) and any(one.search(words) for one in _SUGGESTION)


RULES = [leading_question]
RULES_FOR_ALL_TEXTS = [suggested_answer, reason_owed]
