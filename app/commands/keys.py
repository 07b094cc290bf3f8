"""`minyi keys`: the keys that sign releases."""

import getpass

import typer

from app.commands.running import run
from app.domain.rights.rights import command_line
from app.services import signing_keys

keys_app = typer.Typer(help="Keys that sign releases.", no_args_is_help=True)


@keys_app.command("list")
def list_() -> None:
    """List the public keys: key id, when it was made, whether it signs.

    Example: minyi keys list
    """
    known = run(signing_keys.list_keys)
    for one in known:
        use = "signs" if one is known[-1] else "verifies only"
        typer.echo(f"{one.key_id}\t{one.made_at:%Y-%m-%d %H:%M}\t{use}")


@keys_app.command()
def rotate() -> None:
    """Make a new key that signs from now on; earlier signatures stay valid.

    Example: minyi keys rotate
    """
    by = command_line(getpass.getuser()).name
    typer.echo(run(lambda r: signing_keys.rotate(r, by=by)).key_id)
