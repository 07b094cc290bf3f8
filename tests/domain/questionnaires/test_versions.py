"""A version is what a definition says: not how it was written down."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.parsing import parse_definition
from app.domain.questionnaires.versions import (
    breaking_changes,
    canonical_bytes,
    content_hash,
    definition_from_canonical,
)
from tests.questionnaires.corpus import BASE, changed

SOUND = parse_definition(BASE)
DATA = {file: YAML(typ="safe", pure=True).load(text) for file, text in BASE.items()}


def reordered(value: Any, random: Any) -> Any:
    """Shuffle the keys of every mapping; lists keep their order, which has a meaning."""
    if isinstance(value, dict):
        keys = list(value)
        random.shuffle(keys)
        return {key: reordered(value[key], random) for key in keys}
    return [reordered(one, random) for one in value] if isinstance(value, list) else value


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from([None, 1]))
def test_hash_is_independent_of_key_order_and_layout(random: Any, indent: int | None) -> None:
    files = {
        file: json.dumps(reordered(data, random), indent=indent, default=str)
        for file, data in DATA.items()
    }
    assert content_hash(parse_definition(files)) == content_hash(SOUND)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("survey.yaml", "code: base", "# a comment\ncode:   base   # another"),
        ("survey.yaml", "zh: 市绩效办", "zh:  市绩效办 "),
        ("questionnaire.yaml", "score: 60,", "score: 60.00,"),
        ("scheme.yaml", "points: 24.5", "points: 24.50"),
        ("scheme.yaml", "points: 70", "points: 7e1"),
        ("audience.yaml", "collection:\n", "collection:\n  timezone: Asia/Shanghai\n"),
    ],
)
def test_what_means_the_same_has_the_same_hash(file: str, old: str, new: str) -> None:
    files = changed([{"file": file, "replace": old, "with": new}])
    assert content_hash(parse_definition(files)) == content_hash(SOUND)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("questionnaire.yaml", "score: 60,", "score: 50,"),
        ("questionnaire.yaml", "en: Your sex}", "en: What is your sex?}"),
        ("audience.yaml", "k: 2", "k: 3"),
        ("scheme.yaml", "from_score: 80", "from_score: 80.5"),
        ("survey.yaml", "code: base", "code: other"),
    ],
)
def test_what_means_something_else_has_another_hash(file: str, old: str, new: str) -> None:
    files = changed([{"file": file, "replace": old, "with": new}])
    assert content_hash(parse_definition(files)) != content_hash(SOUND)


def test_order_of_options_is_part_of_the_version() -> None:
    women, men = (
        "{code: female, text: {zh: 女, en: Female}}",
        "{code: male, text: {zh: 男, en: Male}}",
    )
    first, second = f"- {women}\n          - {men}", f"- {men}\n          - {women}"
    files = changed([{"file": "questionnaire.yaml", "replace": first, "with": second}])
    assert content_hash(parse_definition(files)) != content_hash(SOUND)


def test_canonical_bytes_lead_back() -> None:
    assert definition_from_canonical(canonical_bytes(SOUND)) == SOUND
    again = definition_from_canonical(canonical_bytes(SOUND))
    assert canonical_bytes(again) == canonical_bytes(SOUND)


def test_canonical_form_is_sorted_compact_utf8() -> None:
    text = canonical_bytes(SOUND).decode("utf-8")
    assert (
        json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        == text
    )
    assert "基本满意" in text
    assert "null" not in text


def test_defaults_are_written_out() -> None:
    content = json.loads(canonical_bytes(SOUND))
    assert content["index"]["minimum_n"] == 10
    assert content["scheme"]["minimum_external"] == "30"
    assert content["audience"]["collection"]["timezone"] == "Asia/Shanghai"


def altered(*changes: tuple[str, str, str]) -> SurveyDefinition:
    """Parse the base with every match of some patterns replaced."""
    files = dict(BASE)
    for part, old, new in changes:
        files[f"{part}.yaml"], times = re.subn(old, new, files[f"{part}.yaml"])
        assert times, old
    return parse_definition(files)


FREE = {
    "wording": ("questionnaire", "en: Your sex", "en: Your sex or gender"),
    "title": ("survey", "en: Example survey", "en: Another title"),
    "another option": (
        "questionnaire",
        r"( +)- \{code: n, text",
        r"\1- {code: m, text: {zh: 也许, en: Perhaps}}\n\1- {code: n, text",
    ),
    "another question": (
        "questionnaire",
        r"( +)- code: last\n",
        r"\1- {code: new, kind: comment, text: {zh: 新, en: New}}\n\1- code: last\n",
    ),
    "another department": (
        "departments",
        r"  - \{code: tax",
        "  - {code: water, name: {zh: 水务局, en: Water}, group: bureau}\n  - {code: tax",
    ),
    "another aspect": (
        "questionnaire",
        r"( +)- \{code: care",
        r"\1- {code: open, text: {zh: 公开, en: Openness}}\n\1- {code: care",
    ),
    "a wider range": ("questionnaire", "maximum: 99", "maximum: 365"),
    "a longer list": ("questionnaire", "        at_most: 2\n", ""),
    "a condition less": ("questionnaire", r"        show_if: {question: more, in: \[y\]}\n", ""),
    "a better checked way in": (
        "audience",
        r"( +)- \{mode: kiosk",
        r"\1- {mode: web, trust: confidential, identify_by: [oidc]}\n\1- {mode: kiosk",
    ),
    "points": ("scheme", "from_score: 80", "from_score: 85"),
    "dates": ("audience", "kiosk: {opens: 2026-12-01", "kiosk: {opens: 2026-12-02"),
}


@pytest.mark.parametrize("name", FREE)
def test_what_stored_answers_survive_is_free(name: str) -> None:
    assert breaking_changes(SOUND, altered(FREE[name])) == []


BREAKING = {
    "survey-changed": [("survey", "code: base", "code: other")],
    "question-removed": [("questionnaire", "code: comment\n", "code: remark\n")],
    "kind-changed": [("questionnaire", "kind: comment", "kind: short_text")],
    "option-removed": [
        ("questionnaire", "code: taxes", "code: fees"),
        ("questionnaire", r"\[papers, taxes\]", "[papers]"),
    ],
    "option-narrowed": [
        ("questionnaire", r"en: Taxes\}", "en: Taxes}, exclusive: true"),
        (
            "questionnaire",
            r"( +)- \{code: papers",
            r"\1- {code: car, text: {zh: 车, en: Car}}\n\1- {code: papers",
        ),
    ],
    "aspect-removed": [
        ("questionnaire", "code: care", "code: kindness"),
        ("index", "aspect: care", "aspect: kindness"),
    ],
    "level-removed": [("questionnaire", "code: c, text", "code: cc, text")],
    "score-changed": [("questionnaire", "score: 30", "score: 40")],
    "dont-know-removed": [("questionnaire", "        dont_know: .*\n", "")],
    "routing-changed": [
        (
            "questionnaire",
            "show_if: {question: visits, at_least: 1",
            "show_if: {question: visits, at_least: 2",
        )
    ],
    "class-not-asked": [
        ("questionnaire", "(title: {zh: 建议, .*\n)", r"\1    classes: [online, peers]\n")
    ],
    "department-removed": [("departments", "code: police", "code: constabulary")],
    "window-removed": [("departments", "code: w2", "code: w3")],
    "rates-changed": [("audience", "k: 2", "k: 3")],
    "way-in-removed": [("audience", r"      - {mode: web, trust: verified.*\n", "")],
    "trust-lowered": [
        (
            "audience",
            r"mode: web, trust: invited\}\n",
            "mode: web, trust: invited}\n      - {mode: web, trust: open}\n",
        ),
        ("audience", "    never_own: true\n", ""),
    ],
    "collection-changed": [("audience", "collection:\n", "collection:\n  revisable: true\n")],
    "point-removed": [("sample", "code: p2", "code: p5")],
    "point-moved": [("sample", "en: Point 2}, stratum: north", "en: Point 2}, stratum: south")],
    "stratum-removed": [("sample", r"\bsouth\b", "southern")],
    "class-removed": [
        ("audience", "code: peers", "code: equals"),
        ("questionnaire", r"\[peers\]", "[equals]"),
    ],
}


@pytest.mark.parametrize("code", BREAKING)
def test_what_stored_answers_would_not_survive(code: str) -> None:
    found = breaking_changes(SOUND, altered(*BREAKING[code]))
    assert code in {fault.code for fault in found}
    assert all(fault.path and fault.message and fault.file for fault in found)


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("at_most: 2", "at_most: 1", "questions.topics.at_most"),
        ("minimum: 0", "minimum: 1", "questions.visits.minimum"),
        ("maximum: 99", "maximum: 50", "questions.visits.maximum"),
        ("earliest: 2020-01-01", "earliest: 2021-01-01", "questions.last.earliest"),
        ("latest: 2030-12-31", "latest: 2029-12-31", "questions.last.latest"),
        ("(kind: comment\n)", r"\1        max_length: 20\n", "questions.comment.max_length"),
    ],
)
def test_limits_may_not_become_narrower(old: str, new: str, path: str) -> None:
    found = breaking_changes(SOUND, altered(("questionnaire", old, new)))
    assert [(fault.code, fault.path) for fault in found] == [("range-narrowed", path)]


def test_all_breaking_changes_come_at_once() -> None:
    changes = [
        change
        for code in ("survey-changed", "rates-changed", "score-changed")
        for change in BREAKING[code]
    ]
    found = {fault.code for fault in breaking_changes(SOUND, altered(*changes))}
    assert found == {"survey-changed", "rates-changed", "score-changed"}
