"""`minyi paper`: numbered forms from the printer to the count. Fieldwork here, keying next door."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from app.commands.running import By, WaveCode, run
from app.domain.paper.balance import Balance
from app.domain.paper.custody import OUTCOME_CODES, STATE_AFTER, FormState, Outcome
from app.domain.questionnaires.audience import Mode
from app.errors import Fault, InvalidInput
from app.services import paper_batches, paper_custody, paper_fieldwork, paper_printing, paper_slips
from app.services.paper_batches import Fieldwork
from app.services.paper_custody import Scan
from app.services.paper_fieldwork import QuotaCell
from app.services.resources import Resources
from app.services.waves import Wave, find_wave
from app.store.paper_fieldwork import BatchRecord
from app.store.paper_forms import FormRecord

paper_app = typer.Typer(
    help="Paper forms: issue, print, hand out, key twice, decide, close.", no_args_is_help=True
)

Batch = Annotated[str, typer.Option(help="Code of a batch; all batches if left out.")]
Point = Annotated[str, typer.Option(help="Only forms of this survey point.")]
Serials = Annotated[
    list[str], typer.Argument(help="Serials, or - to read one per line, as a scanner sends them.")
]
RespondentClass = Annotated[
    str, typer.Option("--class", help="Respondent class, where several answer on paper.")
]


@paper_app.command()
def points(code: WaveCode) -> None:
    """List survey points with stratum, interviewers, figures of their forms, and quotas.

    Example: minyi paper points autumn
    """

    async def work(resources: Resources) -> tuple[Wave, Fieldwork, list[QuotaCell], list[str]]:
        wave = await find_wave(resources, code)
        people = await paper_fieldwork.list_interviewers(resources, wave)
        return (
            wave,
            await paper_batches.fieldwork(resources, wave),
            await paper_fieldwork.quota_progress(resources, wave),
            [f"{one.point}\t{one.interviewer}\t{one.name}" for one in people],
        )

    wave, found, quotas, people = run(work)
    for point in wave.definition.sample.points:
        typer.echo(f"{point.code}\t{point.stratum}\t{point.name.zh}\t{point.name.en}")
        print_balance(found.of_point(point.code))
        own = {o.name.lower(): n for (p, o), n in found.outcomes.items() if p == point.code}
        if own:
            typer.echo("  contacts: " + ", ".join(f"{name} {n}" for name, n in own.items()))
        for quota in quotas:
            if quota.point == point.code:
                typer.echo(f"  quota {quota.cell}: {quota.counted} of {quota.target}")
    for line in people:
        typer.echo(f"interviewer\t{line}")


@paper_app.command()
def interviewer(
    code: WaveCode,
    interviewer: Annotated[str, typer.Argument(help="A short code, as on the badge.")],
    point: Annotated[str, typer.Option(help="The survey point they work for.")],
    name: Annotated[str, typer.Option(help="Their name.")],
    by: By,
) -> None:
    """Let somebody hand out forms at a survey point.

    Example: minyi paper interviewer autumn I017 --point P01 --name 王芳
    """

    async def work(resources: Resources) -> None:
        wave = await find_wave(resources, code)
        await paper_fieldwork.add_interviewer(
            resources, wave, interviewer=interviewer, point=point, name=name, by=by
        )

    run(work)
    typer.echo(f"{interviewer}: interviewer at {point}")


@paper_app.command()
def quota(
    code: WaveCode,
    point: Annotated[str, typer.Argument(help="Code of the survey point.")],
    targets: Annotated[list[str], typer.Argument(help="Cell and forms: sex=female,age=18-24:40")],
    by: By,
) -> None:
    """Set the quota cells of a survey point; they replace its earlier ones.

    Example: minyi paper quota autumn P01 sex=female:365 sex=male:364
    """

    async def work(resources: Resources) -> None:
        wave = await find_wave(resources, code)
        parsed = dict(_target(text) for text in targets)
        await paper_fieldwork.set_quotas(resources, wave, point=point, targets=parsed, by=by)

    run(work)
    typer.echo(f"{point}: {len(targets)} cells")


def _target(text: str) -> tuple[str, int]:
    cell, _, number = text.rpartition(":")
    if not number.isdigit():
        raise InvalidInput(faults=[Fault("target", "invalid", "Write cell:number")])
    return cell, int(number)


@paper_app.command()
def issue(
    code: WaveCode,
    batch: Annotated[str, typer.Argument(help="A new code for the batch.")],
    point: Annotated[str, typer.Option(help="The survey point that gets the forms.")],
    forms: Annotated[int, typer.Option(help="How many.")],
    *,
    by: By,
    mode: Annotated[
        Literal["paper", "phone"], typer.Option(help="Paper forms, or call sheets.")
    ] = "paper",
    respondent_class: RespondentClass = "",
    department: Annotated[str, typer.Option(help="The one rated, where the class rates one.")] = "",
    own_unit: Annotated[str, typer.Option(help="The respondents' own unit, never rated.")] = "",
    second_share: Annotated[
        float | None, typer.Option(help="Part of the forms keyed twice; all, and no call sheet.")
    ] = None,
) -> None:
    """Issue the next numbered forms to a survey point, or call sheets to a call station.

    Example: minyi paper issue autumn P01-1 --point P01 --forms 729 --second-share 1
    Example: minyi paper issue autumn T01-1 --point P01 --forms 200 --mode phone
    """

    async def work(resources: Resources) -> tuple[Wave, BatchRecord]:
        wave = await find_wave(resources, code)
        return wave, await paper_fieldwork.issue_batch(
            resources,
            wave,
            batch=batch,
            point=point,
            n=forms,
            by=by,
            mode=Mode(mode),
            respondent_class=respondent_class,
            department=department,
            own_unit=own_unit,
            second_share=second_share,
        )

    _, record = run(work)
    typer.echo(f"{batch}: forms {record.first} to {record.last} for {point}")


@paper_app.command("print")
def print_(
    code: WaveCode,
    batch: Annotated[str, typer.Argument(help="Code of the batch.")],
    *,
    to: Annotated[Path, typer.Option(help="Folder for the PDF files.")],
    by: By,
    language: Annotated[Literal["zh", "en"], typer.Option(help="Language of the forms.")] = "zh",
    first: Annotated[int | None, typer.Option(help="First number, to print a part.")] = None,
    last: Annotated[int | None, typer.Option(help="Last number.")] = None,
) -> None:
    """Write forms, instructions and contact sheets as PDF, 50 forms a file.

    Example: minyi paper print autumn P01-1 --to forms/P01 --language zh
    """

    async def work(resources: Resources) -> list[Path]:
        wave = await find_wave(resources, code)
        return await paper_printing.print_batch(
            resources, wave, to, batch=batch, by=by, language=language, first=first, last=last
        )

    for file in run(work):
        typer.echo(file)


ACTS = {
    "out": FormState.HANDED_OUT,
    "back": FormState.RETURNED,
    "blank": FormState.BLANK,
    "spoiled": FormState.SPOILED,
    "lost": FormState.LOST,
    "stock": FormState.ISSUED,
}


@paper_app.command()
def custody(
    code: WaveCode,
    act: Annotated[
        Literal["out", "back", "blank", "spoiled", "lost", "stock", "log"],
        typer.Argument(help="Handed out, back, back unused, spoiled, lost, to stock; or the log."),
    ],
    serials: Serials,
    *,
    by: By,
    interviewer: Annotated[str, typer.Option(help="Whose hands they are in.")] = "",
    outcome: Annotated[
        str, typer.Option(help="1 completed, 2 refused, 3 no contact, 4 ineligible, 5 language.")
    ] = "",
    point: Point = "",
    reason: Annotated[str, typer.Option(help="Why a scan is taken back.")] = "",
) -> None:
    """Say where forms go: all of those named, or none.

    Example: minyi paper custody autumn out - --interviewer I017 < scanned.txt
    Example: minyi paper custody autumn back 001-000001-2 001-000002-0
    Example: minyi paper custody autumn back 001-000003-6 --outcome 2
    """
    lines = _lines(serials)
    if act == "log":
        _print_log(code, lines)
        return
    result = _outcome(outcome)
    to = STATE_AFTER[result] if act == "back" and result is not Outcome.NONE else ACTS[act]
    scans = [Scan(line, to, result, interviewer, reason) for line in lines]

    async def work(resources: Resources) -> list[FormRecord]:
        wave = await find_wave(resources, code)
        return await paper_custody.record_scans(resources, wave, scans, by=by, point=point)

    typer.echo(f"{len(run(work))} forms: {to}")


def _outcome(text: str) -> Outcome:
    if not text:
        return Outcome.NONE
    found = OUTCOME_CODES.get(text)
    if found is None:
        raise InvalidInput(faults=[Fault("outcome", "unknown", "An outcome is a digit, 1 to 5")])
    return found


def _lines(serials: list[str]) -> list[str]:
    if serials != ["-"]:
        return serials
    return [line.strip() for line in sys.stdin if line.strip()]


def _print_log(code: str, serials: list[str]) -> None:
    async def work(resources: Resources) -> None:
        wave = await find_wave(resources, code)
        for serial in serials:
            for one in await paper_custody.custody_of(resources, wave, serial=serial):
                who = f" {one.interviewer}" if one.interviewer else ""
                why = f": {one.reason}" if one.reason else ""
                typer.echo(
                    f"{serial} {one.at:%Y-%m-%d %H:%M} {one.from_state} → {one.to_state}{who} "
                    f"by {one.by}{why}"
                )

    run(work)


@paper_app.command()
def slip(
    code: WaveCode,
    serial: Annotated[str, typer.Argument(help="Serial of the form that the slip came with.")],
    check: Annotated[Literal["phone", "national_id"], typer.Option(help="What stands on it.")],
    number: Annotated[
        str, typer.Option(prompt=True, hide_input=True, help="Asked for and not shown.")
    ],
    by: By,
) -> None:
    """Enter the person on a form's slip on the roll, so that nobody counts twice.

    The number is stored nowhere; give it when asked, not on the command line.
    Example: minyi paper slip autumn 001-000001-2 --check phone
    """

    async def work(resources: Resources) -> bool:
        wave = await find_wave(resources, code)
        return await paper_slips.read_slip(
            resources, wave, serial=serial, check=check, value=number, by=by
        )

    typer.echo("first answer" if run(work) else "took part before: will be filed as duplicate")


@paper_app.command()
def status(code: WaveCode) -> None:
    """Print where all forms are, batch by batch: distributed, returned and valid apart.

    Example: minyi paper status autumn
    """

    async def work(resources: Resources) -> Fieldwork:
        return await paper_batches.fieldwork(resources, await find_wave(resources, code))

    found = run(work)
    for one in found.batches:
        typer.echo(f"{one.record.batch}\t{one.record.point}\t{one.state}")
        print_balance(one.balance)
    typer.echo("all batches")
    print_balance(found.whole)


@paper_app.command()
def close(
    code: WaveCode, batch: Annotated[str, typer.Argument(help="Code of the batch.")], by: By
) -> None:
    """Close a batch; refused unless issued is the sum of all outcomes.

    Example: minyi paper close autumn P01-1
    """

    async def work(resources: Resources) -> Balance:
        wave = await find_wave(resources, code)
        return await paper_batches.close_batch(resources, wave, batch=batch, by=by)

    print_balance(run(work))


def print_balance(found: Balance) -> None:
    """Print the figures, which balance."""
    typer.echo(
        f"  issued {found.issued} = valid {found.valid} + duplicate {found.duplicate} "
        f"+ void {found.void} + spoiled {found.spoiled} + refused {found.refused} "
        f"+ lost {found.lost} + blank {found.blank} + unsettled {found.issued - found.settled}"
    )
    typer.echo(
        f"  distributed {found.distributed}, returned {found.returned}, valid {found.valid}; "
        f"in stock {found.in_stock}, in the field {found.in_field}, to key {found.to_key}, "
        f"to compare or decide {found.to_settle}"
    )
