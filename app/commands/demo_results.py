"""The second half of the demonstration: review, release, score, pull – and hold it to the truth."""

import csv
import io
import os
import random
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import typer

from app.domain.integrity.findings import Signal
from app.domain.releases.document import IndexFigure, Release, Source
from app.domain.rights.rights import command_line
from app.domain.scoring.external_evaluation import Evaluation
from app.services import clients
from app.services.entered_figures import enter_figures, figures_to_fill
from app.services.evaluation_preparation import prepare_evaluation
from app.services.evaluations import publish_evaluation
from app.services.integrity_cases import decide, propose_setting_aside
from app.services.integrity_scan import scan_wave
from app.services.release_preparation import prepare_release
from app.services.releases import publish_release, read_release
from app.services.resources import Resources
from app.services.waves import Wave, find_wave

FIRST, SECOND = command_line("lin"), command_line("wang")
"""Whoever proposes or prepares never decides or publishes."""
PROGRAM = Path(__file__).parents[2] / "examples" / "scoring_system.py"
PERIOD = "2010"
SHOWN = 5

Truth = Mapping[str, float]


async def review(resources: Resources, wave: Wave) -> None:
    """Look for suspicious answers; what is a copy is set aside by two persons."""
    scanned = await scan_wave(resources, FIRST, wave)
    typer.echo(f"Of {scanned.responses} answers these sets stand out:")
    for one in scanned.suspicions:
        usual = "" if one.usual is None else f", {one.usual:.0f} would be usual"
        typer.echo(f"  {one.signal}: {one.n} answers{usual}")
        if one.signal is Signal.COPIES:
            reason = "The same ballot about ten departments, many times over"
            case = await propose_setting_aside(resources, FIRST, wave, key=one.key, reason=reason)
            await decide(resources, SECOND, wave, number=case.number, agree=True, reason=reason)
            typer.echo("    proposed by one person, set aside by another")


async def release(resources: Resources, wave: Wave) -> Release:
    """Compute the figures, hide what few people said, sign and publish."""
    prepared = await prepare_release(resources, FIRST, wave)
    record = await publish_release(resources, SECOND, wave, prepared=prepared.id, state="final")
    return read_release(record.payload)


def print_recovery(found: Release, truth: Truth) -> None:
    """Hold the indices to the truth, one line a source, weighted and not."""
    typer.echo("What citizens think is known here. Released indices against it:")
    typer.echo(f"{'':46}mean error  mean size  intervals that hold it")
    for source in found.figures.sources:
        whole = _whole(found.figures.indices, source.code)
        shown = [one for one in whole if one.value is not None and one.unweighted is not None]
        if not shown:
            typer.echo(f"  {source.name.en}: too few answers to show anything")
            continue
        weighted = [float(one.value or 0) - truth[one.department] for one in shown]
        plain = [float(one.unweighted or 0) - truth[one.department] for one in shown]
        held = sum(_holds(one, truth) for one in shown)
        typer.echo(_line(source, "", weighted) + f"  {held} of {len(shown)}")
        typer.echo(_line(source, ", unweighted", plain))


def _whole(indices: Iterable[IndexFigure], source: str) -> list[IndexFigure]:
    return [
        one for one in indices if one.source == source and one.stratum is None and one.trust is None
    ]


def _holds(one: IndexFigure, truth: Truth) -> bool:
    return one.interval is not None and (
        one.interval.low <= Decimal(truth[one.department]) <= one.interval.high
    )


def _line(source: Source, how: str, errors: Sequence[float]) -> str:
    mean = sum(errors) / len(errors)
    size = sum(map(abs, errors)) / len(errors)
    return f"  {source.name.en + how:<44}{mean:+10.1f}{size:11.1f}"


def print_attack(found: Release, department: str, truth: Truth) -> None:
    """Show what the attack would have done to the department that it praised."""
    for one in found.figures.indices:
        if one.department == department and one.with_set_aside and one.value is not None:
            typer.echo(
                f"  The praised department: {one.with_set_aside.value:.1f} with the robots, "
                f"{one.value:.1f} without, {truth[department]:.1f} the truth in the whole city"
            )


async def score(resources: Resources, wave: Wave, seed: int) -> Path:
    """Enter what the city scores itself, evaluate and publish; gives those points as a file."""
    generator = random.Random(seed)
    wave = await find_wave(resources, wave.code)
    header, *rows = await figures_to_fill(resources, FIRST, wave, period=PERIOD)
    filled = [[unit, figure, f"{generator.uniform(80, 96):.2f}"] for unit, figure, _ in rows]
    await enter_figures(resources, FIRST, wave, period=PERIOD, table=[header, *filled])
    prepared = await prepare_evaluation(resources, FIRST, wave, period=PERIOD)
    await publish_evaluation(resources, SECOND, wave, period=PERIOD)
    evaluation = Evaluation.model_validate_json(prepared.evaluation)
    _print_ranking(evaluation)
    return _internal_points(evaluation, resources.settings.secret_key_file.parent)


def _print_ranking(evaluation: Evaluation) -> None:
    scores = {one.department.code: one for one in evaluation.departments}
    places = [p for one in evaluation.rankings if one.of == "combined" for p in one.places]
    typer.echo(f"Evaluation by the scheme {evaluation.scheme.code}, {len(places)} ranked:")
    for place in places[:SHOWN]:
        one = scores[place.department]
        typer.echo(
            f"  {place.rank}. {one.department.name.en}: {place.points} "
            f"(internal {one.internal.points}, external {one.external.points}), "
            f"band {one.band}; its rank may be {place.best} to {place.worst}"
        )


def _internal_points(evaluation: Evaluation, folder: Path) -> Path:
    file = folder / "internal.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        rows = csv.writer(opened)
        rows.writerow(["department", "points"])
        for one in evaluation.departments:
            rows.writerow([one.department.code, one.internal.points])
    return file


async def credentials(resources: Resources, scheme: str) -> dict[str, str]:
    """Let a scoring system in."""
    scopes = frozenset({f"scheme:{scheme}"})
    made = await clients.add(resources, FIRST, name="performance-office", scopes=scopes)
    return {"MINYI_CLIENT_ID": made.client_id, "MINYI_CLIENT_SECRET": made.secret}


def pull(url: str, scheme: str, internal: Path, secret: Mapping[str, str]) -> None:
    """Run the sample scoring system as the program of its own that it is."""
    memory = internal.with_name("scoring-memory.json")
    done = subprocess.run(  # noqa: S603 – our own program
        [sys.executable, str(PROGRAM), url, scheme, PERIOD, str(internal), "--memory", str(memory)],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | dict(secret),
    )
    if done.returncode:
        typer.echo(done.stderr, err=True)
        raise typer.Exit(1)
    remark, *table = io.StringIO(done.stdout).read().splitlines()
    typer.echo(f"The sample scoring system has verified {remark[2:]} and merged it:")
    for line in table[: SHOWN + 1]:
        typer.echo(f"  {line}")
