"""Texts can be printed and read: of a sensible length, in both languages, without tricks."""

import re
import unicodedata

from app.domain.questionnaires.findings import Broken, Path, texts
from app.domain.questionnaires.text import Text

LABEL, QUESTION = 200, 600
"""Longest label (of an option, level, aspect, name, title) and question, in characters."""

_LABELS = {"name", "title", "unit", "lowest", "highest", "dont_know", "by"}
_LABELLED = {"levels", "options", "aspects"}
_HAN = re.compile(r"[\u3400-\u9fff]")


def fit_to_print(part: object) -> Broken:
    """Go through every text of a part."""
    for path, text in texts(part):
        limit = _limit(path)
        for language, words in (("zh", text.zh), ("en", text.en)):
            if limit and len(words) > limit:
                message = f"is longer than {limit} characters"
                yield (*path, language), "text-too-long", message
            if any(_unprintable(letter) for letter in words):
                message = "contains a control or direction character, which can hide words"
                yield (*path, language), "unprintable-text", message
        if _untranslated(text):
            yield (*path, "en"), "untranslated", "the English text is Chinese"


def _limit(path: Path) -> int | None:
    if path[-1] in _LABELS or (path[-1] == "text" and path[-3] in _LABELLED):
        return LABEL
    return QUESTION if path[-1] == "text" else None


def _unprintable(letter: str) -> bool:
    return letter != "\n" and unicodedata.category(letter) in ("Cc", "Cf")


def _untranslated(text: Text) -> bool:
    """An English text may cite a Chinese name; it may not consist of Chinese."""
    return len(_HAN.findall(text.en)) > len(text.en) / 2
