"""`minyi weight`: the weighting steps of a design file applied to a data file. JSON out."""

import csv
import dataclasses
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from app.commands.design_files import read_design
from app.commands.tabular import read_columns
from app.domain.estimation.columns import Columns, without
from app.domain.estimation.design import build_design
from app.domain.estimation.specification import DesignFile
from app.domain.estimation.weights import WeightedSample
from app.domain.estimation.weights import weight as weight_sample

DataFile = Annotated[Path, typer.Argument(help="CSV or Parquet file, one row per respondent.")]
FileOfDesign = Annotated[
    Path, typer.Argument(help="YAML: sections sample, weighting, variance, estimates, differences.")
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write there instead of standard output.")
]


def weight(
    data: DataFile,
    design: FileOfDesign,
    weights_to: Annotated[
        Path | None,
        typer.Option(help="Write the data with a column minyi_weight as CSV, not into the JSON."),
    ] = None,
    output: Output = None,
) -> None:
    """Weight a sample by its design: non-response, post-strata, raking, calibration, trimming.

    Prints one record per step (converged, rounds, worst margin error, g-weights, design effect,
    effective n) and the weights in the order of the data. Margins that can't be met are refused by
    name.

    Example: minyi weight answers.csv design.yaml
    """
    declared = read_design(design, DesignFile)
    columns, sample = weigh(data, declared)
    document: dict[str, Any] = {"design": design_summary(sample), "steps": step_records(sample)}
    if weights_to:
        _write_csv(columns, sample, weights_to)
    else:
        document["weights"] = sample.weights.tolist()
    write_document(document, output)


def weigh(data: Path, declared: DesignFile) -> tuple[Columns, WeightedSample]:
    """Read the data and run the declared steps."""
    columns = without(read_columns(data), declared.missing)
    sample = build_design(columns, declared.sample)
    return columns, weight_sample(sample, declared.weighting, columns)


def design_summary(sample: WeightedSample) -> dict[str, int]:
    """What the variance will know of the fieldwork."""
    design = sample.design
    return {
        "rows": design.rows,
        "stages": len(design.stages),
        "strata": int(design.stages[0].strata.max()) + 1,
        "primary_units": design.first_units,
        "degrees_of_freedom": design.degrees_of_freedom(sample.weights != 0),
    }


def step_records(sample: WeightedSample) -> list[dict[str, Any]]:
    """The report of each step, for JSON."""
    return [dataclasses.asdict(report) for report in sample.reports]


def write_document(document: Mapping[str, Any], output: Path | None) -> None:
    """JSON with every digit; what is not known is null."""
    text = json.dumps(_finite(document), ensure_ascii=False, indent=2, allow_nan=False)
    if output:
        output.write_text(text + "\n", "utf-8")
    else:
        typer.echo(text)


def _finite(value: Any) -> Any:
    """The document without NaN and infinities, which JSON does not have."""
    match value:
        case Mapping():
            return {name: _finite(part) for name, part in value.items()}
        case list() | tuple():
            return [_finite(part) for part in value]
        case float() if not math.isfinite(value):
            return None
        case _:
            return value


def _write_csv(columns: Columns, sample: WeightedSample, path: Path) -> None:
    """The data and the weights, UTF-8 with a byte-order mark so that spreadsheets show Chinese."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*columns, "minyi_weight"])
        texts = [
            np.where(_absent(column), "", column.astype(object)) for column in columns.values()
        ]
        writer.writerows(zip(*texts, sample.weights.tolist(), strict=True))


def _absent(column: Any) -> Any:
    return column == np.array(None) if column.dtype == object else np.not_equal(column, column)
