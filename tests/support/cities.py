"""Minyi as a city runs it: several servers on one PostgreSQL, behind nginx."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from app.settings import Settings
from tests.support.nginx import running_nginx
from tests.support.servers import Server, launched_server, wait_until_ready


@dataclass(frozen=True, slots=True)
class City:
    """One address for citizens, and the servers behind it."""

    address: str
    servers: list[Server]
    settings: Settings


@contextmanager
def running_city(settings: Settings, n: int) -> Iterator[City]:
    """Start n servers, each a process on a port of its own, and nginx before them."""
    with ExitStack() as stack:
        servers = [stack.enter_context(launched_server(settings)) for _ in range(n)]
        for server in servers:
            wait_until_ready(server)
        hosts = [server.address.removeprefix("http://") for server in servers]
        yield City(stack.enter_context(running_nginx(hosts)), servers, settings)
