"""Every unfair or broken definition of the corpus is refused, each for its own reason."""

from pathlib import Path
from typing import Any

import pytest

from app.domain.questionnaires.fairness.keys import REASONS
from tests.questionnaires.corpus import BASE, HERE, changed, faults_of, load

UNFAIR = sorted((HERE / "refused" / "unfair").glob("*.yaml"))
BROKEN = sorted((HERE / "refused" / "broken").glob("*.yaml"))


def name(path: Path) -> str:
    return f"{path.parent.name}-{path.stem}"


def test_the_base_is_sound() -> None:
    assert faults_of(BASE) == ()


@pytest.mark.parametrize("path", UNFAIR + BROKEN, ids=name)
def test_refused_for_its_own_reason(path: Path) -> None:
    case = load(path)
    files = changed(case["change"])
    found = faults_of(files)
    assert [(fault.file, fault.code) for fault in found] == [
        (expected["file"], expected["code"]) for expected in case["refused"]
    ]
    for fault, expected in zip(found, case["refused"], strict=True):
        assert stands_at(files, fault.file, fault.line, expected), fault


def stands_at(files: dict[str, str], file: str, line: int, expected: dict[str, Any]) -> bool:
    if "line" not in expected:
        return line == 0
    return expected["line"] in files[file].splitlines()[line - 1]


def test_lines_count_from_one() -> None:
    bad_end = changed(load(HERE / "refused" / "unfair" / "only-satisfied.yaml")["change"])
    misspelt = changed(load(HERE / "refused" / "broken" / "unknown-key.yaml")["change"])
    assert [fault.line for fault in faults_of(bad_end)] == [3]
    assert [(fault.line, fault.path) for fault in faults_of(misspelt)] == [
        (48, "sections.1.questions.0.requierd")
    ]


def test_each_kind_of_unfair_key_has_a_case() -> None:
    codes = {expected["code"] for path in UNFAIR for expected in load(path)["refused"]}
    assert codes >= REASONS.keys()


def test_faults_of_all_files_come_at_once() -> None:
    paths = [
        HERE / "refused" / "unfair" / "no-dont-know.yaml",
        HERE / "refused" / "unfair" / "bad-level-above-half.yaml",
        HERE / "refused" / "broken" / "open-kiosk.yaml",
        HERE / "refused" / "broken" / "points-do-not-add-up.yaml",
    ]
    changes = [change for path in paths for change in load(path)["change"]]
    assert sorted(fault.code for fault in faults_of(changed(changes))) == [
        "no-dont-know",
        "points-sum",
        "score-contradicts-side",
        "trust-and-mode",
    ]


def test_unfairness_is_found_in_a_folder_that_is_broken_elsewhere() -> None:
    files = changed(load(HERE / "refused" / "unfair" / "no-dont-know.yaml")["change"])
    files["index.yaml"] = "dimensions: ["
    assert {fault.code for fault in faults_of(files)} == {"yaml-syntax", "no-dont-know"}


def test_messages_do_not_repeat_what_was_written() -> None:
    secret = "Xq7-secret"
    files = {file: text.replace("base", secret) for file, text in BASE.items()}
    files["questionnaire.yaml"] = files["questionnaire.yaml"].replace(
        "kind: date", f"kind: {secret}"
    )
    files["audience.yaml"] = files["audience.yaml"].replace("rule: all", f"rule: {secret}")
    files["sample.yaml"] = f"{secret}: &{secret} [*{secret}x"
    found = faults_of(files)
    assert len(found) >= 3
    assert all(secret not in fault.message for fault in found)
