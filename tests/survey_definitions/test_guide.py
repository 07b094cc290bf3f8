"""The examples in the guide are whole and true: they parse, and every kind of question is there."""

import re
from typing import get_args

from pydantic import TypeAdapter
from ruamel.yaml import YAML

from app.domain.questionnaires.model import Question
from app.domain.questionnaires.parsing import PARTS, parse_definition
from tests.survey_definitions.shipped import FOLDER, NAMES

GUIDE = (FOLDER / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```yaml\n(# (.+)\n(?:.*\n)*?)```", GUIDE)


def test_the_small_survey_is_sound() -> None:
    files = {name: block for block, name in BLOCKS if name.endswith(".yaml")}
    assert len(files) == 5
    definition = parse_definition(files)
    assert definition.survey.code == "parks"


def test_every_kind_of_question_is_shown() -> None:
    (block,) = (block for block, name in BLOCKS if name == "every kind of question")
    questions = TypeAdapter(list[Question]).validate_python(YAML(typ="safe").load(block))
    union = get_args(get_args(Question)[0])
    kinds = {get_args(model.model_fields["kind"].annotation)[0] for model in union}
    assert {question.kind for question in questions} == kinds


def test_every_file_and_every_shipped_folder_is_named() -> None:
    for part in PARTS:
        assert f"`{part}.yaml`" in GUIDE
    for name in NAMES:
        assert f"[{name}]({name})" in GUIDE
