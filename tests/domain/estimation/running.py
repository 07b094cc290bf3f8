"""Runs a design on a reference table the way `minyi estimate` does, without files or printing."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from app.domain.estimation.columns import Columns
from app.domain.estimation.design import build_design
from app.domain.estimation.estimates import Estimates, estimate
from app.domain.estimation.records import Estimate
from app.domain.estimation.specification import DesignFile
from app.domain.estimation.weights import WeightedSample, weight
from tests.reference.tables import rows


@cache
def table(name: str) -> Columns:
    """A CSV of tests/reference as columns of text; R's NA is a missing answer."""
    lines = rows(name)
    return {
        heading: np.array([None if x[heading] == "NA" else x[heading] for x in lines], dtype=object)
        for heading in lines[0]
    }


def weighted(columns: Columns, design: Mapping[str, Any]) -> WeightedSample:
    declared = DesignFile.model_validate(design)
    return weight(build_design(columns, declared.sample), declared.weighting, columns)


def estimated(columns: Columns, design: Mapping[str, Any]) -> Estimates:
    declared = DesignFile.model_validate(design)
    sample = weight(build_design(columns, declared.sample), declared.weighting, columns)
    return estimate(sample, declared.estimates, columns, declared.variance, declared.differences)


def one(
    columns: Columns,
    sample: Mapping[str, Any],
    request: Mapping[str, Any],
    *,
    weighting: Sequence[Mapping[str, Any]] = (),
    variance: Mapping[str, Any] | None = None,
) -> Estimate:
    """The only record of a single request."""
    result = estimated(
        columns,
        {
            "sample": sample,
            "weighting": list(weighting),
            "variance": variance or {},
            "estimates": [request],
        },
    )
    (record,) = result.records
    return record
