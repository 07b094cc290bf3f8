"""`minyi estimate`: weights, estimates and their uncertainty from a data and a design file."""

import dataclasses
from pathlib import Path
from typing import Annotated, Any

import typer

from app.commands.design_files import read_design
from app.commands.judgements import flags_of, ranking_of, significance_of
from app.commands.weighting import (
    DataFile,
    FileOfDesign,
    Output,
    design_summary,
    step_records,
    weigh,
    write_document,
)
from app.domain.estimation.comparisons import Control
from app.domain.estimation.estimates import Estimates, change_between
from app.domain.estimation.estimates import estimate as estimate_sample
from app.domain.estimation.records import Estimate
from app.domain.estimation.specification import DesignFile
from app.domain.estimation.weights import WeightedSample


def estimate(
    data: DataFile,
    design: FileOfDesign,
    *,
    against: Annotated[
        tuple[Path, Path] | None,
        typer.Option(help="Data and design of an earlier, independent wave: adds the changes."),
    ] = None,
    covariance: Annotated[
        bool, typer.Option("--covariance", help="Add the covariance matrix of all estimates.")
    ] = False,
    rank: Annotated[
        str | None, typer.Option(help="Name of the request whose domains are ranked.")
    ] = None,
    control: Annotated[
        Control, typer.Option(help="What adjusted p-values of changes control.")
    ] = "holm",
    output: Output = None,
) -> None:
    """Weight a sample and estimate what its design file asks for.

    Each estimate comes with standard error, interval, degrees of freedom, numbers of respondents,
    missing and "don't know", effective n and design effect; null means unknown, with a note why.
    `flags` say where an estimate is weak.

    Example: minyi estimate answers.csv design.yaml --rank satisfaction
    """
    declared = read_design(design, DesignFile)
    sample, estimates = _estimated(data, declared)
    document: dict[str, Any] = {
        "design": design_summary(sample),
        "steps": step_records(sample),
        "level": declared.variance.level,
        "method": declared.variance.method,
        "credits": [dataclasses.asdict(credit) for credit in estimates.credits.values()],
        "warnings": list(estimates.warnings),
        "estimates": [record_of(record) for record in estimates.records],
    }
    if covariance:
        document["covariance"] = estimates.covariance.tolist()
    if rank:
        variance = declared.variance
        document["ranking"] = ranking_of(estimates, rank, variance.level, variance.seed)
    if against:
        _, earlier = _estimated(against[0], read_design(against[1], DesignFile))
        changes = change_between(estimates, earlier, declared.variance.level)
        tests = significance_of(changes, control, declared.variance.level)
        document["changes"] = [
            record_of(record) | test for record, test in zip(changes, tests, strict=True)
        ]
    write_document(document, output)


def _estimated(data: Path, declared: DesignFile) -> tuple[WeightedSample, Estimates]:
    columns, sample = weigh(data, declared)
    estimates = estimate_sample(
        sample, declared.estimates, columns, declared.variance, declared.differences
    )
    return sample, estimates


def record_of(record: Estimate) -> dict[str, Any]:
    """A record for JSON, the interval as lower and upper, with its warnings."""
    plain = dataclasses.asdict(record)
    lower, upper = plain.pop("interval") or (None, None)
    return plain | {"lower": lower, "upper": upper, "flags": flags_of(record)}
