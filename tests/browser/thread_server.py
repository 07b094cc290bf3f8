"""The application served over real connections by a thread of the tests' process.

It is ready as soon as its routes are; a process of its own would first import everything anew.
What needs a process, because it is killed or several compete, starts one (`tests/support/servers`).
"""

import socket
import threading
import time

import uvicorn
from starlette.types import ASGIApp

from app.commands.serving import server_options
from app.main import create_app
from app.settings import Settings


class ThreadServer:
    """Serves from the moment it is made until `stop`."""

    def __init__(self, settings: Settings, port: int, app: ASGIApp | None = None) -> None:
        options, app = server_options(settings), app or create_app(settings)
        self._server = uvicorn.Server(uvicorn.Config(app, port=port, **options))
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the server ended before it was ready"
            time.sleep(0.02)

    def stop(self) -> None:
        """End it as a signal would."""
        self._server.should_exit = True
        self._thread.join(30)


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
