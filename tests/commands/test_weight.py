"""`minyi weight`: a data file and a YAML design in, records and weights as JSON out."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import polars
import pytest
import typer
from typer.testing import CliRunner

from app.commands.weighting import weight
from app.errors import InvalidInput
from app.errors.definitions import InfeasibleEstimation
from tests.reference.tables import FOLDER

DESIGN = """\
sample:
  weight: pw
  clusters: [dnum]
  population: [fpc]
weighting:
  - step: rake
    margins:
      - {by: [stype], totals: {E: 4421, H: 755, M: 1018}}
      - {by: [sch.wide], totals: {No: 1072, Yes: 5122}}
"""


@pytest.fixture
def design(tmp_path: Path) -> Path:
    path = tmp_path / "design.yaml"
    path.write_text(DESIGN, "utf-8")
    return path


def run(*arguments: object) -> Any:
    app = typer.Typer()
    app.command()(weight)
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception:
        raise result.exception
    return json.loads(result.output) if result.output else None


def test_the_json_has_design_records_and_weights(design: Path) -> None:
    answer = run(FOLDER / "apiclus1.csv", design)
    assert answer["design"] == {
        "rows": 183,
        "stages": 1,
        "strata": 1,
        "primary_units": 15,
        "degrees_of_freedom": 14,
    }
    base, rake = answer["steps"]
    assert (base["step"], rake["step"], rake["converged"]) == ("base", "rake", True)
    assert rake["worst_margin_error"] < 1e-10
    assert sum(answer["weights"]) == pytest.approx(6194)
    assert rake["effective_n"] == pytest.approx(
        sum(answer["weights"]) ** 2 / sum(w * w for w in answer["weights"])
    )


def test_weights_may_go_into_a_copy_of_the_data(design: Path, tmp_path: Path) -> None:
    target = tmp_path / "weighted.csv"
    answer = run(FOLDER / "apiclus1.csv", design, "--weights-to", target)
    assert "weights" not in answer
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 183
    assert rows[0]["stype"] == "H"
    assert sum(float(row["minyi_weight"]) for row in rows) == pytest.approx(6194)


def test_parquet_gives_the_same_weights_as_csv(design: Path, tmp_path: Path) -> None:
    parquet = tmp_path / "apiclus1.parquet"
    polars.read_csv(FOLDER / "apiclus1.csv", null_values="NA").write_parquet(parquet)
    text, typed = run(FOLDER / "apiclus1.csv", design), run(parquet, design)
    np.testing.assert_allclose(text["weights"], typed["weights"], rtol=1e-12)


def test_output_can_go_to_a_file(design: Path, tmp_path: Path) -> None:
    target = tmp_path / "answer.json"
    assert run(FOLDER / "apiclus1.csv", design, "-o", target) is None
    assert json.loads(target.read_text("utf-8"))["design"]["rows"] == 183


def test_margins_that_can_not_be_met_are_refused_by_name(design: Path) -> None:
    design.write_text(DESIGN.replace("No: 1072", "No: 2072"), "utf-8")
    with pytest.raises(InfeasibleEstimation) as refusal:
        run(FOLDER / "apiclus1.csv", design)
    assert refusal.value.faults[0].field == "sch.wide"


def test_all_faults_of_a_design_are_reported_with_their_place(design: Path) -> None:
    design.write_text(
        "sample: {weight: pw, clusters: dnum, lonely: fail}\n"
        "weighting:\n"
        "  - {step: rake, margins: [{by: [stype], totals: {E: -1}}]}\n"
        "  - {step: calibrate, distance: logit, margins: [{by: [stype], totals: {E: 1}}]}\n",
        "utf-8",
    )
    with pytest.raises(InvalidInput) as refusal:
        run(FOLDER / "apiclus1.csv", design)
    fields = {fault.field for fault in refusal.value.faults}
    assert {"sample.clusters", "sample.lonely", "weighting.1.calibrate"} <= fields
    assert any(field.startswith("weighting.0.rake.margins.0.totals") for field in fields)


@pytest.mark.parametrize("step", ["unknown-eligibility", "nonresponse", "poststratify", "trim"])
def test_every_step_can_be_declared(step: str, design: Path, tmp_path: Path) -> None:
    steps = {
        "unknown-eligibility": "{step: unknown-eligibility, status: s, unknown: [U]}",
        "nonresponse": "{step: nonresponse, status: s, respondent: [R], nonrespondent: [N, U]}",
        "poststratify": "{step: poststratify, by: [g], totals: {1: 40, 2: 60},"
        " collapse: [{into: all, from: [1, 2]}], minimum: 2}",
        "trim": "{step: trim, upper: 3, of: median, strict: true}",
    }
    data = tmp_path / "people.csv"
    data.write_text("g,s,w\n1,R,10\n1,N,20\n2,R,30\n2,U,40\n", "utf-8")
    design.write_text(f"sample: {{weight: w}}\nweighting: [{steps[step]}]\n", "utf-8")
    answer = run(data, design)
    assert answer["steps"][1]["step"] == step
    assert sum(answer["weights"]) == pytest.approx(100)
