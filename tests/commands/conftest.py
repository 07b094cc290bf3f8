"""The command line against a database of its own, on both kinds."""

from pathlib import Path
from typing import Protocol

import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.cli import cli
from app.errors import MinyiError


class Minyi(Protocol):
    """The command `minyi`; refusals come as exceptions."""

    def __call__(self, *arguments: object, typed: str = "") -> Result: ...


@pytest.fixture
def minyi(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Minyi:
    monkeypatch.setenv("MINYI_DATABASE_URL", database_url)
    monkeypatch.setenv("MINYI_SECRET_KEY_FILE", str(tmp_path / "secret.key"))

    def invoke(*arguments: object, typed: str = "") -> Result:
        result = CliRunner().invoke(cli, [str(one) for one in arguments], input=typed)
        if isinstance(result.exception, MinyiError):
            raise result.exception
        return result

    return invoke
