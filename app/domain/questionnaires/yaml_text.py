"""YAML 1.2 text → plain data, the line of every value, and all faults of the text.

The node tree is read instead of constructed objects: it keeps line numbers, shows every duplicate
key (a constructor stops at the first or, worse, keeps the last), and runs nothing. Anchors,
aliases, merge keys and tags are refused: a definition says everything where it stands, and a few
nested aliases can stand for gigabytes.
"""

import dataclasses
import re
from collections.abc import Callable
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from app.domain.questionnaires.findings import Path

MAX_DEPTH = 40
"""Steps from the top of a file to a value; conditions within conditions are all that goes deep."""

_TAG = "tag:yaml.org,2002:"
_BOOLEANS = {"true": True, "false": False}
_UNTAGGED = {
    f"{_TAG}{kind}"
    for kind in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp", "merge")
}


_QUOTED_NAME = re.compile(r"(alias|tag handle) .*")
"""The two messages of the parser that repeat a name from the text."""


class YamlFault(Exception):
    """A fault of the text itself: nothing can be said about its contents."""

    def __init__(self, line: int, code: str, message: str) -> None:
        super().__init__(message)
        self.line, self.code, self.message = line, code, message


@dataclasses.dataclass(slots=True)
class Document:
    """What one file says. `faults` has (line, path, code, message)."""

    data: Any = None
    lines: dict[Path, int] = dataclasses.field(default_factory=dict)
    faults: list[tuple[int, Path, str, str]] = dataclasses.field(default_factory=list)

    def line_of(self, path: Path) -> int:
        """Give the line of a path, or of the nearest thing above it that is written down."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_yaml(text: str) -> Document:
    """Read one document; raises YamlFault if the text is not YAML."""
    node = _compose(text)
    document = Document()
    if node is not None:
        document.data = _Reader(document).value(node, (), node.start_mark.line + 1)
    return document


def _compose(text: str) -> Node | None:
    yaml = YAML(typ="safe", pure=True)
    yaml.composer.warn_double_anchors = False  # every anchor is refused below
    try:
        node: Node | None = yaml.compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise YamlFault(line, "yaml-syntax", _reason(error)) from None
    except YAMLError:
        raise YamlFault(1, "yaml-syntax", "contains a character that YAML refuses") from None
    except RecursionError:
        raise YamlFault(1, "yaml-depth", "is nested too deeply") from None
    return node


def _reason(error: MarkedYAMLError) -> str:
    """Say what the parser met, without the names it quotes from the text."""
    problem = str(error.problem or error.context or "")
    return "is not YAML: " + _QUOTED_NAME.sub(r"\1", problem)


class _Reader:
    """Turns nodes into data and notes lines and faults on the way."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def value(self, node: Node, path: Path, line: int) -> Any:
        self._document.lines[path] = line
        if len(path) > MAX_DEPTH:
            return self._refuse(line, path, "yaml-depth", "is nested too deeply")
        if node.anchor:
            return self._refuse(line, path, "yaml-alias", "anchors and aliases are not used here")
        if str(node.tag) not in _UNTAGGED:
            return self._refuse(line, path, "yaml-tag", "tags are not used here")
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return self._sequence(node, path)
        return _scalar(node)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        read: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, ScalarNode) or str(key.tag) == f"{_TAG}merge":
                self._refuse(line, path, "yaml-key", "a key is one plain word")
            elif key.value in read:
                where = (*path, key.value)
                self._refuse(line, where, "duplicate-key", "this key stands here twice")
            else:
                read[key.value] = self.value(value, (*path, key.value), line)
        return read

    def _sequence(self, node: SequenceNode, path: Path) -> list[Any]:
        return [
            self.value(item, (*path, position), item.start_mark.line + 1)
            for position, item in enumerate(node.value)
        ]

    def _refuse(self, line: int, path: Path, code: str, message: str) -> None:
        self._document.faults.append((line, path, code, message))


def _scalar(node: Node) -> Any:
    text: str = node.value
    match str(node.tag).removeprefix(_TAG):
        case "null":
            return None
        case "bool":
            return _BOOLEANS.get(text.lower(), text)
        case "int":
            return _number(int, text)
        case "float":
            return _number(float, text)
    return text


def _number(kind: Callable[[str], int | float], text: str) -> int | float | str:
    """Read a decimal number; other notations stay text, so that the model can refuse them."""
    try:
        return kind(text)
    except ValueError:
        return text
