"""`minyi export`: a closed wave's responses as a file, and the codebook that explains it."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from app.commands.running import By, WaveCode, run
from app.errors import Fault, InvalidInput
from app.services.exports import Format, Options, export_responses, write_codebook
from app.services.resources import Resources
from app.services.waves import find_wave


def export(
    wave: WaveCode,
    *,
    to: Annotated[Path, typer.Option(help="File to write.")],
    by: By,
    format_: Annotated[
        Format | None, typer.Option("--format", help="By default what the file's name says.")
    ] = None,
    codebook: Annotated[
        Path | None, typer.Option(help="Also write the codebook: .csv, .xlsx or .json.")
    ] = None,
    source: Annotated[
        str, typer.Option(help="Only what counts in this source: class/mode+mode.")
    ] = "",
    labels: Annotated[
        bool, typer.Option("--labels", help="Write labels in the place of codes.")
    ] = False,
    language: Annotated[Literal["zh", "en"], typer.Option(help="Of the labels.")] = "zh",
    with_texts: Annotated[
        bool, typer.Option("--with-texts", help="Include comments: they may name people.")
    ] = False,
) -> None:
    """Write the responses of a closed wave, one row each, in random order.

    There is no receipt, no day and no person in the file. The codebook says what columns and
    values mean; XLSX and .sav bring it along.

    Example: minyi export autumn --to autumn.csv --codebook autumn-codebook.csv
    """
    options = Options(format_ or _format_of(to), language, labels, with_texts, source)

    async def work(resources: Resources) -> int:
        found = await find_wave(resources, wave)
        n = await export_responses(resources, found, to, options, by=by, progress=_show)
        if codebook:
            await write_codebook(found, codebook, with_texts=with_texts)
        return n

    typer.echo(f"{run(work)} responses")


def _format_of(path: Path) -> Format:
    """Tell the format from the file's name."""
    for one in Format:
        if path.suffix.lower() == f".{one}":
            return one
    rule = "Name the file .csv, .xlsx, .parquet or .sav, or give the format"
    raise InvalidInput(faults=[Fault("to", "unknown-format", rule)])


def _show(rows: int) -> None:
    typer.echo(f"\r  {rows} …", err=True, nl=False)
