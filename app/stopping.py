"""Being told to end: `/readyz` says so at once, so that a load balancer sends nobody here any more.

The server (uvicorn) stops listening as soon as the signal comes. A balancer that asks `/readyz`
every few seconds would go on sending for as long; `MINYI_DRAIN_SECONDS` has the server listen until
the balancer must have noticed. One that tries another server where a connection is refused, as
nginx does, needs none.
"""

import asyncio
import signal
import threading
from collections.abc import Callable
from functools import partial
from types import FrameType

Handler = Callable[[int, FrameType | None], object]


class Stopping:
    """Whether this process has been told to end."""

    def __init__(self, drain_seconds: float) -> None:
        self.began = False
        self._drain_seconds = drain_seconds

    def watch_signals(self) -> None:
        """Look at SIGTERM and SIGINT before the server does; call it inside the running loop."""
        if threading.current_thread() is not threading.main_thread():
            return  # signals come to the main thread only: this server is ended by other means
        for number in (signal.SIGTERM, signal.SIGINT):
            if callable(handler := signal.getsignal(number)):
                told = partial(self._told, asyncio.get_running_loop(), handler)
                signal.signal(number, told)

    def _told(
        self,
        loop: asyncio.AbstractEventLoop,
        server: Handler,
        number: int,
        frame: FrameType | None,
    ) -> None:
        """Pass the signal on after a while; a second one at once, for somebody is impatient."""
        first, self.began = not self.began, True
        if first and self._drain_seconds:
            end = partial(loop.call_later, self._drain_seconds, server, number, frame)
            loop.call_soon_threadsafe(end)
        else:
            server(number, frame)
