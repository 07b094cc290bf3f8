"""`minyi waves`: make a wave from a definition, open it, watch participation, close it."""

import datetime
from pathlib import Path
from typing import Annotated

import typer

from app.commands.running import By, WaveCode, run
from app.domain.questionnaires.audience import DatesOfMode, Mode
from app.errors import Fault, InvalidInput
from app.services import waves
from app.services.participation import count_participation
from app.services.participation_cache import Participation
from app.services.resources import Resources
from app.services.waves import Wave
from app.store.waves import Transition

waves_app = typer.Typer(help="Waves: one dated collection each.", no_args_is_help=True)

Day = Annotated[datetime.datetime | None, typer.Option(formats=["%Y-%m-%d"])]

Reason = Annotated[str, typer.Option(help="Why; stands in the wave's log.")]


@waves_app.command()
def create(
    code: WaveCode,
    folder: Annotated[Path, typer.Argument(help="Folder of the survey definition.")],
    by: By,
    opens: Day = None,
    closes: Day = None,
) -> None:
    """Make a draft wave; first and last day replace those of the definition.

    Example: minyi waves create autumn survey_definitions/shenzhen-2010 --opens 2026-12-01
    --closes 2026-12-31
    """
    days = _days(opens, closes)
    wave = run(lambda r: waves.create_wave(r, code=code, folder=folder, dates=days, by=by))
    typer.echo(f"{wave.code}: {wave.state}, definition {wave.definition_hash}")


def _days(opens: datetime.datetime | None, closes: datetime.datetime | None) -> DatesOfMode | None:
    if opens is None and closes is None:
        return None
    if opens is None or closes is None or closes < opens:
        raise InvalidInput(
            faults=[Fault("dates", "order", "Give both days, the first not after the last")]
        )
    return DatesOfMode(opens=opens.date(), closes=closes.date())


@waves_app.command("open")
def open_(code: WaveCode, by: By, reason: Reason = "") -> None:
    """Open a draft or paused wave: from now on its definition is frozen.

    Example: minyi waves open autumn
    """

    async def work(resources: Resources) -> Wave:
        wave = await waves.find_wave(resources, code)
        return await waves.open_wave(resources, wave, by=by, reason=reason)

    typer.echo(f"{code}: {run(work).state}")


@waves_app.command()
def pause(code: WaveCode, reason: Reason, by: By) -> None:
    """Take no answers for a while.

    Example: minyi waves pause autumn --reason "data centre moves"
    """

    async def work(resources: Resources) -> Wave:
        wave = await waves.find_wave(resources, code)
        return await waves.pause_wave(resources, wave, by=by, reason=reason)

    typer.echo(f"{code}: {run(work).state}")


@waves_app.command()
def close(code: WaveCode, by: By, reason: Reason = "") -> None:
    """Close a wave for good, and remove from storage what tells when an answer came.

    Example: minyi waves close autumn
    """

    async def work(resources: Resources) -> Wave:
        wave = await waves.find_wave(resources, code)
        return await waves.close_wave(resources, wave, by=by, reason=reason)

    typer.echo(f"{code}: {run(work).state}")


@waves_app.command()
def dates(
    code: WaveCode,
    mode: Annotated[Mode, typer.Argument(help="The mode whose dates change.")],
    opens: Day,
    closes: Day,
    by: By,
) -> None:
    """Set first and last day of one mode.

    Example: minyi waves dates autumn web --opens 2026-12-01 --closes 2027-01-05
    """

    async def work(resources: Resources) -> Wave:
        wave = await waves.find_wave(resources, code)
        days = _days(opens, closes)
        assert days is not None  # noqa: S101 – both options are required here
        return await waves.change_dates(resources, wave, mode=mode, dates=days, by=by)

    changed = run(work).dates[mode]
    typer.echo(f"{code} {mode}: {changed.opens_at} – {changed.closes_at}")


@waves_app.command()
def status(code: WaveCode) -> None:
    """Print state, log and participation of a wave. How people answered is not shown.

    Example: minyi waves status autumn
    """

    async def work(resources: Resources) -> tuple[Wave, list[Transition], Participation]:
        wave = await waves.find_wave(resources, code)
        return (
            wave,
            await waves.list_transitions(resources, wave),
            await count_participation(resources, wave),
        )

    wave, transitions, participation = run(work)
    typer.echo(f"{wave.code}: {wave.state}, definition {wave.definition_hash[:12]}")
    for mode, days in wave.dates.items():
        typer.echo(f"  {mode}: {days.opens_at} – {days.closes_at or 'without end'}")
    for one in transitions:
        typer.echo(f"  {one.at:%Y-%m-%d %H:%M} {one.from_state} → {one.to_state} by {one.by}")
    print_participation(participation)


@waves_app.command("list")
def list_() -> None:
    """List all waves, newest first.

    Example: minyi waves list
    """
    for wave in run(waves.list_waves):
        typer.echo(f"{wave.code}\t{wave.state}\t{wave.definition.survey.title.zh}")


def print_participation(found: Participation) -> None:
    """Print the counts, which balance."""
    typer.echo(
        f"  returned {found.returned} = counted {found.counted} + duplicate {found.duplicate} "
        f"+ set aside {found.set_aside}"
    )
    typer.echo(
        f"  invitations {found.distributed}, revoked {found.revoked}; "
        f"drawn {found.drawn}, of them not answered {found.drawn_not_answered}"
    )
