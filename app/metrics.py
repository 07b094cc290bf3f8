"""What a process counts of its own work, for Prometheus. Nothing here tells who or what: a request
is known by its route's template, a refusal by its code.

With `minyi serve --workers N` each process keeps its figures in files of a common folder, and
whichever is asked adds them up. The library reads where that is from the environment while it is
imported, so the folder has to be there before the workers start.
"""

import functools
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client import generate_latest as in_text_format
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
"""Upper ends of the buckets; of answers, 99 in 100 are to need 0.2 at most."""

_LIVE = "gauge_livesum_"
_requests = Counter("minyi_requests", "Requests answered", ["method", "route", "status"])
_seconds = Histogram(
    "minyi_request_seconds", "Time to the end of the reply", ["route"], buckets=_SECONDS
)
_refusals = Counter("minyi_refusals", "Requests refused, by code of the error", ["code"])
_in_flight = Gauge(
    "minyi_requests_in_flight", "Requests being answered", multiprocess_mode="livesum"
)


def request_began() -> None:
    """Count a request in; each is to be counted out by `request_ended`."""
    _in_flight.inc()


def request_ended(method: str, route: str, status: int, seconds: float) -> None:
    """Count a request out. Status 0: an exception came instead of a reply."""
    _in_flight.dec()
    _counter_of(method, route, status or 500).inc()
    _histogram_of(route).observe(seconds)


def refused(code: str) -> None:
    """Count a refusal by the error's code."""
    _refusal_of(code).inc()


# Finding the figure by its labels costs more than counting does.
@functools.cache
def _counter_of(method: str, route: str, status: int) -> Counter:
    return _requests.labels(method, route, str(status))


@functools.cache
def _histogram_of(route: str) -> Histogram:
    return _seconds.labels(route)


@functools.cache
def _refusal_of(code: str) -> Counter:
    return _refusals.labels(code)


def exposition() -> bytes:
    """Give the figures of this process, or of all that share the folder, in the text format."""
    folder = os.environ.get(FOLDER)
    if not folder:
        return in_text_format(REGISTRY)
    _forget_the_dead(Path(folder))
    registry = CollectorRegistry()
    MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
    return in_text_format(registry)


def _forget_the_dead(folder: Path) -> None:
    """What a dead worker was doing counts no more; what it has done still does."""
    for path in folder.glob(f"{_LIVE}*.db"):
        pid = int(path.stem.removeprefix(_LIVE))
        if not _is_alive(pid):
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def shared_by_workers() -> Iterator[None]:
    """Give the workers started meanwhile a folder for their figures, unless there is one."""
    if os.environ.get(FOLDER):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="minyi-metrics-", ignore_cleanup_errors=True) as folder:
        os.environ[FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER]
