"""Every sentence that a citizen can read exists in Chinese, and nothing outlives its use."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from app import rendering
from app.domain.accounts.rules import MESSAGES as ACCOUNT_MESSAGES
from app.domain.questionnaires.reading import MESSAGES
from app.errors.catalogue import catalogue

APP = Path(rendering.__file__).parent
TEMPLATES = {"templates/**.html": {"extensions": "jinja2.ext.do"}}
KEYWORDS = {"_": None, "N_": None, "say": None, "refuse_type": (2,)}


def sentences() -> Iterator[str]:
    """What templates, pages, accounts, answer checks and errors say."""
    for methods in (
        [("templates/**.html", "jinja2")],
        [("web/**.py", "python")],
        [("console/**.py", "python")],
    ):
        for _, _, message, _, _ in extract_from_dir(
            str(APP), methods, TEMPLATES, keywords=KEYWORDS
        ):
            yield message if isinstance(message, str) else message[0]
    checks = extract_from_dir(
        str(APP / "domain" / "questionnaires"),
        [("*_checks.py", "python")],
        keywords=KEYWORDS,
    )
    yield from (message for _, _, message, _, _ in checks if isinstance(message, str))
    yield from MESSAGES.values()
    yield from ACCOUNT_MESSAGES.values()
    yield from (error.title for error in catalogue())


def chinese() -> Catalog:
    text = (rendering.TRANSLATIONS / "zh_Hans.po").read_text(encoding="utf-8")
    return read_po(io.StringIO(text), locale="zh_Hans_CN")


def test_every_sentence_is_translated() -> None:
    catalog = chinese()
    missing = [one for one in sentences() if one not in catalog or not catalog[one].string]
    assert missing == []


def test_no_translation_is_left_over_or_unsure() -> None:
    used = set(sentences())
    left_over = [str(one.id) for one in chinese() if one.id and one.id not in used]
    unsure = [str(one.id) for one in chinese() if one.id and one.fuzzy]
    assert (left_over, unsure) == ([], [])


def test_translations_keep_the_parameters() -> None:
    for message in chinese():
        if message.id:
            original, translated = str(message.id), str(message.string)
            assert sorted(re.findall(r"{\w+}", original)) == sorted(
                re.findall(r"{\w+}", translated)
            ), original
