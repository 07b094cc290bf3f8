"""What `minyi release` prints of a release: where it stands, and its figures at a glance."""

from decimal import Decimal

import typer

from app.domain.releases.document import Figures, IndexFigure, Source
from app.services.releases import read_release
from app.store.releases import ReleaseRecord


def print_release(record: ReleaseRecord) -> None:
    """Print name, state, who published it when, its digest, and what it corrects."""
    header = read_release(record.payload).header
    typer.echo(
        f"{header.release}\t{header.state}\t{header.published_at:%Y-%m-%d %H:%M}\t"
        f"{record.published_by}\t{record.digest.hex()}"
    )
    if header.correction:
        typer.echo(f"  corrects {header.correction.corrects}: {header.correction.changed}")
        typer.echo(f"  {header.correction.why}")


def print_figures(figures: Figures) -> None:
    """Print counts, then every source's departments with index, interval, n and warnings."""
    for count in figures.counts:
        typer.echo(
            f"{count.respondent_class} {count.mode} {count.trust}: returned {count.returned} = "
            f"valid {count.valid} + duplicate {count.duplicate} + set aside {count.set_aside} + "
            f"void {count.void}"
        )
    for source in figures.sources:
        _print_source(figures, source)


def _print_source(figures: Figures, source: Source) -> None:
    typer.echo(f"{source.code}: {source.kind}, {source.n} respondents")
    for note in source.notes:
        typer.echo(f"  {note}")
    mine = [one for one in figures.indices if one.source == source.code]
    for one in mine:
        if one.stratum is None and one.trust is None:
            typer.echo(f"  {_line(one)}")
    hidden = sum(one.suppressed is not None for one in mine)
    typer.echo(f"  hidden for protection: {hidden} of {len(mine)} figures")


def _line(one: IndexFigure) -> str:
    if one.value is None:
        return f"{one.department}\t{one.suppressed or 'nobody rated it'}"
    interval = one.interval
    within = f"{_short(interval.low)}–{_short(interval.high)}" if interval else "unknown"
    return f"{one.department}\t{_short(one.value)}\t({within})\tn {one.n}\t{' '.join(one.flags)}"


def _short(value: Decimal) -> str:
    return f"{value:.2f}"
