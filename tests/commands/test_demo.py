import re
import socket

import pytest
from typer.testing import CliRunner

from app.cli import cli


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_the_demonstration_stores_every_citizen_once(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    arguments = [
        "demo",
        "--no-stay",
        "--citizens",
        "60",
        "--forms",
        "140",
        "--seed",
        "7",
        "--port",
        str(free_port()),
    ]
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert "60 × 201 stored" in result.output
    assert "140 paper forms go to the survey points" in result.output
    on_paper = re.search(r"issued 140 = valid (\d+) \+ duplicate (\d+)", result.output)
    assert on_paper is not None
    valid, duplicate = map(int, on_paper.groups())
    assert valid > 80
    whole = f"returned {60 + valid + duplicate} = counted {60 + valid} + duplicate {duplicate}"
    assert whole in result.output
    assert "/w/shenzhen-demo" in result.output
    assert "/console/welcome/" in result.output


@pytest.mark.parametrize("command", ["serve", "demo", "waves create", "waves close"])
def test_help_has_an_example(command: str) -> None:
    result = CliRunner().invoke(cli, [*command.split(), "--help"])
    assert "Example: minyi" in result.output
