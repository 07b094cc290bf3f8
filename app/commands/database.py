"""`minyi database`: bring the schema up to date, check the counters, back up, restore."""

from pathlib import Path
from typing import Annotated

import typer

from app.commands.running import run
from app.commands.waves import print_participation
from app.errors.operations import BackupRefused, SchemaOutOfDate
from app.services.participation import check_counts
from app.settings import Settings
from app.store import backups
from app.store.schema import require_current, upgrade

database_app = typer.Typer(help="The database: schema, counters, backups.", no_args_is_help=True)

BackupFile = Annotated[Path, typer.Argument(help="The backup.", metavar="FILE", dir_okay=False)]


@database_app.command("upgrade")
def upgrade_() -> None:
    """Bring the database of MINYI_DATABASE_URL to this version's schema.

    Example: minyi database upgrade
    """
    upgrade(Settings().database_url)
    typer.echo("The schema is up to date.")


@database_app.command("check")
def check() -> None:
    """Count all rows again and compare with the counters; exit code 1 where they differ.

    Example: minyi database check
    """
    balances = run(check_counts)
    for balance in balances:
        typer.echo(balance.wave)
        print_participation(balance.participation)
        for one in balance.differences:
            kind = " ".join(map(str, one.key))
            typer.echo(f"  WRONG: {one.rows} {kind}: counted {one.counted}, found {one.found}")
    if any(balance.differences for balance in balances):
        raise typer.Exit(1)


@database_app.command()
def backup(file: BackupFile) -> None:
    """Write the state of this moment into a file, while the servers run.

    It can be read like the database itself: encrypt it, and keep the master secret elsewhere.

    Example: minyi database backup /var/backups/minyi.backup
    """
    backups.back_up(_direct_url(), file)
    typer.echo(f"{file}  {file.stat().st_size / 1e6:.1f} MB")


@database_app.command()
def restore(file: BackupFile) -> None:
    """Make the database of MINYI_DATABASE_URL from a backup. It has to be empty.

    Example: MINYI_DATABASE_URL=postgresql://minyi@localhost/restored minyi database restore FILE
    """
    url = _direct_url()
    backups.restore(url, file)
    typer.echo("The database is restored.")
    try:
        require_current(url)
    except SchemaOutOfDate:
        typer.echo("It is of another version: run `minyi database upgrade` next.")


def _direct_url() -> str:
    settings = Settings()
    if settings.database_pooler != "none":
        raise BackupRefused(
            "A pooler stands between: set MINYI_DATABASE_URL to PostgreSQL itself, and "
            "MINYI_DATABASE_POOLER to none, for this command"
        )
    return settings.database_url
