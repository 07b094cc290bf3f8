"""`minyi release`: prepare, publish and correct; list and show; verify with nothing but files."""

import datetime
import getpass
from collections import defaultdict
from pathlib import Path
from typing import Annotated

import typer

from app.commands.release_words import print_figures, print_release
from app.commands.running import WaveCode, run
from app.domain.releases.chain import Link, verify_chain
from app.domain.releases.document import Period, State
from app.domain.releases.export import read_export
from app.domain.releases.key_set import read_key_set
from app.domain.releases.recompute import recompute
from app.domain.rights.rights import command_line
from app.errors import Fault, InvalidInput
from app.services import release_preparation, releases
from app.services.releases import read_release
from app.services.resources import Resources
from app.services.response_export import export_responses
from app.services.waves import find_wave
from app.store.releases import PreparedRecord, ReleaseRecord
from app.store.response_files import new_lines, read_lines

release_app = typer.Typer(help="Releases: published indices, signed.", no_args_is_help=True)

Day = Annotated[datetime.datetime | None, typer.Option(formats=["%Y-%m-%d"])]
Prepared = Annotated[int, typer.Argument(help="Number that `prepare` printed.")]
By = Annotated[
    str,
    typer.Option(
        default_factory=getpass.getuser,
        help="Who does it; stands in the logs, as cli:NAME. Who prepares can't publish.",
    ),
]


@release_app.command()
def prepare(code: WaveCode, by: By, first: Day = None, last: Day = None) -> None:
    """Compute the figures of a closed wave, or of days of a continuous one, for publication.

    Example: minyi release prepare autumn --by lin
    """
    period = _period(first, last)

    async def work(resources: Resources) -> PreparedRecord:
        wave = await find_wave(resources, code)
        return await release_preparation.prepare_release(
            resources, command_line(by), wave, period=period, progress=_show_progress
        )

    record = run(work)
    print_figures(release_preparation.read_figures(record))
    typer.echo(f"prepared {record.id} of {code}; somebody else publishes it:")
    typer.echo(f"  minyi release publish {code} {record.id} --by NAME")


def _period(first: datetime.datetime | None, last: datetime.datetime | None) -> Period | None:
    if first is None and last is None:
        return None
    if first is None or last is None or last < first:
        rule = "Give both days, the first not after the last"
        raise InvalidInput(faults=[Fault("period", "order", rule)])
    return Period(first=first.date(), last=last.date())


def _show_progress(what: str, share: float) -> None:
    typer.echo(f"\r  {what} {share:4.0%}   ", nl=share >= 1, err=True)


@release_app.command()
def publish(
    code: WaveCode,
    prepared: Prepared,
    by: By,
    provisional: Annotated[
        bool, typer.Option("--provisional", help="Not the last word: a final one follows.")
    ] = False,
) -> None:
    """Sign prepared figures and publish them; nobody can take them back.

    Example: minyi release publish autumn 3 --by wu
    """
    state: State = "provisional" if provisional else "final"
    print_release(run(lambda r: _publish(r, code, prepared, state=state, by=by)))


async def _publish(
    resources: Resources, code: str, prepared: int, *, state: State, by: str, why: str = ""
) -> ReleaseRecord:
    wave = await find_wave(resources, code)
    return await releases.publish_release(
        resources, command_line(by), wave, prepared=prepared, state=state, why=why
    )


@release_app.command()
def correct(
    code: WaveCode,
    prepared: Prepared,
    by: By,
    why: Annotated[str, typer.Option(help="Why; stands in the release.")],
) -> None:
    """Publish prepared figures as the correction of the wave's last release.

    Example: minyi release correct autumn 4 --why "forms of point 7 were counted twice" --by wu
    """
    print_release(run(lambda r: _publish(r, code, prepared, state="corrected", by=by, why=why)))


@release_app.command("list")
def list_(code: WaveCode) -> None:
    """List the releases of a wave.

    Example: minyi release list autumn
    """

    async def work(resources: Resources) -> list[ReleaseRecord]:
        return await releases.list_releases(resources, await find_wave(resources, code))

    for record in run(work):
        print_release(record)


@release_app.command()
def show(
    name: Annotated[str, typer.Argument(help="WAVE.SEQUENCE, as in `autumn.1`.")],
    signed: Annotated[bool, typer.Option("--jws", help="Print the signed form.")] = False,
) -> None:
    """Print a release, in words or as signed: save that to verify it.

    Example: minyi release show autumn.1 --jws > autumn.1.jws
    """
    record = run(lambda r: releases.find_release(r, name))
    if signed:
        typer.echo(record.jws)
        return
    print_release(record)
    print_figures(read_release(record.payload).figures)


@release_app.command()
def verify(
    files: Annotated[list[Path], typer.Argument(help="Signed releases, one or more a file.")],
    keys: Annotated[Path, typer.Option(help="The city's keys: /.well-known/jwks.json, saved.")],
    export: Annotated[
        Path | None, typer.Option("--recompute", help="Export of the wave's responses.")
    ] = None,
) -> None:
    """Check signatures and chain, without database; from an export, every figure too.

    With --recompute: the last release of the export's wave. Give all its earlier releases, and the
    one it is compared with.

    Example: minyi release verify autumn.1.jws autumn.2.jws --keys jwks.json --recompute autumn.gz
    """
    links = _verified(files, keys)
    for link in links:
        header = link.release.header
        typer.echo(f"{header.release}: {header.state}, {_what_is_right(link, links)}")
    if export is not None:
        name = _recompute(export, links)
        typer.echo(f"{name}: recomputed from {export.name}, byte for byte")


def _what_is_right(link: Link, links: list[Link]) -> str:
    """Say how far a release was verified: one alone can't show that it follows another."""
    wave = link.release.figures.wave
    alone = sum(one.release.figures.wave == wave for one in links) == 1
    if alone and link.release.header.previous is not None:
        return "the signature is right; the chain was not checked without the releases before"
    return "signature and chain are right"


def _verified(files: list[Path], keys: Path) -> list[Link]:
    trusted = read_key_set(_content(keys))
    waves = defaultdict(list)
    for file in files:
        signed = _content(file).decode("ascii", "replace").split()
        if not signed:
            raise InvalidInput(faults=[Fault(file.name, "empty", "The file holds no release")])
        for jws in signed:
            (link,) = verify_chain([jws], trusted)
            waves[link.release.figures.wave].append(jws)
    return [link for signed in waves.values() for link in verify_chain(signed, trusted)]


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        rule = "The file can't be read"
        raise InvalidInput(faults=[Fault(file.name, "unreadable", rule)]) from None


def _recompute(export: Path, links: list[Link]) -> str:
    header, stretches = read_export(read_lines(export))
    same = [
        link
        for link in links
        if link.release.figures.wave == header.wave
        and link.release.figures.period == header.facts().period
    ]
    if not same:
        rule = "None of the releases is of the export's wave and days"
        raise InvalidInput(faults=[Fault("recompute", "other-wave", rule)])
    recompute(header, stretches, same[-1], links)
    return same[-1].release.header.release


@release_app.command("export-responses")
def export_responses_(
    code: WaveCode,
    by: By,
    to: Annotated[Path, typer.Option(help="File to write.")],
    first: Day = None,
    last: Day = None,
) -> None:
    """Write what a release is computed from: definition, responses, numbers handed out.

    For auditors: whoever holds a receipt can find its answers in it.

    Example: minyi release export-responses autumn --to autumn.gz
    """
    period = _period(first, last)

    async def work(resources: Resources) -> int:
        wave = await find_wave(resources, code)
        n = -1  # the first line is none
        with new_lines(to) as write:
            async for line in export_responses(resources, command_line(by), wave, period):
                write(line)
                n += 1
        return n

    typer.echo(f"{run(work)} responses in {to}")
