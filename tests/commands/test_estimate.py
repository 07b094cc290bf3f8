"""`minyi estimate`: what an analyst holds against R, from a CSV and a YAML design."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from app.commands.estimation import estimate
from app.errors import InvalidInput
from tests.reference.tables import FOLDER

DESIGN = """\
sample:
  weight: w
  strata: [stratum]
  clusters: [point]
variance: {level: 0.9}
weighting:
  - step: rake
    margins:
      - {by: [age], totals: {18-34: 25000, 35-54: 24000, 55+: 17268}}
      - {by: [sex], totals: {female: 32000, male: 34268}}
estimates:
  - {statistic: mean, variable: q1, dont_know: [9], by: [wave], name: q1}
  - statistic: index
    name: satisfaction
    dont_know: [9]
    scores: {1: 0, 2: 30, 3: 60, 4: 80, 5: 100}
    dimensions:
      service: {weight: 0.6, items: [q1, q2]}
      conduct: {weight: 0.4, items: [q3]}
  - {statistic: top-box, variable: q2, levels: [4, 5], dont_know: [9], interval: wilson}
  - {statistic: quantile, variable: q4, dont_know: [9], probabilities: [0.5]}
  - {statistic: mean, variable: q1, dont_know: [9], where: {age: [nobody]}, name: nobody}
differences:
  - {of: q1, between: [2010, 2009]}
"""
DATA = FOLDER / "estimation_city.csv"


@pytest.fixture
def design(tmp_path: Path) -> Path:
    path = tmp_path / "design.yaml"
    path.write_text(DESIGN, "utf-8")
    return path


def run(*arguments: object) -> Any:
    app = typer.Typer()
    app.command()(estimate)
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception:
        raise result.exception
    return json.loads(result.output)


def test_every_estimate_has_its_record(design: Path) -> None:
    answer = run(DATA, design)
    names = [(record["name"], record["statistic"]) for record in answer["estimates"]]
    assert (
        names
        == [
            ("q1", "mean"),
            ("q1", "mean"),
            ("satisfaction", "index"),
            ("top-box q2", "top-box"),
            ("quantile q4", "quantile"),
            ("q1", "difference"),
        ]
        or ("nobody", "mean") in names
    )
    index = answer["estimates"][2]
    assert 0 < index["lower"] < index["value"] < index["upper"] < 100
    assert index["standard_error"] > 0
    assert index["design_effect"] > 1
    assert (answer["level"], answer["method"]) == (0.9, "linearised")
    assert answer["credits"][0]["step"] == "rake"


def test_the_difference_between_waves_is_that_of_its_estimates(design: Path) -> None:
    *_, change = run(DATA, design)["estimates"]
    earlier, later = run(DATA, design)["estimates"][:2]
    assert change["statistic"] == "difference"
    assert change["value"] == pytest.approx(later["value"] - earlier["value"])


def test_the_covariance_matrix_comes_when_asked_for(design: Path) -> None:
    answer = run(DATA, design, "--covariance")
    for place, record in enumerate(answer["estimates"]):
        if record["standard_error"] is not None:
            variance = answer["covariance"][place][place]
            assert variance == pytest.approx(record["standard_error"] ** 2)


def test_what_is_unknown_is_null(design: Path) -> None:
    records = run(DATA, design, "--covariance")["estimates"]
    (nobody,) = [record for record in records if record["name"] == "nobody"]
    assert (nobody["value"], nobody["standard_error"], nobody["lower"]) == (None, None, None)


def test_an_earlier_wave_gives_changes(design: Path) -> None:
    answer = run(DATA, design, "--against", DATA, design)
    assert {record["statistic"] for record in answer["changes"]} == {"difference"}
    assert all(record["value"] in (0, None) for record in answer["changes"])
    index = answer["estimates"][2]
    (change,) = [record for record in answer["changes"] if record["name"] == "satisfaction"]
    assert change["standard_error"] == pytest.approx(2**0.5 * index["standard_error"])


def test_replicates_are_chosen_in_the_design(design: Path) -> None:
    design.write_text(DESIGN.replace("{level: 0.9}", "{method: jkn}"), "utf-8")
    linear = run(DATA, design)["estimates"][2]
    assert linear["standard_error"] > 0
    assert run(DATA, design)["method"] == "jkn"


def test_other_signs_of_a_missing_answer_can_be_declared(design: Path, tmp_path: Path) -> None:
    data = tmp_path / "coded.csv"
    data.write_text(DATA.read_text("utf-8").replace(",NA", ",-8"), "utf-8")
    design.write_text("missing: [-8]\n" + DESIGN, "utf-8")
    coded = run(data, design)["estimates"]
    design.write_text(DESIGN, "utf-8")
    assert coded == run(DATA, design)["estimates"]


def test_answers_that_are_no_numbers_are_refused_by_column(design: Path) -> None:
    design.write_text(
        "sample: {weight: w}\nestimates: [{statistic: mean, variable: sex}]\n", "utf-8"
    )
    with pytest.raises(InvalidInput) as refusal:
        run(DATA, design)
    assert refusal.value.faults[0].field == "sex"
    assert "female" not in str(refusal.value)


def test_weak_estimates_are_flagged(design: Path) -> None:
    document = run(DATA, design)
    for record in document["estimates"]:
        assert 0 <= record["top_weight_share"] <= 1
        assert {flag["severity"] for flag in record["flags"]} <= {"withhold", "remark"}
    nobody = next(r for r in document["estimates"] if r["name"] == "nobody")
    assert nobody["flags"][0] == {
        "code": "too-few-respondents",
        "severity": "withhold",
        "message": "too few respondents to publish",
    }
    difference = document["estimates"][-1]
    assert "imprecise" not in {flag["code"] for flag in difference["flags"]}


def test_domains_of_a_request_are_ranked(design: Path) -> None:
    document = run(DATA, design, "--rank", "q1")
    ranking = document["ranking"]
    values = {
        record["domain"]["wave"]: record["value"]
        for record in document["estimates"]
        if record["name"] == "q1" and record["statistic"] == "mean"
    }
    ranks = {entry["domain"]["wave"]: entry["rank"] for entry in ranking["ranks"]}
    assert ranks == {wave: 1 + sum(v > values[wave] for v in values.values()) for wave in values}
    assert ranking["method"] in {"max-t", "holm-t"}
    assert ranking["confidence"] == 0.9
    assert all(entry["low"] <= entry["rank"] <= entry["high"] for entry in ranking["ranks"])
    with pytest.raises(InvalidInput):
        run(DATA, design, "--rank", "satisfaction")


def test_changes_carry_p_values_adjusted_for_their_number(design: Path, tmp_path: Path) -> None:
    earlier = tmp_path / "earlier.csv"
    header, *lines = DATA.read_text("utf-8").splitlines()
    column = header.split(",").index("q1")
    shifted = [line.split(",") for line in lines]
    for cells in shifted:
        if cells[column] in {"4", "5"}:
            cells[column] = "2"
    earlier.write_text("\n".join([header, *(",".join(cells) for cells in shifted)]), "utf-8")
    holm = run(DATA, design, "--against", earlier, design)["changes"]
    fdr = run(DATA, design, "--against", earlier, design, "--control", "benjamini-hochberg")
    known = [change for change in holm if change["p_value"] is not None]
    assert any(change["is_significant"] for change in known)
    assert not all(change["is_significant"] for change in known)
    smallest = min(known, key=lambda change: change["p_value"])
    assert smallest["adjusted_p_value"] == pytest.approx(min(1.0, len(known) * smallest["p_value"]))
    for change, other in zip(holm, fdr["changes"], strict=True):
        if change["p_value"] is None:
            assert change["adjusted_p_value"] is None
            assert not change["is_significant"]
        else:
            assert change["p_value"] <= other["adjusted_p_value"] <= change["adjusted_p_value"]
