"""Run services from the command line: resources opened, one piece of work, resources closed."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from app.domain.rights.rights import command_line
from app.services.resources import Resources, open_resources
from app.settings import Settings
from app.store.schema import is_empty, require_current, upgrade

T = TypeVar("T")


def _at_the_command_line(user: str) -> str:
    return command_line(user).name


By = Annotated[
    str,
    typer.Option(
        default_factory=getpass.getuser,
        callback=_at_the_command_line,
        help="Who does it; stands in the logs, as cli:NAME.",
    ),
]
WaveCode = Annotated[str, typer.Argument(help="Code of the wave.", metavar="WAVE")]


def prepare_database(settings: Settings) -> None:
    """Make the schema of an empty database; refuse one of another version."""
    if is_empty(settings.database_url):
        upgrade(settings.database_url)
    require_current(settings.database_url)


def run(work: Callable[[Resources], Awaitable[T]]) -> T:
    """Do one piece of work against the database of the settings."""
    settings = Settings()
    prepare_database(settings)

    async def with_resources() -> T:
        resources = open_resources(settings)
        try:
            return await work(resources)
        finally:
            await resources.close()

    return asyncio.run(with_resources())
