"""Limits that a check draws: the last value that passes, and the first that does not."""

import pytest

from tests.questionnaires.corpus import BASE, changed, faults_of

DEPARTMENT = "  - {{code: d{0}, name: {{zh: 部门{0}, en: Department {0}}}, group: bureau}}\n"


def codes(*changes: dict[str, str]) -> list[str]:
    return [fault.code for fault in faults_of(changed(list(changes)))]


def rates(rule: str) -> dict[str, str]:
    return {"file": "audience.yaml", "replace": "{rule: assigned, k: 2}", "with": rule}


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("{rule: assigned, k: 5}", []),
        ("{rule: assigned, k: 6}", ["too-few-departments"]),
        ("{rule: assigned, k: 2, per_group: true}", []),
        ("{rule: assigned, k: 3, per_group: true}", ["too-few-departments"]),
        ("{rule: assigned, k: 3, per_group: true, groups: [bureau]}", []),
        ("{rule: choose, at_least: 5}", []),
        ("{rule: choose, at_least: 6}", ["too-few-departments"]),
    ],
)
def test_as_many_departments_as_there_are(rule: str, found: list[str]) -> None:
    assert codes(rates(rule)) == found


@pytest.mark.parametrize(("more", "found"), [(395, []), (396, ["page-too-long"])])
def test_a_page_holds_800_ratings(more: int, found: list[str]) -> None:
    departments = BASE["departments.yaml"] + "".join(map(DEPARTMENT.format, range(more)))
    files = changed([rates("{rule: all}")]) | {"departments.yaml": departments}
    files["audience.yaml"] = files["audience.yaml"].replace(
        "{rule: all, groups: [bureau]}", "{rule: fixed}"
    )
    assert [fault.code for fault in faults_of(files)] == found


@pytest.mark.parametrize("rule", ["{rule: choose, at_most: 20}", "{rule: fixed}"])
def test_a_long_list_of_departments_fits_where_few_are_rated(rule: str) -> None:
    departments = BASE["departments.yaml"] + "".join(map(DEPARTMENT.format, range(400)))
    files = changed([rates(rule)]) | {"departments.yaml": departments}
    files["audience.yaml"] = files["audience.yaml"].replace("{rule: all, groups: [bureau]}", rule)
    assert faults_of(files) == ()


@pytest.mark.parametrize(
    ("weight", "found"), [("0.6", []), ("0.6000000001", []), ("0.600001", ["weights-sum"])]
)
def test_weights_sum_to_one(weight: str, found: list[str]) -> None:
    assert codes({"file": "index.yaml", "replace": "0.6", "with": weight}) == found


@pytest.mark.parametrize(
    ("total", "found"), [("51000", []), ("51000.05", []), ("51001", ["margin-totals"])]
)
def test_margins_agree_up_to_rounding(total: str, found: list[str]) -> None:
    change = {"file": "sample.yaml", "replace": "male: 51000", "with": f"male: {total}"}
    assert codes(change) == found


@pytest.mark.parametrize(("length", "found"), [(200, []), (201, ["text-too-long"])])
def test_labels_have_at_most_200_characters(length: int, found: list[str]) -> None:
    change = {"file": "questionnaire.yaml", "replace": "en: Female", "with": "en: " + "F" * length}
    assert codes(change) == found


@pytest.mark.parametrize(
    ("replace", "by", "found"),
    [
        ("score: 60,", "score: 40,", []),
        ("score: 60,", "score: 39,", ["score-contradicts-side"]),
        ("score: 60,", "score: 61,", ["score-contradicts-side"]),
        ("score: 0,", "score: 20,", []),
        ("score: 0,", "score: 21,", ["cut-off-end"]),
        ("score: 30,", "score: 49,", []),
        ("score: 30,", "score: 50,", ["score-contradicts-side"]),
    ],
)
def test_scores_of_the_sides(replace: str, by: str, found: list[str]) -> None:
    assert codes({"file": "questionnaire.yaml", "replace": replace, "with": by}) == found
