"""`minyi paper key|import|compare|adjudicate|export …`: from marks on paper to counted answers."""

import getpass
import json
import time
from pathlib import Path
from typing import Annotated, Literal

import typer

from app.commands.paper import Batch, Point, RespondentClass
from app.commands.running import By, WaveCode, run
from app.domain.paper.comparison import Discrepancy
from app.domain.paper.error_rates import ErrorRate
from app.domain.paper.fields import PaperField
from app.domain.paper.marks import read_mark
from app.domain.paper.near_duplicates import Likeness
from app.errors import Fault, InvalidInput
from app.services import paper_adjudication, paper_files, paper_keying, paper_quality
from app.services.paper_keying import Keyed, KeyedSheet, Outcome
from app.services.paper_quality import KeyingQuality
from app.services.paper_sheets import Sheet
from app.services.resources import Resources
from app.services.waves import find_wave

keying_app = typer.Typer()

Serial = Annotated[str, typer.Argument(help="Serial, typed or scanned.")]
Marks = Annotated[
    list[str] | None, typer.Argument(help="field=mark …; asked for one by one if left out.")
]
Keyer = Annotated[
    str, typer.Option("--by", default_factory=getpass.getuser, help="Who keys; stands in the log.")
]
File = Annotated[Path, typer.Argument(help="A .csv or .xlsx file.")]


@keying_app.command()
def key(code: WaveCode, serial: Serial, by: Keyer, marks: Marks = None, point: Point = "") -> None:
    """Key one form: printed digits, `?` illegible, `*` two marks, nothing for blank.

    Example: minyi paper key autumn 001-000001-2 --by ann
    Example: minyi paper key autumn 001-000001-2 --by ann contact=1 ratings.1.attitude=9
    """

    async def load(resources: Resources) -> Sheet:
        wave = await find_wave(resources, code)
        return await paper_keying.sheet_to_key(resources, wave, serial=serial, by=by, point=point)

    sheet = run(load)
    began = time.monotonic()
    cells = _pairs(marks) if marks else {one.code: _ask(one) for one in sheet.fields}
    keyed = KeyedSheet(serial, cells, seconds=time.monotonic() - began)

    async def store(resources: Resources) -> Keyed:
        wave = await find_wave(resources, code)
        return await paper_keying.key_form(resources, wave, keyed, by=by, point=point)

    print_keyed(run(store))


def _pairs(texts: list[str]) -> dict[str, str]:
    if not all("=" in text for text in texts):
        raise InvalidInput(faults=[Fault("marks", "invalid", "Write field=mark")])
    return dict(text.split("=", 1) for text in texts)


def _ask(field: PaperField) -> str:
    """Ask for one mark until it can stand on the form."""
    choices = "/".join(field.codes) if field.codes else field.question.kind
    while True:
        cell: str = typer.prompt(f"{field.code} [{choices}]", default="", show_default=False)
        mark = read_mark(field, cell)
        if not isinstance(mark, Fault):
            return cell
        typer.echo(f"  {mark.message}")


def print_keyed(one: Keyed) -> None:
    """Print what became of an entry, and its warnings."""
    again = ", the same as before" if one.repeated else ""
    typer.echo(f"{one.serial}: entry {one.ordinal}{again}, {one.result or 'pending'}")
    for warning in one.warnings:
        if warning.code != "required":
            typer.echo(f"  warning, {warning.field}: {warning.message}")


@keying_app.command()
def template(
    code: WaveCode, file: File, batch: Batch = "", respondent_class: RespondentClass = ""
) -> None:
    """Write an empty file for keying, with the serials of a batch.

    Example: minyi paper template autumn P01-1.xlsx --batch P01-1
    """

    async def work(resources: Resources) -> int:
        wave = await find_wave(resources, code)
        return await paper_files.write_template(
            resources, wave, file, batch=batch, respondent_class=respondent_class
        )

    typer.echo(f"{file}: {run(work)} serials")


@keying_app.command("import")
def import_(
    code: WaveCode,
    file: File,
    *,
    by: Keyer,
    respondent_class: RespondentClass = "",
    point: Point = "",
    accept_good_part: Annotated[
        bool, typer.Option("--accept-good-part", help="Store good rows although others are not.")
    ] = False,
) -> None:
    """Take in a file keyed elsewhere (CSV in UTF-8 or GB18030, or XLSX); twice changes nothing.

    Example: minyi paper import autumn P01-1.csv --by ann
    """

    async def work(resources: Resources) -> Outcome:
        wave = await find_wave(resources, code)
        return await paper_files.import_file(
            resources,
            wave,
            file,
            by=by,
            respondent_class=respondent_class,
            point=point,
            accept_good_part=accept_good_part,
        )

    outcome = run(work)
    fresh = sum(not one.repeated for one in outcome.keyed)
    typer.echo(f"{fresh} entries stored, {len(outcome.keyed) - fresh} stored before")
    for fault in outcome.faults:
        typer.echo(f"  not stored: {fault.field}: {fault.message} ({fault.code})")
    if outcome.faults:
        raise typer.Exit(1)


@keying_app.command()
def compare(code: WaveCode, batch: Batch = "") -> None:
    """List forms on which two keyers differ, and how well and how fast everyone keys.

    Example: minyi paper compare autumn --batch P01-1
    """

    async def work(
        resources: Resources,
    ) -> tuple[list[paper_adjudication.Dispute], KeyingQuality]:
        wave = await find_wave(resources, code)
        return (
            await paper_adjudication.list_disputes(resources, wave, batch),
            await paper_quality.keying_quality(resources, wave, batch),
        )

    disputes, quality = run(work)
    for one in disputes:
        typer.echo(f"{one.serial}\t{one.batch}\t{one.fields} fields differ")
    typer.echo(f"{len(disputes)} forms wait for a third person")
    for title, rates in (
        ("keyer", quality.rates.by_keyer),
        ("question", quality.rates.by_question),
    ):
        for name, rate in rates.items():
            typer.echo(f"{title}\t{name}\t{_rate(rate)}")
    for keyer in quality.keyers:
        speed = "" if keyer.median_seconds is None else f", median {keyer.median_seconds:.0f} s"
        hours = " ".join(f"{hour:02d}:{n}" for hour, n in keyer.by_hour.items())
        typer.echo(f"speed\t{keyer.by}\t{keyer.forms} forms{speed}; by hour {hours}")


def _rate(one: ErrorRate) -> str:
    return (
        f"{one.errors} errors in {one.n} fields = {one.rate:.2%} "
        f"(95 % interval {one.low:.2%} to {one.high:.2%})"
    )


@keying_app.command()
def alike(
    code: WaveCode,
    seed: Annotated[int, typer.Option(help="The same seed draws the same resamples.")] = 2008,
    resamples: Annotated[int, typer.Option(min=19, max=9999)] = 199,
) -> None:
    """Compare each interviewer's forms with resamples of everyone else's. Nothing is deleted.

    Example: minyi paper alike autumn --seed 2008
    """

    async def work(resources: Resources) -> list[Likeness]:
        wave = await find_wave(resources, code)
        return await paper_quality.interviewer_likeness(
            resources, wave, seed=seed, resamples=resamples
        )

    for one in run(work):
        typer.echo(
            f"{one.interviewer}\t{one.n} forms\tmean best match {one.mean_match:.1%} "
            f"(usual {one.usual_match:.1%}, p = {one.p:.3f}), closest pair {one.closest:.1%}"
        )


@keying_app.command()
def adjudicate(
    code: WaveCode,
    serial: Serial,
    by: Keyer,
    marks: Marks = None,
    reason: Annotated[str, typer.Option(help="Why, where the form does not say.")] = "",
) -> None:
    """Decide, as a third person with the form at hand, on every field in dispute.

    Example: minyi paper adjudicate autumn 001-000001-2 --by chen
    Example: minyi paper adjudicate autumn 001-000001-2 --by chen sex=1
    """

    async def load(resources: Resources) -> tuple[Sheet, list[Discrepancy]]:
        wave = await find_wave(resources, code)
        sheet, found = await paper_adjudication.open_dispute(resources, wave, serial=serial, by=by)
        return sheet, list(found)

    sheet, found = run(load)
    decisions = _pairs(marks) if marks else _ask_decisions(sheet, found)

    async def store(resources: Resources) -> str:
        wave = await find_wave(resources, code)
        return await paper_adjudication.adjudicate(
            resources, wave, serial=serial, decisions=decisions, by=by, reason=reason
        )

    typer.echo(f"{serial}: {run(store)}")


def _ask_decisions(sheet: Sheet, found: list[Discrepancy]) -> dict[str, str]:
    fields = {field.code: field for field in sheet.fields}
    decisions = {}
    for one in found:
        typer.echo(f"{one.field}: first {json.dumps(one.first)}, second {json.dumps(one.second)}")
        decisions[one.field] = _ask(fields[one.field])
    return decisions


@keying_app.command()
def export(
    code: WaveCode,
    file: File,
    by: By,
    what: Annotated[
        Literal["entries", "custody"], typer.Option(help="What was keyed, or who had which form.")
    ] = "entries",
    respondent_class: RespondentClass = "",
) -> None:
    """Write everything keyed (after the wave is closed), or the custody log, as CSV or XLSX.

    Example: minyi paper export autumn entries.xlsx
    Example: minyi paper export autumn custody.csv --what custody
    """

    async def work(resources: Resources) -> int:
        wave = await find_wave(resources, code)
        if what == "custody":
            return await paper_files.export_custody(resources, wave, file)
        return await paper_files.export_entries(
            resources, wave, file, by=by, respondent_class=respondent_class
        )

    typer.echo(f"{file}: {run(work)} rows")
