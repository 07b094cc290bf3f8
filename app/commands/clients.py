"""`minyi client`: scoring systems that may use the API."""

import getpass
from typing import Annotated

import typer

from app.commands.running import run
from app.domain.clients.scopes import write_scopes
from app.domain.rights.rights import Actor, command_line
from app.services import clients
from app.services.clients import Credentials

client_app = typer.Typer(help="Scoring systems that use the API.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Client name: small letters, digits, . _ -")]


def _me() -> Actor:
    return command_line(getpass.getuser())


@client_app.command()
def add(
    name: Name,
    *,
    scope: Annotated[
        list[str],
        typer.Option(help="scheme:CODE, events:read, webhooks:write; may be given several times."),
    ],
) -> None:
    """Make a client and print its id and secret, this once.

    Example: minyi client add performance-office --scope scheme:shenzhen-2010 --scope events:read
    """
    scopes = frozenset(scope)
    _print(run(lambda r: clients.add(r, _me(), name=name, scopes=scopes)))


def _print(made: Credentials) -> None:
    typer.echo(f"client_id\t{made.client_id}")
    typer.echo(f"client_secret\t{made.secret}")


@client_app.command("list")
def list_() -> None:
    """List the clients: name, id, state, scopes.

    Example: minyi client list
    """
    for one in run(lambda r: clients.list_clients(r, _me())):
        typer.echo("\t".join([one.name, one.id, one.state, write_scopes(one.scopes)]))


@client_app.command()
def rotate(name: Name) -> None:
    """Print a new secret; the old one and all tokens end at once.

    Example: minyi client rotate performance-office
    """
    _print(run(lambda r: clients.rotate(r, _me(), name=name)))


@client_app.command()
def revoke(name: Name) -> None:
    """Let a client in no more; its tokens and webhooks end at once.

    Example: minyi client revoke performance-office
    """
    run(lambda r: clients.revoke(r, _me(), name=name))
    typer.echo(f"{name}: revoked")
