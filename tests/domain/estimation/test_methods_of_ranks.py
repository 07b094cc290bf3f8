"""The methods' texts of ranks and sampling stay true: what they name exists."""

import re
from pathlib import Path

import pytest

from app.domain import estimation, sampling
from tests.reference.tables import FOLDER

RANKS = Path(estimation.__file__).parent / "METHODS-ranks-and-composites.md"
SAMPLING = Path(sampling.__file__).parent / "METHODS.md"
TESTS = "\n".join(
    path.read_text("utf-8") for path in Path(__file__).parent.parent.glob("*/test_*.py")
)


def _named(text: Path, pattern: str) -> set[str]:
    found = set(re.findall(pattern, text.read_text("utf-8")))
    assert found
    return found


@pytest.mark.parametrize("text", [RANKS, SAMPLING], ids=lambda path: path.parent.name)
def test_every_test_named_exists(text: Path) -> None:
    for name in _named(text, r"`(test_\w+)`"):
        assert f"def {name}(" in TESTS, name


@pytest.mark.parametrize("text", [RANKS, SAMPLING], ids=lambda path: path.parent.name)
def test_every_module_function_and_reference_named_exists(text: Path) -> None:
    for name in _named(text, r"`(\w+\.py)`") - {"METHODS.md"}:
        assert (text.parent / name).exists(), name
    code = "\n".join(path.read_text("utf-8") for path in text.parent.glob("*.py"))
    for name in _named(text, r"\| `((?!test_)\w+)` \|"):
        assert f"def {name}(" in code, name
    for name in re.findall(r"`tests/reference/([\w.]+)`", text.read_text("utf-8")):
        assert (FOLDER / name).exists(), name


def test_every_module_of_sampling_is_described() -> None:
    described = SAMPLING.read_text("utf-8")
    for path in SAMPLING.parent.glob("*.py"):
        assert path.name in {"__init__.py", "design.py"} or path.name in described, path.name
