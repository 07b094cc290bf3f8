"""`minyi definitions` prints every fault where an editor can follow it."""

import json
from pathlib import Path

import jsonschema_rs
import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from app.cli import cli
from app.domain.questionnaires.parsing import PARTS, parse_definition
from app.domain.questionnaires.versions import content_hash
from tests.questionnaires.corpus import BASE, HERE, changed, load

SOUND = HERE / "base"


def run(*arguments: str | Path) -> tuple[int, list[str]]:
    result = CliRunner().invoke(cli, ["definitions", *map(str, arguments)])
    return result.exit_code, result.output.splitlines()


def written(folder: Path, case: str) -> Path:
    folder.mkdir()
    changes = load(HERE / "refused" / f"{case}.yaml")["change"]
    for file, text in changed(changes).items():
        (folder / file).write_text(text, "utf-8")
    return folder


def test_sound_folders_pass() -> None:
    assert run("check", SOUND, HERE / "tiny") == (0, [f"{SOUND}: sound", f"{HERE}/tiny: sound"])


def test_every_fault_of_every_folder_is_printed(tmp_path: Path) -> None:
    first = written(tmp_path / "first", "unfair/no-dont-know")
    second = written(tmp_path / "second", "broken/two-keys-twice")
    code, lines = run("check", first, SOUND, second)
    assert code == 1
    assert [line.split(": ")[0] for line in lines] == [
        f"{first}/questionnaire.yaml:45",
        str(SOUND),
        f"{second}/survey.yaml:4",
        f"{second}/survey.yaml:6",
    ]
    assert [line.split(" (")[-1] for line in lines if ".yaml" in line] == [
        "no-dont-know)",
        "duplicate-key)",
        "duplicate-key)",
    ]


def test_unreadable_folder_is_a_fault_too(tmp_path: Path) -> None:
    code, lines = run("check", tmp_path / "nowhere", SOUND)
    assert (code, len(lines)) == (1, 2)
    assert lines[0] == f"{tmp_path}/nowhere: there is no such folder (missing-folder)"


def test_hash_is_the_version() -> None:
    assert run("hash", SOUND) == (0, [content_hash(parse_definition(BASE))])


def test_unsound_folder_has_no_hash(tmp_path: Path) -> None:
    code, lines = run("hash", written(tmp_path / "bad", "unfair/forced-rating"))
    assert code == 1
    assert "forced-rating" in lines[0]


def test_schemas_describe_every_file(tmp_path: Path) -> None:
    code, lines = run("schema", tmp_path / "schemas")
    assert code == 0
    assert lines == [str(tmp_path / "schemas" / f"{part}.schema.json") for part in PARTS]
    schema = json.loads((tmp_path / "schemas" / "questionnaire.schema.json").read_text("utf-8"))
    assert schema["required"] == ["sections"]
    assert schema["additionalProperties"] is False
    assert "in" in schema["$defs"]["OneOf"]["properties"]


@pytest.mark.parametrize("part", PARTS)
def test_an_editor_sees_what_the_parser_sees(tmp_path: Path, part: str) -> None:
    run("schema", tmp_path)
    schema = json.loads((tmp_path / f"{part}.schema.json").read_text("utf-8"))
    content = YAML(typ="safe", pure=True).load(BASE[f"{part}.yaml"])
    as_json = json.loads(json.dumps(content, default=str))
    jsonschema_rs.validate(schema, as_json)
    assert not jsonschema_rs.is_valid(schema, as_json | {"requierd": True})
