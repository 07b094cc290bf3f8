"""`minyi staff`: accounts from the server's command line, the first administrator among them."""

import getpass
from typing import Annotated

import typer

from app.commands.running import prepare_database, run
from app.domain.accounts.rules import codes_of
from app.domain.rights.rights import Actor, Scope, command_line
from app.domain.rights.roles import Role
from app.services import staff
from app.services.staff import Rights
from app.settings import Settings

staff_app = typer.Typer(help="Accounts of staff.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Account name: small letters, digits, . _ -")]
RoleOption = Annotated[Role, typer.Option(help="What the person is employed for.")]
Points = Annotated[str, typer.Option(help="Own survey points, by code, with blanks between.")]
Batches = Annotated[str, typer.Option(help="Own batches, by code, with blanks between.")]
Departments = Annotated[str, typer.Option(help="Own departments, by code, with blanks between.")]


def _me() -> Actor:
    return command_line(getpass.getuser())


def _scope(points: str, batches: str, departments: str) -> Scope:
    return Scope(codes_of(points), codes_of(batches), codes_of(departments))


@staff_app.command()
def add(
    name: Name,
    *,
    full_name: Annotated[str, typer.Option(help="The person's name.")],
    role: RoleOption = Role.ADMINISTRATOR,
    points: Points = "",
    batches: Batches = "",
    departments: Departments = "",
) -> None:
    """Make an account and print its one-time link, good for three days.

    Example: minyi staff add li.na --full-name "Li Na" --role administrator
    """
    prepare_database(Settings())
    rights = Rights(role, _scope(points, batches, departments))
    link = run(lambda r: staff.invite(r, _me(), name=name, full_name=full_name, rights=rights))
    typer.echo(link)


@staff_app.command("list")
def list_() -> None:
    """List the accounts: name, role, state, own objects.

    Example: minyi staff list
    """
    for one in run(lambda r: staff.list_staff(r, _me())):
        own = sorted(one.scope.points | one.scope.batches | one.scope.departments)
        second = "second factor" if one.has_second_factor else "password only"
        typer.echo("\t".join([one.name, one.full_name, one.role, one.state, second, *own]))


@staff_app.command()
def role(
    name: Name,
    role: Annotated[Role, typer.Argument(help="The new role.")],
    points: Points = "",
    batches: Batches = "",
    departments: Departments = "",
) -> None:
    """Give somebody another role and own objects; their sessions end.

    Example: minyi staff role wang.wei supervisor --points "P03 P04"
    """
    rights = Rights(role, _scope(points, batches, departments))
    run(lambda r: staff.change_rights(r, _me(), name=name, rights=rights))
    typer.echo(f"{name}: {role}")


@staff_app.command()
def reset(name: Name) -> None:
    """Remove password and second factor and print a new one-time link.

    Example: minyi staff reset li.na
    """
    typer.echo(run(lambda r: staff.reset(r, _me(), name=name)))


@staff_app.command()
def disable(name: Name) -> None:
    """Let somebody in no more; their sessions end at once.

    Example: minyi staff disable wang.wei
    """
    run(lambda r: staff.disable(r, _me(), name=name))
    typer.echo(f"{name}: disabled")
