"""METHODS.md stays true: its design file is valid, its files, functions and references exist."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import app.domain.estimation as package
from app.domain.estimation.specification import DesignFile
from tests.reference.tables import FOLDER, rows

HOME = Path(package.__file__).parent
TEXT = (HOME / "METHODS.md").read_text("utf-8")
ELSEWHERE = {  # documented in METHODS-ranks-and-composites.md
    "ranks",
    "comparisons",
    "composites",
    "fay_herriot",
    "influence",
    "propensity",
    "reliability",
}
PLUMBING = {
    "__init__",
    "columns",
    "answers",
    "declared",
    "steps",
    "requests",
    "plans",
    "estimates",
    "uncertainty",
    "precision",
}


def test_the_design_file_in_the_text_is_valid() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    declared = DesignFile.model_validate(YAML(typ="safe").load(example))
    assert {step.step for step in declared.weighting} == {
        "unknown-eligibility",
        "nonresponse",
        "poststratify",
        "rake",
        "calibrate",
        "trim",
    }


def test_every_module_of_formulas_is_described() -> None:
    modules = {path.stem for path in HOME.glob("*.py")} - ELSEWHERE - PLUMBING
    assert {name for name in modules if f"{name}.py" not in TEXT} == set()


@pytest.mark.parametrize(
    ("module", "function"), re.findall(r"`(\w+)\.py: (\w+)`", TEXT) or [("", "")]
)
def test_every_function_named_is_where_the_text_says(module: str, function: str) -> None:
    assert f"def {function}(" in (HOME / f"{module}.py").read_text("utf-8")


def test_every_test_file_and_reference_named_exists() -> None:
    here = Path(__file__).parent
    for name in set(re.findall(r"`(test_\w+\.py)`", TEXT)):
        assert (here / name).exists(), name
    for name in set(re.findall(r"`(estimation_\w+\.(?:csv|R))`", TEXT)):
        assert (FOLDER / name).exists(), name


def test_references_named_exist() -> None:
    cases = {
        row["case"]
        for table in ("estimation_api.csv", "estimation_city_numbers.csv")
        for row in rows(table)
    }
    for line in re.findall(r"references? (`[^.;]*)", TEXT):
        for name in re.findall(r"`([^`]+)`", line):
            parts = [part.strip().replace("−", "-") for part in name.split("…")]
            assert any(all(part in case for part in parts) for case in cases), name
