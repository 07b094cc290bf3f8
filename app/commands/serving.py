"""`minyi serve`, `minyi database upgrade|check`: run the application; see to its database."""

from typing import Annotated, Any

import typer
import uvicorn
from fastapi import FastAPI

from app.commands.running import prepare_database, run
from app.commands.waves import print_participation
from app.connections import PatientProtocol, raise_descriptor_limit
from app.log import set_up_logging
from app.main import create_app
from app.services.participation import check_counts
from app.settings import Settings
from app.store.schema import upgrade

database_app = typer.Typer(help="The database: its schema and its counters.", no_args_is_help=True)

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)]
GRACE_SECONDS = 20
BACKLOG = 2048


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


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[int, typer.Option(help="Processes.", min=1, max=64)] = 1,
) -> None:
    """Serve citizens' pages and the API. An empty database gets its schema by itself.

    Example: minyi serve --port 8000 --workers 2
    """
    settings = Settings()
    prepare_database(settings)
    raise_descriptor_limit()
    typer.echo(f"Minyi listens on http://{host}:{port}  (Ctrl-C ends it)")
    uvicorn.run(
        "app.commands.serving:make_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        **server_options(settings),
    )


def server_options(settings: Settings) -> dict[str, Any]:
    """Give uvicorn's options: no access log, for it would hold addresses."""
    return {
        "http": PatientProtocol,
        "backlog": BACKLOG,
        "access_log": False,
        "log_config": None,
        "server_header": False,
        "proxy_headers": True,
        "forwarded_allow_ips": settings.forwarded_allow_ips,
        "timeout_graceful_shutdown": GRACE_SECONDS,
    }


def make_app() -> FastAPI:
    """Make the application of one worker process."""
    settings = Settings()
    set_up_logging(settings.log_format)
    return create_app(settings)
