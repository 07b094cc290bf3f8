"""What is measured of a running server every few seconds, and what may be said of it at the end."""

import csv
import dataclasses
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import psycopg

WARM_UP = 0.2
"""The part of a soak that does not count: caches fill, pools open, memory is fragmented."""
MOST_GROWTH = 0.10


@dataclasses.dataclass(frozen=True, slots=True)
class Sample:
    """One process at one time. `lag` is how long `/healthz` took, in seconds."""

    at: float
    process: int
    megabytes: float
    descriptors: int
    threads: int
    connections: int
    lag: float


def processes_of(root: int) -> list[int]:
    """List a process and all below it."""
    found = [root]
    for pid in found:
        try:
            tasks = list(Path(f"/proc/{pid}/task").iterdir())
            found += [int(one) for task in tasks for one in (task / "children").read_text().split()]
        except OSError:  # it has just ended
            continue
    return found


class Sampler:
    """Takes samples of a server's processes and of its database."""

    def __init__(self, root: int, address: str, database: str) -> None:
        self.root, self.address, self.database = root, address, database
        self.samples: list[Sample] = []
        self._started = time.monotonic()

    def take(self) -> None:
        """Measure every process once."""
        at, connections, lag = time.monotonic() - self._started, self.connections(), self._lag()
        for pid in processes_of(self.root):
            try:
                self.samples.append(Sample(at, pid, *_of(pid), connections, lag))
            except OSError:  # it has just ended
                continue

    def connections(self) -> int:
        """Count the connections to the database other than our own; SQLite has none."""
        if not self.database.startswith("postgresql"):
            return 0
        with psycopg.connect(self.database) as connection:
            [count] = connection.execute(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchone() or (0,)
            return int(count)

    def _lag(self) -> float:
        started = time.perf_counter()
        try:
            httpx.get(f"{self.address}/healthz", timeout=30, trust_env=False)
        except httpx.HTTPError:
            return 30.0
        return time.perf_counter() - started

    def write(self, path: Path) -> None:
        """Write all samples as CSV."""
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(field.name for field in dataclasses.fields(Sample))
            writer.writerows(dataclasses.astuple(one) for one in self.samples)


def _of(pid: int) -> tuple[float, int, int]:
    """Read resident memory in MB, open descriptors and threads of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    threads = sum(1 for _ in Path(f"/proc/{pid}/task").iterdir())
    megabytes = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    return megabytes, sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir()), threads


@dataclasses.dataclass(frozen=True, slots=True)
class Course:
    """How one figure of one process went after the warm-up: first and last tenth, and the fit."""

    process: int
    name: str
    first: float
    last: float
    fitted_growth: float

    @property
    def growth(self) -> float:
        """The worse of the two: ends compared, and slope times duration over the mean."""
        return max(self.last / self.first - 1 if self.first else 0.0, self.fitted_growth)


def courses(samples: Sequence[Sample], name: str) -> Iterator[Course]:
    """Follow a figure of each process that was there from the warm-up on."""
    over = max(one.at for one in samples)
    for process in sorted({one.process for one in samples}):
        kept = [one for one in samples if one.process == process and one.at >= over * WARM_UP]
        if len(kept) < 10 or kept[0].at > over * (WARM_UP + 0.1):
            continue  # it began later, and has had no time to warm up
        at, values = [one.at for one in kept], [float(getattr(one, name)) for one in kept]
        tenth = max(len(values) // 10, 1)
        slope = statistics.linear_regression(at, values).slope
        yield Course(
            process,
            name,
            statistics.median(values[:tenth]),
            statistics.median(values[-tenth:]),
            slope * (at[-1] - at[0]) / statistics.fmean(values) if any(values) else 0.0,
        )
