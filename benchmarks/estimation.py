"""Rake a million respondents on four margins, estimate 40 departments with linearised errors.

    .venv/bin/python -m benchmarks.estimation [--rows 1000000] [--peers] [--large]

Writes one binary file (a float64 column of base weights, then int8 columns), reads it by every
contender and prints seconds, by the clock and of the processor (the machine may be busy otherwise),
and peak memory as JSON: Minyi by cells; a floor in numpy (reading the columns and one bincount pass
over the answers); with `--peers` R's survey package by Rscript, and samplics and svy where they are
importable by MINYI_PEER_PYTHON (default: this interpreter). Each contender runs in a process of its
own, so that peak memory is its own; starting it is not counted. `--large` adds ten times as many
respondents.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from app.domain.estimation.cell_estimates import Part, estimate_parts
from app.domain.estimation.cells import CellIndex, CellSums, WholeWeights
from app.domain.estimation.design import build_design
from app.domain.estimation.specification import DesignFile
from app.domain.estimation.weights import weight

POINTS, STRATA, DEPARTMENTS, LEVELS = 74, 10, 40, 6
MARGINS = {"district": 10, "age": 6, "sex": 2, "education": 5}
DESIGN = ("stratum", "point")
CODES = {"point": POINTS, **MARGINS}
NAMES = ("stratum", "point", *MARGINS, *(f"D{i:02}" for i in range(1, DEPARTMENTS + 1)))
SCORES = np.array([np.nan, 0.0, 30.0, 60.0, 80.0, 100.0, np.nan])  # missing, levels, don't know
TOTAL = 17_560_000.0
CHUNK = 250_000
HERE = Path(__file__).parent


# The data -------------------------------------------------------------------------------------


def write_city(path: Path, rows: int) -> None:
    """A city of 74 survey points; answers depend on point, age and department."""
    rng = np.random.default_rng(20261122)
    point = rng.integers(0, POINTS, rows, dtype=np.int8)
    codes = {"stratum": (point % STRATA).astype(np.int8), "point": point, "district": point % 10}
    for name, width in list(MARGINS.items())[1:]:
        codes[name] = rng.choice(width, rows, p=_shares(width)).astype(np.int8)
    mood = rng.normal(0, 0.3, POINTS)[point] + 0.1 * codes["age"]
    with path.open("wb") as file:
        rng.uniform(8, 28, rows).tofile(file)
        for name in ("stratum", "point", *MARGINS):
            codes[name].astype(np.int8).tofile(file)
        for number in range(DEPARTMENTS):
            _answers(rng, mood + number / 40).tofile(file)


def _shares(width: int) -> Any:
    weights = np.arange(width, 0, -1) + 2.0
    return weights / weights.sum()


def _answers(rng: np.random.Generator, mood: Any) -> Any:
    level = np.clip(np.rint(2.2 + mood + rng.normal(0, 1, len(mood))), 0, 4).astype(np.int8)
    fate = rng.random(len(mood), dtype=np.float32)
    level[fate < 0.10] = 5
    level[fate > 0.95] = -1
    return level


def margins() -> list[dict[str, Any]]:
    """Population counts that differ from the sample's by up to a quarter."""
    result = []
    for name, width in MARGINS.items():
        shares = np.full(width, 1 / width) if name == "district" else _shares(width)
        tilted = shares * np.linspace(0.9, 1.15, width)
        counts = TOTAL * tilted / tilted.sum()
        result.append({"by": [name], "totals": {str(i): float(x) for i, x in enumerate(counts)}})
    return result


class City:
    """Columns of the file, read when they are asked for, a stretch of rows at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = path.stat().st_size // (8 + len(NAMES))

    def weights(self, start: int, stop: int) -> Any:
        return np.fromfile(self.path, np.float64, stop - start, offset=8 * start)

    def codes(self, name: str, start: int, stop: int) -> Any:
        offset = (8 + NAMES.index(name)) * self.rows + start
        return np.fromfile(self.path, np.int8, stop - start, offset=offset)

    def stretches(self) -> Iterator[tuple[int, int]]:
        for start in range(0, self.rows, CHUNK):
            yield start, min(start + CHUNK, self.rows)


# Contenders -----------------------------------------------------------------------------------


def run_cells(path: Path) -> dict[str, Any]:
    """Minyi: sums per cell while reading, then raking and estimation on the cells."""
    city = City(path)
    index = CellIndex({"stratum": STRATA, **CODES})
    whole = CellSums(index)
    split = {name: CellSums(index, answers=LEVELS) for name in NAMES[6:]}
    for start, stop in city.stretches():
        weights = WholeWeights.of(city.weights(start, stop))
        cells = index.number({n: city.codes(n, start, stop) for n in ("stratum", *CODES)})
        whole.add(cells, weights)
        for name, sums in split.items():
            sums.add(cells, weights, city.codes(name, start, stop))
    summed = time.perf_counter()
    columns = index.codes()
    declared = DesignFile.model_validate(
        {
            "sample": {"strata": ["stratum"], "clusters": ["point"]},
            "weighting": [{"step": "rake", "margins": margins(), "tolerance": 1e-8}],
        }
    )
    design = build_design(columns, declared.sample, whole.grouped())
    sample = weight(design, declared.weighting, columns)
    parts = []
    for name, sums in split.items():
        request = {"statistic": "mean", "variable": "score", "name": name}
        wanted = DesignFile.model_validate({"estimates": [request]}).estimates
        parts.append(Part(sums, {"score": SCORES[sums.answers() + 1]}, wanted))
    estimates = estimate_parts(sample, whole, parts)
    return {
        "estimates": [[r.value, r.standard_error] for r in estimates.records],
        "worst_margin_error": sample.reports[-1].worst_margin_error,
        "cells": len(index),
        "seconds_of_estimation": round(time.perf_counter() - summed, 4),
    }


def run_floor(path: Path) -> dict[str, Any]:
    """The least any program must do: read every column, count every answer once."""
    city = City(path)
    counts = np.zeros((DEPARTMENTS, LEVELS + 1), dtype=np.int64)
    for start, stop in city.stretches():
        city.weights(start, stop)
        for name in NAMES[:6]:
            city.codes(name, start, stop)
        for place, name in enumerate(NAMES[6:]):
            answers = city.codes(name, start, stop).view(np.uint8) + np.uint8(1)
            counts[place] += np.bincount(answers, minlength=LEVELS + 1)
    return {"answers": int(counts.sum())}


CONTENDERS = {"cells": run_cells, "floor": run_floor}


def measure(contender: str, path: Path) -> dict[str, Any]:
    """Run a contender in this process: best of three, seconds and peak memory."""
    seconds, busy = [], []
    for _ in range(3):
        started, began = time.perf_counter(), time.process_time()
        result = CONTENDERS[contender](path)
        seconds.append(time.perf_counter() - started)
        busy.append(time.process_time() - began)
    return {
        "seconds": round(min(seconds), 4),
        "processor_seconds": round(min(busy), 4),
        "peak_mb": peak_megabytes(),
        **result,
    }


def peak_megabytes() -> int:
    """Largest resident memory of this process (getrusage would count the parent's, too)."""
    status = Path("/proc/self/status").read_text("utf-8")
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return round(int(line.split()[1]) / 1024)


def in_own_process(*command: object) -> dict[str, Any] | None:
    """The JSON a contender prints last, or None if it fails: a peer that is not there."""
    done = subprocess.run([str(x) for x in command], check=False, capture_output=True, text=True)
    if done.returncode:
        return None
    return dict(json.loads(done.stdout.splitlines()[-1]))


def our_own(contender: str, path: Path) -> dict[str, Any] | None:
    return in_own_process(sys.executable, "-m", "benchmarks.estimation", "--run", contender, path)


# Peers ----------------------------------------------------------------------------------------


def peers(path: Path, rows: int, folder: Path) -> dict[str, dict[str, Any]]:
    """R survey, samplics and svy, as far as they are installed, on the same file."""
    table = folder / "margins.csv"
    lines = [f"{m['by'][0]},{k},{v!r}" for m in margins() for k, v in m["totals"].items()]
    table.write_text("margin,level,total\n" + "\n".join(lines) + "\n", "utf-8")
    python = os.environ.get("MINYI_PEER_PYTHON", sys.executable)
    script = HERE / "estimation_peers.py"
    found = {
        name: in_own_process(python, script, name, path, table) for name in ("samplics", "svy")
    }
    if shutil.which("Rscript"):
        peer = HERE / "estimation_peer.R"
        found["R survey"] = in_own_process("Rscript", peer, path, rows, table, DEPARTMENTS)
    return {name: answer for name, answer in found.items() if answer}


# The report -----------------------------------------------------------------------------------


def compare(rows: int, *, with_peers: bool) -> dict[str, Any]:
    """Every contender on one file of so many respondents."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "city.bin"
        write_city(path, rows)
        ours, floor = our_own("cells", path), our_own("floor", path)
        if ours is None or floor is None:
            raise SystemExit("The benchmark itself failed: run it with --run cells FILE")
        others = peers(path, rows, folder) if with_peers else {}
    report = {"rows": rows, "cells": _short(ours), "floor": _short(floor)}
    report["times_the_floor"] = round(ours["seconds"] / floor["seconds"], 1)
    report["peers"] = {
        name: _short(answer)
        | {
            "times_slower": round(answer["seconds"] / ours["seconds"], 1),
            "times_slower_by_processor": round(
                answer["processor_seconds"] / ours["processor_seconds"], 1
            ),
            "largest_relative_difference": _difference(ours, answer),
        }
        for name, answer in others.items()
    }
    return report


def _short(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "estimates"}


def _difference(ours: dict[str, Any], other: dict[str, Any]) -> float | None:
    """Largest relative difference of estimates and standard errors."""
    if "estimates" not in other:
        return None
    a, b = np.array(ours["estimates"]), np.array(other["estimates"])
    return float(np.max(np.abs(a / b - 1)))


def main() -> None:
    """Print the report as JSON."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--peers", action="store_true", help="time R survey, samplics and svy too")
    options.add_argument("--large", action="store_true", help="ten times as many respondents, too")
    options.add_argument("--run", nargs=2, metavar=("CONTENDER", "FILE"), help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.run:
        print(json.dumps(measure(chosen.run[0], Path(chosen.run[1]))))
        return
    report = [compare(chosen.rows, with_peers=chosen.peers)]
    if chosen.large:
        report.append(compare(10 * chosen.rows, with_peers=False))
        ratio = report[1]["cells"]["seconds"] / report[0]["cells"]["seconds"]
        report[1]["times_the_smaller"] = round(ratio, 1)
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
