"""The corpus: a sound base definition and small changes to it, each refused for its own reason.

A case says `why` it must be refused, what to `change` in the base (`replace` a text that stands
there once `with` another, give a whole file, or `remove` one), and exactly which faults follow:
file, code, and what stands in the `line` named (left out where there is no such line).
"""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from app.domain.questionnaires.parsing import parse_definition
from app.errors.definitions import DefinitionFault, InvalidDefinition
from app.store.definitions import read_folder

HERE = Path(__file__).parent
BASE = read_folder(HERE / "base")


def load(path: Path) -> dict[str, Any]:
    """Read a case."""
    case: dict[str, Any] = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    return case


def changed(changes: list[dict[str, Any]]) -> dict[str, str]:
    """Give the base's files with changes made."""
    files = dict(BASE)
    for change in changes:
        name = change["file"]
        if change.get("remove"):
            del files[name]
        elif "replace" in change:
            assert files[name].count(change["replace"]) == 1, change["replace"]
            files[name] = files[name].replace(change["replace"], change["with"])
        else:
            files[name] = change["with"]
    return files


def faults_of(files: dict[str, str]) -> tuple[DefinitionFault, ...]:
    """Parse, and give what is wrong."""
    try:
        parse_definition(files)
    except InvalidDefinition as error:
        return error.faults
    return ()
