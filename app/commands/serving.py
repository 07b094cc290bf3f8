"""`minyi serve`: run the web application."""

import gc
import importlib
from contextlib import nullcontext
from typing import Annotated, Any

import typer
import uvicorn
from fastapi import FastAPI

from app.commands.running import prepare_database
from app.connections import PatientProtocol, raise_descriptor_limit
from app.log import set_up_logging
from app.main import create_app
from app.metrics import shared_by_workers
from app.settings import Settings

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)]
GRACE_SECONDS = 20
BACKLOG = 2048


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
    with shared_by_workers() if workers > 1 else nullcontext():
        uvicorn.run(
            "app.commands.serving:make_app",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            **server_options(settings),
        )


UNHEALTHY_SECONDS = 30
"""A worker that is silent for so long is killed and begun anew. The server's own 5 seconds killed
one that was merely slow, with all it had accepted, on a machine with far more to do than it could.
"""


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
        "timeout_worker_healthcheck": UNHEALTHY_SECONDS,
    }


def make_app() -> FastAPI:
    """Make the application of one worker process."""
    settings = Settings()
    set_up_logging(settings.log_format)
    app = create_app(settings)
    load_late_parts()
    collect_less_garbage()
    return app


def load_late_parts() -> None:
    """Load what would otherwise load when staff first ask for it, and hold up all others."""
    for part in ("optimize", "sparse"):
        importlib.import_module(f"scipy.{part}")


def collect_less_garbage() -> None:
    """Look for cycles seldom, and never in what is there from the start.

    Nearly all that a request makes is freed by reference counts; by default a fifth of the
    processor time of an answer would go into looking for the rest.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
