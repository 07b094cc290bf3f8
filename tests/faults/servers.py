"""Servers that are started and killed dozens of times.

`minyi serve` in a process forked off one that has imported it already: importing costs seconds,
and no test here is about that. Where worker processes or what is preloaded matter, the command
itself is run (`as_command`).
"""

import contextlib
import multiprocessing
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import IO

import httpx

from app import cli
from app.settings import Settings
from tests.support.servers import environment

Prepare = Callable[[], None]
_fork = multiprocessing.get_context("forkserver")
_fork.set_forkserver_preload(["app.cli", "tests.faults.careless"])


def free_port() -> int:
    """Find a port below those from which clients connect.

    A client that tries again and again to reach a server that is down can, on such a port, get
    connected to itself, and then keeps the server out.
    """
    for port in random.sample(range(20000, 32000), 50):
        with socket.socket() as found:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                found.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port")


def nothing() -> None:
    """Change nothing about the server."""


@dataclass
class Server:
    """One place where a server runs, time and again: a port, a database, a log."""

    settings: Settings
    prepare: Prepare = nothing
    workers: int = 1
    as_command: bool = False
    more_environment: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    log_file: IO[bytes] = field(default_factory=tempfile.NamedTemporaryFile)
    pid: int = 0
    _process: subprocess.Popen[bytes] | BaseProcess | None = None

    def start(self, *, wait: bool = True) -> None:
        """Start it, in a process group of its own, and wait until it is ready."""
        given = environment(self.settings) | self.more_environment
        command = ["serve", "--port", str(self.port), "--workers", str(self.workers)]
        if self.as_command:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "app", *command],
                env=given,
                stdout=self.log_file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        else:
            self._process = _fork.Process(
                target=_serve,
                args=(self.prepare, command, given, self.log_file.name),
                daemon=True,
            )
            self._process.start()
        self.pid = self._process.pid or 0
        if wait:
            self.wait_until_ready()

    def wait_until_ready(self, within: float = 60) -> None:
        """Wait until it says that it can take answers. Raises RuntimeError."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline and self.is_alive():
            try:
                if httpx.get(f"{self.address}/readyz", trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise RuntimeError(self.log())

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def is_alive(self) -> bool:
        """Say whether its first process runs."""
        if isinstance(self._process, BaseProcess):
            return self._process.is_alive()
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """`kill -9` of all its processes at once."""
        os.killpg(self.pid, signal.SIGKILL)
        self.wait()

    def terminate(self) -> None:
        """Ask it to finish and end."""
        os.kill(self.pid, signal.SIGTERM)

    def stop(self) -> None:
        """End it, if it runs, whether it wants or not."""
        if self.is_alive():
            self.terminate()
            with contextlib.suppress(AssertionError, subprocess.TimeoutExpired):
                self.wait(25)
        if self.is_alive():
            self.kill()

    def wait(self, within: float = 60) -> None:
        """Wait until its first process has ended."""
        if isinstance(self._process, BaseProcess):
            self._process.join(within)
        elif self._process is not None:
            self._process.wait(within)
        assert not self.is_alive(), self.log()

    def worker_pids(self) -> list[int]:
        """List uvicorn's worker processes."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [int(pid) for pid in children if b"spawn_main" in _command_line(pid)]

    def log(self) -> str:
        """Give what it has written so far."""
        return Path(self.log_file.name).read_text()

    @contextmanager
    def running(self) -> Iterator["Server"]:
        """Start it; in the end nothing of it runs any more, whatever happened."""
        try:
            self.start()
            yield self
        finally:
            self.stop()
            self.log_file.close()


def _serve(prepare: Prepare, command: list[str], given: dict[str, str], log: str) -> None:
    os.setsid()
    os.environ.clear()
    os.environ.update(given)
    with Path(log).open("ab") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["minyi", *command]
    prepare()
    cli.main()


def _command_line(pid: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
