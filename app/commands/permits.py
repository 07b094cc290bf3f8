"""`minyi permits`: fill the pool, invite, list who is eligible, revoke."""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from app.commands.running import WaveCode, run
from app.domain.questionnaires.audience import Mode
from app.errors import Fault, InvalidInput
from app.services import permits
from app.services.eligibility import Listed, list_eligible
from app.services.invitation_export import invitations_csv
from app.services.invitation_list import read_recipients, repeat_recipient
from app.services.letters import PAGES_AT_ONCE, typeset_letters
from app.services.permits import POOL_BATCH, Invitation
from app.services.resources import Resources
from app.services.typesetting import require_typst
from app.services.waves import Wave, find_wave

permits_app = typer.Typer(help="Permits: minted, handed out, revoked.", no_args_is_help=True)

ClassCode = Annotated[str, typer.Option("--class", help="Code of the respondent class.")]
_BATCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
Number = Annotated[int, typer.Option("-n", min=1, max=1_000_000, help="How many.")]


@permits_app.command()
def fill(code: WaveCode, respondent_class: ClassCode, n: Number) -> None:
    """Mint permits for citizens whose identity will be checked, before the wave opens.

    Example: minyi permits fill autumn --class residents -n 20000
    """

    async def work(resources: Resources) -> None:
        wave = await find_wave(resources, code)
        await permits.fill_pool(resources, wave, respondent_class=respondent_class, n=n)

    run(work)
    typer.echo(f"{code}: {n} permits wait for {respondent_class}")


@permits_app.command()
def invite(
    code: WaveCode,
    *,
    batch: Annotated[str, typer.Option(help="Name of this minting, for revoking it.")],
    out: Annotated[Path, typer.Option(help="Folder for the list and the letters.")],
    respondent_class: ClassCode = "",
    n: Annotated[int, typer.Option("-n", min=0, max=1_000_000, help="How many.")] = 0,
    people: Annotated[
        Path | None, typer.Option("--list", help="CSV, one row a recipient.", dir_okay=False)
    ] = None,
    mode: Annotated[Mode, typer.Option(help="How those of -n answer.")] = Mode.WEB,
    letters: Annotated[bool, typer.Option(help="Set letters too (PDF).")] = True,
) -> None:
    """Mint invitations; write a list (CSV) and letters (PDF, 25 to a file). They are the only copy.

    A list may have the columns class, mode, own_unit, department, window, stratum, label. Where
    one row is wrong nothing is minted. Where writing breaks off, revoke the batch and mint anew.

    Example: minyi permits invite autumn --class organs --list organs.csv --batch organs-1 --out
    letters
    """
    if (people is None) == (n == 0):
        raise InvalidInput(faults=[Fault("list", "one-of-two", "Give either --list or -n")])
    if letters:
        require_typst()
    listing = _new_file(out, batch)

    async def work(resources: Resources) -> None:
        wave = await find_wave(resources, code)
        recipients = (
            read_recipients(wave, people.read_bytes(), respondent_class=respondent_class)
            if people
            else repeat_recipient(wave, respondent_class, mode, n)
        )
        minted = await permits.mint_invitations(resources, wave, recipients=recipients, batch=batch)
        _write_privately(listing, invitations_csv(resources, wave, minted))
        typer.echo(f"{listing}: {len(minted)} invitations")
        if letters:
            _write_letters(resources, wave, minted, out, batch)

    run(work)


def _write_letters(
    resources: Resources, wave: Wave, minted: list[Invitation], out: Path, batch: str
) -> None:
    files = -(-len(minted) // PAGES_AT_ONCE)
    made: Iterable[bytes] = typeset_letters(resources, wave, minted)
    with typer.progressbar(enumerate(made, 1), length=files, label="letters") as progress:
        for number, pdf in progress:
            _write_privately(out / f"{batch}-letters-{number:03d}.pdf", pdf)
    typer.echo(f"{out}: letters in {files} files")


def _new_file(folder: Path, batch: str) -> Path:
    """Give the path of the list to be made; refuses to write over an earlier minting."""
    if not _BATCH.fullmatch(batch) or batch == POOL_BATCH:
        message = "A name has up to 40 letters, digits, _ and -, and is not that of the pool"
        raise InvalidInput(faults=[Fault("batch", "not-a-code", message)])
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{batch}.csv"
    if path.exists():
        raise InvalidInput(faults=[Fault("out", "exists", "This batch has been written there")])
    return path


def _write_privately(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read: whoever has it can answer."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


@permits_app.command()
def eligible(
    code: WaveCode,
    file: Annotated[Path, typer.Argument(help="One number a line.", exists=True, dir_okay=False)],
    respondent_class: ClassCode,
) -> None:
    """List who may take part after an identity check; from then on nobody else of the class may.

    The file has identity numbers, mobile numbers or log-in subjects, whichever the class is
    identified by. Keyed hashes are stored, the numbers are not.

    Example: minyi permits eligible autumn numbers.txt --class residents
    """

    async def work(resources: Resources) -> Listed:
        wave = await find_wave(resources, code)
        return await list_eligible(
            resources, wave, respondent_class=respondent_class, content=file.read_bytes()
        )

    found = run(work)
    typer.echo(
        f"{code}: {found.rows} rows, {found.repeated} repeated; "
        f"{found.new} persons listed, {found.known} were on a list already"
    )


@permits_app.command()
def revoke(
    code: WaveCode,
    batch: Annotated[str, typer.Option(help="Every unspent permit of this minting.")] = "",
    *,
    one: Annotated[
        bool, typer.Option("--code", help="One permit: asks for its code or link.")
    ] = False,
) -> None:
    """Revoke permits that have not been used. Answers given stay.

    A single code is asked for, so that it does not stay in the shell's history.

    Example: minyi permits revoke autumn --batch organs-1
    """
    if bool(batch) == one:
        raise InvalidInput(faults=[Fault("batch", "one-of-two", "Give either --batch or --code")])
    if one:
        permit = typer.prompt("Code or link").strip().rpartition("/")[2]

    async def work(resources: Resources) -> int:
        wave = await find_wave(resources, code)
        if batch:
            return await permits.revoke_batch(resources, wave, batch=batch)
        await permits.revoke_permit(resources, wave, permit_text=permit)
        return 1

    typer.echo(f"{code}: {run(work)} revoked")
