"""`minyi score`: enter figures, prepare and publish an evaluation, explain every number."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from app.commands.running import By, WaveCode, run
from app.domain.rights.rights import Actor
from app.domain.rights.roles import Role
from app.domain.scoring.external_evaluation import (
    DepartmentScore,
    Evaluation,
    RankedPlace,
    Ranking,
    Step,
)
from app.errors.scoring import EvaluationNotFound
from app.services import entered_figures, evaluations
from app.services.entered_figures import MOST_FIGURES, Entered
from app.services.evaluation_preparation import prepare_evaluation
from app.services.resources import Resources
from app.services.waves import find_wave
from app.store.keyed_files import Table, read_table, write_table
from app.store.scoring import EvaluationRecord, PreparedRecord

score_app = typer.Typer(
    help="Points by the scheme: enter figures, prepare, publish, explain.", no_args_is_help=True
)

PeriodName = Annotated[
    str, typer.Option(help="Name of the period that is evaluated; default: the wave's code.")
]
FigureFile = Annotated[Path, typer.Argument(help="CSV or XLSX: department, figure, value.")]


def _actor(name: str) -> Actor:
    return Actor(name, Role.ADMINISTRATOR)


@score_app.command()
def template(code: WaveCode, file: FigureFile, by: By, period: PeriodName = "") -> None:
    """Write the table of all figures that the scheme asks for, with the values already there.

    Example: minyi score template xiamen-2008 figures.csv
    """

    async def work(resources: Resources) -> Table:
        wave = await find_wave(resources, code)
        return await entered_figures.figures_to_fill(
            resources, _actor(by), wave, period=period or code
        )

    table = run(work)
    write_table(file, table)
    empty = sum(not row[-1] for row in table[1:])
    typer.echo(f"{len(table) - 1} figures, {empty} still empty: {file}")


@score_app.command()
def enter(
    code: WaveCode,
    file: FigureFile,
    by: By,
    period: PeriodName = "",
    reason: Annotated[str, typer.Option(help="Why figures entered before are corrected.")] = "",
) -> None:
    """Enter figures; rows without a value are left out. All faults are told, nothing half stored.

    Example: minyi score enter xiamen-2008 figures.csv --period 2008
    """
    table = read_table(file, most_rows=MOST_FIGURES)

    async def work(resources: Resources) -> Entered:
        wave = await find_wave(resources, code)
        return await entered_figures.enter_figures(
            resources, _actor(by), wave, period=period or code, table=table, reason=reason
        )

    done = run(work)
    typer.echo(f"{done.new} new, {done.corrected} corrected, {done.unchanged} unchanged")


@score_app.command()
def prepare(
    code: WaveCode,
    by: By,
    period: PeriodName = "",
    release: Annotated[
        list[str] | None,
        typer.Option(help="Take this release, not the newest of its wave; may be repeated."),
    ] = None,
) -> None:
    """Compute points, ranks and bands from published releases and entered figures.

    Example: minyi score prepare xiamen-2008 --period 2008 --by li.na
    """

    async def work(resources: Resources) -> PreparedRecord:
        wave = await find_wave(resources, code)
        return await prepare_evaluation(
            resources, _actor(by), wave, period=period or code, releases=release or ()
        )

    prepared = run(work)
    _print_evaluation(Evaluation.model_validate_json(prepared.evaluation))
    typer.echo(
        f"Prepared, {prepared.digest.hex()}. Somebody else publishes it: minyi score publish"
    )


@score_app.command()
def publish(
    code: WaveCode,
    by: By,
    period: PeriodName = "",
    why: Annotated[str, typer.Option(help="Why a published evaluation is corrected.")] = "",
) -> None:
    """Sign and publish what another person prepared last.

    Example: minyi score publish xiamen-2008 --period 2008 --by wang.wei
    """

    async def work(resources: Resources) -> EvaluationRecord:
        wave = await find_wave(resources, code)
        return await evaluations.publish_evaluation(
            resources, _actor(by), wave, period=period or code, why=why
        )

    done = run(work)
    typer.echo(f"{done.scheme}.{done.sequence}: {done.state}, {done.digest.hex()}")


@score_app.command()
def show(code: WaveCode, period: PeriodName = "") -> None:
    """Print the evaluation that counts now: what was published, else what was prepared.

    Example: minyi score show xiamen-2008 --period 2008
    """
    title, evaluation = run(lambda r: _current(r, code, period or code))
    typer.echo(title)
    _print_evaluation(evaluation)


@score_app.command()
def explain(
    code: WaveCode,
    department: Annotated[str, typer.Argument(help="Code of the department.")],
    period: PeriodName = "",
) -> None:
    """Print how every number of a department came about, step by step.

    Example: minyi score explain xiamen-2008 xiangan --period 2008
    """
    title, evaluation = run(lambda r: _current(r, code, period or code))
    found = [one for one in evaluation.departments if one.department.code == department]
    if not found:
        raise EvaluationNotFound
    typer.echo(title)
    _explain(found[0])


async def _current(resources: Resources, code: str, period: str) -> tuple[str, Evaluation]:
    wave = await find_wave(resources, code)
    scheme = entered_figures.scheme_of(wave)
    try:
        record = await evaluations.find_evaluation(resources, scheme.code, period)
    except EvaluationNotFound:
        prepared = await evaluations.find_prepared(resources, wave, period=period)
        title = f"{scheme.code} {period}: prepared by {prepared.prepared_by}, not published"
        return title, Evaluation.model_validate_json(prepared.evaluation)
    title = f"{scheme.code} {period}: {record.state}, {record.scheme}.{record.sequence}"
    return title, evaluations.read_evaluation(record.payload).evaluation


def _print_evaluation(evaluation: Evaluation) -> None:
    scores = {one.department.code: one for one in evaluation.departments}
    for ranking in evaluation.rankings:
        typer.echo(f"Ranked by {ranking.of} points{_of_group(ranking)}:")
        for place in ranking.places:
            typer.echo(_line(place, scores[place.department]))
        if ranking.incomplete:
            typer.echo(f"  without all figures: {' '.join(ranking.incomplete)}")
        for line in _doubts(ranking):
            typer.echo(f"  {line}")


def _of_group(ranking: Ranking) -> str:
    return f", group {ranking.group}" if ranking.group else ""


def _line(place: RankedPlace, score: DepartmentScore) -> str:
    said = f"  {place.rank:>3} ({place.best}–{place.worst})  {place.department}  {place.points}"
    gap = f"  gap {score.gap.gap}" if score.gap else ""
    return f"{said}  {score.band or ''}{gap}".rstrip()


def _doubts(ranking: Ranking) -> Iterable[str]:
    """Say what moves the order, and how little would turn it."""
    for one in ranking.influence:
        yield f"{one.component}: spreads by {one.spread}, turns {one.pairs_turned} pairs"
    for flip in ranking.flips:
        if flip.answers is not None:
            yield (
                f"{flip.answers} worst answers in {flip.component} would put "
                f"{flip.above} below {flip.below}"
            )


def _explain(score: DepartmentScore) -> None:
    for one in score.components:
        _print_steps(f"{one.component} (of {one.worth})", one.points, one.steps)
    for adjustment in score.adjustments:
        _print_steps(adjustment.adjustment, adjustment.points, adjustment.steps)
    for name, amount in (
        ("internal", score.internal),
        ("external", score.external),
        ("combined", score.combined),
        *((one.grouping, one.amount) for one in score.groupings),
    ):
        _print_steps(f"{name} (of {amount.worth})", amount.points, amount.steps)
    if score.gap:
        _print_steps("gap", score.gap.gap, score.gap.steps)
    if score.missing:
        typer.echo(f"waits for: {' '.join(score.missing)}")
    if score.band:
        typer.echo(f"band: {score.band}")


def _print_steps(name: str, result: object, steps: Iterable[Step]) -> None:
    typer.echo(f"{name}: {'not known' if result is None else result}")
    for step in steps:
        typer.echo(f"  {step.rule}: {step.formula} = {step.result}")
