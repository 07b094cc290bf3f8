"""samplics and svy on the file of benchmarks/estimation.py; run by their own interpreter.

    python benchmarks/estimation_peers.py samplics|svy FILE MARGINS.csv

Prints JSON: seconds, peak memory, version, estimates with standard errors. Neither takes the
raking into account in the variance, so their standard errors differ from R's and ours.
"""

import csv
import importlib
import json
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

warnings.simplefilter("ignore")
CODES = ("stratum", "point", "district", "age", "sex", "education")
DEPARTMENTS = tuple(f"D{i:02}" for i in range(1, 41))
SCORES = np.array([np.nan, 0.0, 30.0, 60.0, 80.0, 100.0, np.nan])
Margins = dict[str, dict[int, float]]


def read_city(path: Path) -> dict[str, Any]:
    """The columns of the file, answers as scores."""
    rows = path.stat().st_size // (8 + len(CODES) + len(DEPARTMENTS))
    city: dict[str, Any] = {"w": np.fromfile(path, np.float64, rows)}
    for place, name in enumerate((*CODES, *DEPARTMENTS)):
        codes = np.fromfile(path, np.int8, rows, offset=(8 + place) * rows)
        city[name] = SCORES[codes + 1] if name in DEPARTMENTS else codes
    return city


def read_margins(path: Path) -> Margins:
    margins: Margins = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            margins.setdefault(row["margin"], {})[int(row["level"])] = float(row["total"])
    return margins


def run_samplics(library: Any, city: dict[str, Any], margins: Margins) -> Iterator[list[float]]:
    weights = library.SampleWeight().rake(
        samp_weight=city["w"],
        margins={name: city[name] for name in margins},
        control=margins,
        tol=1e-8,
        ctrl_tol=1e-8,
        max_iter=200,
    )
    for name in DEPARTMENTS:
        mean = library.TaylorEstimator(library.PopParam.mean)
        mean.estimate(
            y=city[name],
            samp_weight=weights,
            stratum=city["stratum"],
            psu=city["point"],
            remove_nan=True,
        )
        yield [float(mean.point_est), float(mean.stderror)]


def run_svy(library: Any, city: dict[str, Any], margins: Margins) -> Iterator[list[float]]:
    polars = importlib.import_module("polars")
    design = library.Design(stratum="stratum", psu="point", wgt="w")
    columns = {name: polars.Series(values, nan_to_null=True) for name, values in city.items()}
    sample = library.Sample(polars.DataFrame(columns), design)
    sample = sample.weighting.rake(controls=margins, tol=1e-8, max_iter=200)
    for answer in sample.estimation.mean(list(DEPARTMENTS), drop_nulls=True):
        (estimate,) = answer.estimates
        yield [float(estimate.est), float(estimate.se)]


RUNNERS: dict[str, Callable[..., Iterator[list[float]]]] = {
    "samplics": run_samplics,
    "svy": run_svy,
}


def peak_megabytes() -> int:
    status = Path("/proc/self/status").read_text("utf-8")
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return round(int(line.split()[1]) / 1024)


def main(name: str, path: Path, table: Path) -> None:
    library = importlib.import_module(name)
    started, began = time.perf_counter(), time.process_time()
    city = read_city(path)
    read_at = time.perf_counter()
    estimates = list(RUNNERS[name](library, city, read_margins(table)))
    done = time.perf_counter()
    answer = {
        "seconds": round(done - started, 3),
        "processor_seconds": round(time.process_time() - began, 3),
        "seconds_without_reading": round(done - read_at, 3),
        "peak_mb": peak_megabytes(),
        "version": f"{name} {library.__version__}",
        "estimates": estimates,
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
