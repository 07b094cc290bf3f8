"""`minyi integrity`: look for suspicious answers, propose to set them aside, decide as another."""

import getpass
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

import typer

from app.commands.running import WaveCode, run
from app.domain.rights.rights import Actor, command_line
from app.services import integrity_cases
from app.services.integrity_cases import Case
from app.services.integrity_scan import Scanned, scan_wave
from app.services.resources import Resources
from app.services.waves import find_wave

integrity_app = typer.Typer(
    help="Suspicious answers: two persons set them aside; nothing is deleted.",
    no_args_is_help=True,
)


class Decision(StrEnum):
    """What the second person says."""

    AGREE = "agree"
    REFUSE = "refuse"


By = Annotated[
    str,
    typer.Option(default_factory=getpass.getuser, help="Who does it; in the logs, as cli:NAME."),
]
Reason = Annotated[str, typer.Option(help="Why; stands in the case's story.")]
CaseNumber = Annotated[int, typer.Argument(help="Number of the case.", metavar="CASE")]


def _me() -> Actor:
    return command_line(getpass.getuser())


@integrity_app.command()
def scan(code: WaveCode) -> None:
    """Print what stands out: counts only, never how anybody answered.

    Each line: key, signal, strength (1 is the threshold), answers picked, how many are usual.

    Example: minyi integrity scan autumn
    """

    async def work(resources: Resources) -> Scanned:
        return await scan_wave(resources, _me(), await find_wave(resources, code))

    scanned = run(work)
    typer.echo(f"{code}: answers {scanned.responses}, findings {len(scanned.suspicions)}")
    for one in scanned.suspicions:
        usual = "" if one.usual is None else f", usually {one.usual:.1f}"
        typer.echo(f"{one.key}  {one.signal}  {one.strength:.2f}  {one.n} answers{usual}")
        typer.echo(f"              {_said(one.objects)}")


@integrity_app.command()
def propose(
    code: WaveCode,
    finding: Annotated[str, typer.Argument(help="Key of a finding, as `scan` prints it.")],
    reason: Reason,
    by: By,
) -> None:
    """Propose that what a finding picks is set aside.

    Example: minyi integrity propose autumn 3f9a0c21b7de --reason "posted from one office"
    """

    async def work(resources: Resources) -> Case:
        wave = await find_wave(resources, code)
        return await integrity_cases.propose_setting_aside(
            resources, command_line(by), wave, key=finding, reason=reason
        )

    _print(run(work))


@integrity_app.command()
def restore(code: WaveCode, case: CaseNumber, reason: Reason, by: By) -> None:
    """Propose that what a case has set aside counts again.

    Example: minyi integrity restore autumn 1 --reason "a school had handed out the link"
    """

    async def work(resources: Resources) -> Case:
        wave = await find_wave(resources, code)
        return await integrity_cases.propose_restoring(
            resources, command_line(by), wave, number=case, reason=reason
        )

    _print(run(work))


@integrity_app.command()
def decide(
    code: WaveCode,
    case: CaseNumber,
    decision: Annotated[Decision, typer.Argument(help="What the second person says.")],
    reason: Reason,
    by: By,
) -> None:
    """Agree to what is proposed, or refuse it; never by the person who proposed it.

    Example: minyi integrity decide autumn 1 agree --reason "same office, same hour" --by chen
    """

    async def work(resources: Resources) -> Case:
        wave = await find_wave(resources, code)
        return await integrity_cases.decide(
            resources,
            command_line(by),
            wave,
            number=case,
            agree=decision is Decision.AGREE,
            reason=reason,
        )

    _print(run(work))


@integrity_app.command("list")
def list_(code: WaveCode) -> None:
    """Print the cases of a wave and who did what, newest case first.

    Example: minyi integrity list autumn
    """

    async def work(resources: Resources) -> list[Case]:
        wave = await find_wave(resources, code)
        return await integrity_cases.list_cases(resources, _me(), wave)

    for case in run(work):
        _print(case)


def _print(case: Case) -> None:
    typer.echo(f"{case.number}: {case.state}, {case.record.signal}, {_said(case.record.objects)}")
    for step in case.steps:
        said = f"{step.move} by {step.by}, {step.n} answers: {step.reason}"
        typer.echo(f"   {step.at:%Y-%m-%d %H:%M} {said}")


def _said(objects: Mapping[str, str]) -> str:
    return " ".join(f"{name}={code}" for name, code in objects.items())
