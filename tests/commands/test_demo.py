import logging
import re
import socket
from collections.abc import Iterator

import pytest
import structlog
from typer.testing import CliRunner

from app.cli import cli


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """The demonstration keeps its own server quiet, for the whole process."""
    before = structlog.get_config()
    level = logging.getLogger().level
    yield
    structlog.configure(**before)
    logging.basicConfig(level=level, force=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.slow
def test_the_demonstration_goes_from_answers_to_scores(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    sizes = ["--citizens", "300", "--forms", "1400", "--robots", "40", "--seed", "7"]
    arguments = ["demo", "--no-stay", *sizes, "--port", str(free_port())]
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert "300 × 201 stored" in result.output
    on_paper = re.search(r"issued 1400 = valid (\d+) \+ duplicate (\d+)", result.output)
    assert on_paper is not None
    valid, duplicate = map(int, on_paper.groups())
    assert valid > 800
    counted = 300 + 40 + valid
    whole = f"returned {counted + duplicate} = counted {counted} + duplicate {duplicate}"
    assert whole in result.output
    assert "copies: 40 answers" in result.output, "the robots are found"
    recovered = re.search(
        r"Residents in the sample survey +([+-][\d.]+) +([\d.]+)  (\d+) of 40", result.output
    )
    assert recovered is not None
    assert abs(float(recovered[1])) < 1, "the sample survey is not biased"
    assert int(recovered[3]) > 33, "and its intervals hold the truth"
    assert "verified shenzhen-2010.1 final and merged it" in result.output
    assert "/results/shenzhen-demo" in result.output
    assert "/w/shenzhen-next" in result.output
    assert "/console/welcome/" in result.output


@pytest.mark.parametrize("command", ["serve", "demo", "waves create", "waves close"])
def test_help_has_an_example(command: str) -> None:
    result = CliRunner().invoke(cli, [*command.split(), "--help"])
    assert "Example: minyi" in result.output
