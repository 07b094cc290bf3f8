"""Reads the reference numbers that the R scripts of this folder wrote."""

import csv
from collections import defaultdict
from pathlib import Path

FOLDER = Path(__file__).parent


def rows(name: str) -> list[dict[str, str]]:
    """A table as a list of rows."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def column(name: str, heading: str) -> list[float]:
    """One column of a table as numbers; R's NA is NaN."""
    return [float(row[heading].replace("NA", "nan")) for row in rows(name)]


def numbered(name: str) -> dict[str, list[float]]:
    """Lines `name.1,value`, `name.2,value` … as lists by name; a lone `name,value` as one entry."""
    lists: dict[str, list[float]] = defaultdict(list)
    for line in (FOLDER / name).read_text("utf-8").splitlines():
        label, value = line.split(",")
        if not label.startswith("version."):
            lists[label.rsplit(".", 1)[0]].append(float(value))
    return dict(lists)
