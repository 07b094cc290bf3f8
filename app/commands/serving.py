"""`minyi serve`, `minyi database upgrade`: run the web application; bring the schema up to date."""

from contextlib import nullcontext
from typing import Annotated, Any

import typer
import uvicorn
from fastapi import FastAPI

from app.commands.running import prepare_database
from app.log import set_up_logging
from app.main import create_app
from app.metrics import shared_by_workers
from app.settings import Settings
from app.store.schema import upgrade

database_app = typer.Typer(help="The database's schema.", no_args_is_help=True)

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)]
GRACE_SECONDS = 20


@database_app.command("upgrade")
def upgrade_() -> None:
    """Bring the database of MINYI_DATABASE_URL to this version's schema.

    Example: minyi database upgrade
    """
    upgrade(Settings().database_url)
    typer.echo("The schema is up to date.")


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
    typer.echo(f"Minyi listens on http://{host}:{port}  (Ctrl-C ends it)")
    with shared_by_workers() if workers > 1 else nullcontext():
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
