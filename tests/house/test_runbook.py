"""What the runbook and README tell to type exists: commands, options, metrics, codes of errors."""

import re
from typing import Any

import pytest
import typer
from prometheus_client import REGISTRY

from app.cli import cli
from app.errors.catalogue import catalogue
from tests.house.sources import ROOT

RUNBOOK = (ROOT / "docs/runbook.md").read_text(encoding="utf-8")
TEXTS = {"runbook": RUNBOOK, "README": (ROOT / "README.md").read_text(encoding="utf-8")}


def commands(text: str) -> list[list[str]]:
    """Give the words of each `minyi …` in code, up to the end of the line or a comment."""
    code = re.findall(r"`([^`]+)`", text) + re.findall(r"^ {4}(\S.*)$", text, re.MULTILINE)
    found = [re.search(r"(?:^|[\s/])minyi ([a-z][^#|&;<]*)", one) for one in code]
    return [match.group(1).split() for match in found if match]


@pytest.mark.parametrize("name", TEXTS)
def test_every_command_is_there_with_its_options(name: str) -> None:
    listed = commands(TEXTS[name])
    assert len(listed) > 8
    for words in listed:
        command, rest = found(words)
        options = {option for parameter in command.params for option in parameter.opts}
        used = {word.split("=")[0] for word in rest if word.startswith("--")}
        assert used <= options | {"--help"}, words


def found(words: list[str]) -> tuple[Any, list[str]]:
    """Go down the tree of commands as far as the words go; give the command and what is left."""
    command: Any = typer.main.get_command(cli)
    for position, word in enumerate(words):
        below = getattr(command, "commands", None)
        if below is None or word == "…":
            return command, words[position:]
        assert word in below, words
        command = below[word]
    return command, []


def test_every_metric_and_every_code_is_there() -> None:
    families = {family.name for family in REGISTRY.collect()}
    named = set(re.findall(r"\bminyi_[a-z_]+", RUNBOOK))
    assert {re.sub("_(total|bucket)$", "", one) for one in named} <= families
    table = RUNBOOK.partition("**Refusals by code**")[2].partition("\n**")[0]
    codes = {
        code
        for row in re.findall(r"^\| (`[^|]+`) \|", table, re.MULTILINE)
        for code in re.findall(r"`([a-z-]+)`", row)
    }
    assert len(codes) > 8
    assert codes <= {error.code for error in catalogue()}
