"""`minyi sample size|allocate|draw`: YAML and frames in, JSON out, every fault at once."""

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import polars
import pytest
from typer.testing import CliRunner

from app.commands.sampling import sampling_app
from app.commands.tabular import read_columns, read_text_rows
from app.errors import InvalidInput

PLAN = """\
size:
  estimate: proportion
  margin: 0.05
  response_rate: 0.5
  domains:
    - {code: 福田, population: 3200}
    - {code: 罗湖, margin: 0.1}
allocation:
  rule: neyman
  total: 100
  strata:
    - {code: 福田, population: 9000, standard_deviation: 20}
    - {code: 罗湖, population: 1000, standard_deviation: 20}
draw:
  seed: lottery 3 14 15
  stages:
    - {unit: 调查点, strata: [district], size: people, method: sampford, n: {南山: 2}}
    - {unit: door, method: simple-random, n: 3, numbered_by: people}
"""
FRAME = "调查点,district,people\n0012,南山,120\n0013,南山,300\n0014,南山,250\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "plan.yaml").write_text(PLAN, "utf-8")
    (tmp_path / "points.csv").write_text(FRAME, "utf-8")
    return tmp_path


def _run(*arguments: object) -> Any:
    result = CliRunner().invoke(sampling_app, [str(argument) for argument in arguments])
    if result.exception:
        raise result.exception
    return json.loads(result.output) if result.output else None


def test_size_reports_domains_and_their_sum(folder: Path) -> None:
    answer = _run("size", folder / "plan.yaml")
    assert (answer["respondents"], answer["invitations"]) == (441, 882)
    assert answer["domains"]["福田"]["respondents"] == 344


def test_allocation_names_strata(folder: Path) -> None:
    answer = _run("allocate", folder / "plan.yaml")
    assert [(s["code"], s["n"]) for s in answer["strata"]] == [("福田", 90), ("罗湖", 10)]
    assert answer["standard_error"] == pytest.approx(2 * (1 - 100 / 10_000) ** 0.5)


def test_allocation_of_a_budget(folder: Path) -> None:
    plan = PLAN.replace("total: 100", "budget: 40").replace("neyman", "proportional")
    (folder / "plan.yaml").write_text(plan, "utf-8")
    assert _run("allocate", folder / "plan.yaml")["total"] == 40


def test_draw_is_exported_with_all_that_repeats_it(folder: Path) -> None:
    arguments = ("draw", folder / "plan.yaml", folder / "points.csv")
    answer = _run(*arguments, "--csv", folder / "drawn.csv")
    assert answer == _run(*arguments)
    assert (answer["seed"], answer["method"]) == ("lottery 3 14 15", "sha-256-keys-1")
    assert answer["frames"] == [
        {"name": "points.csv", "sha256": hashlib.sha256(FRAME.encode()).hexdigest()}
    ]
    assert answer["plan"]["stages"][0]["method"] == "sampford"
    assert len(answer["units"]) == 6
    for unit in answer["units"]:
        assert unit["调查点"] in {"0012", "0013", "0014"}
        product = unit["调查点_probability"] * unit["door_probability"]
        assert unit["inclusion_probability"] == pytest.approx(product)
        assert unit["base_weight"] == pytest.approx(1 / product)
    with (folder / "drawn.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["调查点"] for row in rows] == [unit["调查点"] for unit in answer["units"]]


def test_output_goes_to_a_file(folder: Path) -> None:
    assert _run("size", folder / "plan.yaml", "-o", folder / "size.json") is None
    assert json.loads((folder / "size.json").read_text("utf-8"))["respondents"] == 441


def test_section_that_is_not_there_is_named(folder: Path) -> None:
    (folder / "plan.yaml").write_text("draw: null\n", "utf-8")
    with pytest.raises(InvalidInput) as refusal:
        _run("size", folder / "plan.yaml")
    assert refusal.value.faults[0].field == "size"


def test_all_faults_of_a_plan_come_with_their_lines(folder: Path) -> None:
    broken = PLAN.replace("margin: 0.05", "margin: -5").replace("rule: neyman", "rule: neumann")
    (folder / "plan.yaml").write_text(broken, "utf-8")
    with pytest.raises(InvalidInput) as refusal:
        _run("allocate", folder / "plan.yaml")
    faults = {fault.field: fault.message for fault in refusal.value.faults}
    assert set(faults) == {"size.margin", "allocation.rule"}
    assert faults["size.margin"].startswith("line 3:")
    assert faults["allocation.rule"].startswith("line 9:")
    assert "neumann" not in str(faults)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"size: [", "yaml-syntax"),
        (b"size: {margin: 1, margin: 2}", "duplicate-key"),
        (b"\xff\xfe", "not-utf-8"),
        (b"#" * (1 << 20) + b"##", "too-large"),
        (b"- 1", "model_type"),
    ],
)
def test_files_that_are_no_plans_are_refused(folder: Path, content: bytes, code: str) -> None:
    (folder / "plan.yaml").write_bytes(content)
    with pytest.raises(InvalidInput) as refusal:
        _run("size", folder / "plan.yaml")
    assert refusal.value.faults[0].code == code


def test_missing_files_are_refused(folder: Path) -> None:
    for command in (("size", folder / "no.yaml"), ("draw", folder / "plan.yaml", folder / "no")):
        with pytest.raises(InvalidInput) as refusal:
            _run(*command)
        assert refusal.value.faults[0].code == "unreadable"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"a,b\n1,2,3\n", "ragged"),
        (b"a,a\n1,2\n", "header"),
        (b"", "header"),
        (b"a,b\n\xff,2\n", "not-utf-8"),
        (b'a,b\n"1,2\n', "not-csv"),
    ],
)
def test_frames_that_are_no_tables_are_refused(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "frame.csv"
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as refusal:
        read_columns(path)
    assert refusal.value.faults[0].code == code


def test_csv_is_read_as_text_and_empty_cells_are_missing(tmp_path: Path) -> None:
    path = tmp_path / "frame.csv"
    path.write_text("id,地区\n0012,南山\n,\n\n", "utf-8-sig")
    columns = read_columns(path)
    assert {name: column.tolist() for name, column in columns.items()} == {
        "id": ["0012", None],
        "地区": ["南山", None],
    }
    assert read_text_rows(path)[1] == {"id": "", "地区": ""}


def test_parquet_keeps_its_types_and_serves_as_frame(folder: Path) -> None:
    table = polars.read_csv(folder / "points.csv", schema_overrides={"调查点": polars.String})
    table.write_parquet(folder / "points.parquet")
    assert read_columns(folder / "points.parquet")["people"].dtype == np.int64
    answer = _run("draw", folder / "plan.yaml", folder / "points.parquet")
    assert answer["units"] == _run("draw", folder / "plan.yaml", folder / "points.csv")["units"]
    (folder / "points.parquet").write_bytes(b"no")
    with pytest.raises(InvalidInput) as refusal:
        read_columns(folder / "points.parquet")
    assert refusal.value.faults[0].code == "not-parquet"
