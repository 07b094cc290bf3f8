"""`minyi sample`: how many people to ask, how to split them, whom to draw. JSON out."""

import csv
import dataclasses
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from app.commands.design_files import read_design
from app.commands.tabular import read_text_rows
from app.domain.sampling.allocation import Allocation, allocate_budget, allocate_total
from app.domain.sampling.design import AllocationPlan, SamplePlan
from app.domain.sampling.domains import plan_size
from app.domain.sampling.stages import Sample, draw_stages
from app.errors import Fault, InvalidInput

sampling_app = typer.Typer(
    help="Sample size, allocation to strata, and a draw that anyone can repeat.",
    no_args_is_help=True,
)

Section = TypeVar("Section")
PlanFile = Annotated[Path, typer.Argument(help="YAML: sections size, allocation, draw.")]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write there instead of standard output.")
]


@sampling_app.command()
def size(plan: PlanFile, output: Output = None) -> None:
    """Say how many must answer and how many must be asked, in all and by domain.

    Example: minyi sample size plan.yaml
    """
    planned = plan_size(_section(read_design(plan, SamplePlan).size, "size"))
    _write(dataclasses.asdict(planned), output)


@sampling_app.command()
def allocate(plan: PlanFile, output: Output = None) -> None:
    """Split a total, or a budget, over strata in whole people.

    Example: minyi sample allocate plan.yaml
    """
    section = _section(read_design(plan, SamplePlan).allocation, "allocation")
    allocation = _allocate(section)
    strata = [
        {"code": stratum.code, "population": stratum.population, "n": n}
        for stratum, n in zip(section.strata, allocation.sizes, strict=True)
    ]
    document = dataclasses.asdict(allocation) | {"strata": strata}
    del document["sizes"]
    _write(document, output)


@sampling_app.command()
def draw(
    plan: PlanFile,
    frames: Annotated[
        list[Path], typer.Argument(help="One CSV or Parquet file per stage that has a frame.")
    ],
    output: Output = None,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", help="Write the units drawn as a CSV file, too.")
    ] = None,
) -> None:
    """Draw by the plan; the result names seed, method, frames and inclusion probabilities.

    Example: minyi sample draw plan.yaml points.csv households.csv --csv drawn.csv
    """
    section = _section(read_design(plan, SamplePlan).draw, "draw")
    sample = draw_stages(section, [read_text_rows(path) for path in frames])
    rows = [_row(sample, place) for place in range(len(sample.units))]
    document = {
        "seed": sample.seed,
        "method": sample.method,
        "plan": section.model_dump(mode="json"),
        "frames": [{"name": p.name, "sha256": _sha256(p)} for p in frames],
        "groups": [dataclasses.asdict(group) for group in sample.groups],
        "units": rows,
    }
    if csv_file:
        _write_csv(rows, csv_file)
    _write(document, output)


def _section(section: Section | None, name: str) -> Section:
    if section is None:
        fault = Fault(name, "missing", "the plan has no such section")
        raise InvalidInput("The plan does not say what this command needs", faults=[fault])
    return section


def _allocate(plan: AllocationPlan) -> Allocation:
    if plan.total is not None:
        return allocate_total(plan.strata, rule=plan.rule, total=plan.total, power=plan.power)
    return allocate_budget(plan.strata, rule=plan.rule, budget=plan.budget or 0.0, power=plan.power)


def _row(sample: Sample, place: int) -> dict[str, Any]:
    """A unit as one flat line: identifier, group and π of every stage, then the product."""
    unit = sample.units[place]
    row: dict[str, Any] = {}
    for stage, identifier, group, pi in zip(
        sample.stages, unit.identifiers, unit.groups, unit.probabilities, strict=True
    ):
        row |= {stage: identifier, f"{stage}_group": group, f"{stage}_probability": pi}
    return row | {
        "inclusion_probability": unit.inclusion_probability,
        "base_weight": unit.base_weight,
    }


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write(document: Mapping[str, Any], output: Path | None) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=2)
    if output:
        output.write_text(text + "\n", "utf-8")
    else:
        typer.echo(text)


def _write_csv(rows: list[dict[str, Any]], path: Path) -> None:
    """UTF-8 with a byte-order mark, so that spreadsheets show Chinese."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]) if rows else [])
        writer.writeheader()
        writer.writerows(rows)
