"""A small synthetic city survey with everything in it: strata, points, margins, skipped items."""

from typing import Any

import numpy as np

from app.domain.estimation.columns import Columns

DEPARTMENTS = ("D01", "D02", "D03")
LEVELS = 5  # answers 0 … 4; 5 is "don't know", −1 skipped


def answers(seed: int, rows: int = 600, points: int = 24) -> dict[str, Any]:
    """Codes per respondent: stratum, point, age, sex, an answer per department, a base weight."""
    rng = np.random.default_rng(seed)
    point = rng.integers(0, points, rows)
    point[:points] = np.arange(points)
    age = rng.integers(0, 4, rows)
    mood = rng.normal(0, 0.6, points)[point] + 0.25 * age
    columns: dict[str, Any] = {
        "stratum": point % 4,
        "point": point,
        "age": age,
        "sex": rng.integers(0, 2, rows),
        "weight": np.round(rng.uniform(5, 40, rows), 6),
    }
    for number, name in enumerate(DEPARTMENTS):
        level = np.clip(np.rint(1.5 + mood + 0.3 * number + rng.normal(0, 1, rows)), 0, 4)
        level[rng.random(rows) < 0.1] = 5
        level[rng.random(rows) < 0.1] = -1
        columns[name] = level.astype(np.intp)
    return columns


def as_numbers(columns: dict[str, Any]) -> Columns:
    """The codes as a respondent file: NaN where skipped, 5 kept as the code of "don't know"."""
    numbers = {name: np.asarray(values, dtype=np.float64) for name, values in columns.items()}
    for name in DEPARTMENTS:
        if name in numbers:
            numbers[name] = np.where(numbers[name] < 0, np.nan, numbers[name])
    return numbers


def margins(columns: Columns, total: float = 12_000.0) -> list[dict[str, Any]]:
    """Population counts near those of the sample, so that raking has something to do."""
    shares = {"age": [0.2, 0.3, 0.3, 0.2], "sex": [0.48, 0.52]}
    return [
        {"by": [name], "totals": {str(i): total * share for i, share in enumerate(parts)}}
        for name, parts in shares.items()
    ]


def item(variable: str, statistic: str = "mean", **more: Any) -> dict[str, Any]:
    """A request for one department, "don't know" kept apart."""
    return {"statistic": statistic, "variable": variable, "dont_know": ["5"], **more}
