"""Every setting is explained, in the code and in README, and none but these."""

import re

import pytest
from pydantic import ValidationError

from app.settings import PREFIX, Settings
from tests.house.sources import ROOT


def documented() -> dict[str, str]:
    """Read the table of README's section on configuration: name → meaning."""
    section = (ROOT / "README.md").read_text().partition("\n## Configuration\n")[2]
    rows = re.findall(r"^\| `(\w+)` \|.*\| (.+) \|$", section.partition("\n## ")[0], re.MULTILINE)
    return dict(rows)


def test_readme_lists_the_settings_in_their_order() -> None:
    names = [f"{PREFIX}{name}".upper() for name in Settings.model_fields]
    assert list(documented()) == names


def test_every_setting_says_what_it_is_for() -> None:
    assert all(field.description for field in Settings.model_fields.values())
    assert all(len(meaning) > 5 for meaning in documented().values())


def test_readme_shows_the_defaults() -> None:
    readme = (ROOT / "README.md").read_text()
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, str) and field.default:
            assert f"`{PREFIX}{name.upper()}` | `{field.default}`" in readme


def test_a_misspelt_setting_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINYI_DATABSE_URL", "sqlite:///elsewhere.db")
    with pytest.raises(ValidationError, match="MINYI_DATABSE_URL"):
        Settings(_env_file=None)
