"""What an interviewer reads out: the keying plan of one call sheet with its words in full.

A keyer sees short codes beside the form; on the telephone there is no form, so each field tells the
section's introduction, the department, and the options in the order of this sheet.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.paper.keying_plan import keying_plan
from app.domain.paper.sheet import sheet_content
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.text import Language


def call_script(
    definition: SurveyDefinition,
    respondent_class: str,
    *,
    departments: Sequence[str],
    seed: bytes,
    language: Language,
) -> list[dict[str, Any]]:
    """Describe the fields of one call sheet as `keying_plan` does, and what is read out with each.

    Adds `department` (of a grid's row), `introduction` (where a section begins), `hint` (where a
    question begins: how many answers, which departments, or the unit of a number) and `help`.
    """
    plan = keying_plan(definition, respondent_class, len(departments), language)
    sections = sheet_content(
        definition, respondent_class, departments=departments, seed=seed, language=language
    )
    spoken = {
        question["number"]: question | {"introduction": section["introduction"] if first else ""}
        for section in sections
        for first, question in _first_marked(section["questions"])
    }
    chooses = definition.audience.named(respondent_class).rates.rule == "choose"
    begun: set[int] = set()
    script = []
    for field in plan:
        question = spoken[field["number"]]
        script.append(
            field | _words(field, question, chooses=chooses, begins=field["number"] not in begun)
        )
        begun.add(field["number"])
    return script


def _first_marked(questions: Sequence[Any]) -> list[tuple[bool, Any]]:
    return [(place == 0, question) for place, question in enumerate(questions)]


def _words(
    field: Mapping[str, Any], question: Mapping[str, Any], *, chooses: bool, begins: bool
) -> dict[str, Any]:
    hinted = field["kind"] == "several" or (chooses and bool(field["row"]))
    hint = question["hint"] if hinted else question.get("unit", "")
    return {
        "keys": _in_order(field["keys"], question.get("options", ())),
        "department": question["departments"][field["row"] - 1] if field["row"] else "",
        "introduction": question["introduction"] if begins else "",
        "hint": hint if begins else "",
        "help": question["help"],
    }


def _in_order(
    keys: Sequence[dict[str, str]], options: Sequence[Mapping[str, str]]
) -> list[dict[str, str]]:
    """Put keys in the order in which the sheet names its options."""
    places = {option["code"]: place for place, option in enumerate(options)}
    return sorted(keys, key=lambda one: places.get(one["mark"], 0))
