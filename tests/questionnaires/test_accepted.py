"""One tiny accepted questionnaire per feature: what the rules must let through."""

from pathlib import Path

import pytest

from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.parsing import parse_definition
from app.domain.questionnaires.versions import canonical_bytes, definition_from_canonical
from app.store.definitions import read_folder
from tests.questionnaires.corpus import HERE, load

TINY = read_folder(HERE / "tiny")
CASES = sorted((HERE / "accepted").glob("*.yaml"))

KINDS = ("single", "scale", "zero_to_ten", "number", "date", "short_text", "comment")


def accepted(path: Path) -> SurveyDefinition:
    """Add to the files of the tiny survey, or give whole ones, and parse."""
    case = load(path)
    added = {file: TINY[file] + more for file, more in case.get("add", {}).items()}
    return parse_definition(TINY | added | case.get("give", {}))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_accepted_and_kept_whole(path: Path) -> None:
    definition = accepted(path)
    assert definition_from_canonical(canonical_bytes(definition)) == definition


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_question_has_a_case(kind: str) -> None:
    path = HERE / "accepted" / f"{kind.replace('_', '-')}.yaml"
    assert accepted(path).questionnaire.questions()[-1].kind == kind


def test_conditions_nest() -> None:
    definition = accepted(HERE / "accepted" / "routing.yaml")
    why = next(one for one in definition.questionnaire.questions() if one.code == "why")
    assert why.show_if is not None
    assert why.show_if.model_dump(by_alias=True) == {
        "any": [
            {"not": {"question": "visited", "answered": True}},
            {"all": [{"question": "times", "at_least": 3}, {"question": "times", "at_most": 9}]},
        ]
    }


def test_every_rule_of_rating_has_a_case() -> None:
    rules = {one.rates.rule for path in CASES for one in accepted(path).audience.classes}
    assert rules == {"all", "choose", "assigned", "fixed"}
