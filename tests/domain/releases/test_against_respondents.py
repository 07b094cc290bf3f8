"""Cells and patterns give what the engine gives on one row per respondent, covariances included.

The respondent-level analysis is declared here anew, as an analyst would for `minyi estimate`.
"""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from app.domain.estimation.design import build_design
from app.domain.estimation.estimates import Estimates, estimate
from app.domain.estimation.specification import DesignFile
from app.domain.estimation.weights import weight
from app.domain.releases.department_covariance import index_covariance
from app.domain.releases.department_estimates import inverse_chances
from app.domain.releases.figures import read_tables
from app.domain.releases.response_rows import ResponseRow
from app.domain.releases.source_weights import weigh_source
from app.domain.releases.sources import plan_sources
from tests.support.responses import DECEMBER, City, definition_in, estimated_departments

DEFINITION = definition_in("shenzhen-2010")
PEOPLE = sum(stratum.population for stratum in DEFINITION.sample.strata)
MARGINS = {margin.question: dict(margin.totals) for margin in DEFINITION.sample.margins}
SCORES = DEFINITION.questionnaire.scales["satisfaction"].scores()
WEIGHTS = {one.items[0].aspect: one.weight for one in DEFINITION.index.dimensions}  # type: ignore[union-attr]
DESIGNS = {
    "sampled-residents": {"weight": "base", "strata": ["stratum"], "clusters": ["point"]},
    "online-residents": {"weight": "base"},
}


def respondents(rows: Sequence[ResponseRow]) -> dict[str, Any]:
    """A column for each fact, and one of scores for each aspect of each department."""
    sheets = [json.loads(row.answers)["answers"] for row in rows]
    drawn = {row.stratum: sum(r.stratum == row.stratum for r in rows) for row in rows}
    people = {one.code: one.population for one in DEFINITION.sample.strata} | {"": PEOPLE}
    columns: dict[str, Any] = {
        "base": np.array([people[row.stratum] / drawn[row.stratum] for row in rows]),
        "stratum": np.array([row.stratum for row in rows], dtype=object),
        "point": np.array([row.point for row in rows], dtype=object),
    }
    columns |= {name: np.array([s[name] for s in sheets], dtype=object) for name in MARGINS}
    for one in DEFINITION.departments.departments:
        for aspect in WEIGHTS:
            said = [s["ratings"].get(one.code, {}).get(aspect) for s in sheets]
            columns[f"{one.code} {aspect}"] = np.array([SCORES.get(x, np.nan) for x in said])
    return columns


def by_respondents(rows: Sequence[ResponseRow], margins: Sequence[str]) -> Estimates:
    """The index of every department, respondent by respondent."""
    columns = respondents(rows)
    declared = DesignFile.model_validate(
        {
            "sample": DESIGNS[rows[0].respondent_class],
            "weighting": [
                {"step": "rake", "margins": [{"by": [m], "totals": MARGINS[m]} for m in margins]},
                {"step": "trim", "upper": 5, "of": "median", "recalibrate": True},
            ],
            "estimates": [
                {
                    "statistic": "index",
                    "name": one.code,
                    "dimensions": {
                        aspect: {"weight": share, "items": [f"{one.code} {aspect}"]}
                        for aspect, share in WEIGHTS.items()
                    },
                }
                for one in DEFINITION.departments.departments
            ],
        }
    )
    sample = weight(build_design(columns, declared.sample), declared.weighting, columns)
    return estimate(sample, declared.estimates, columns, declared.variance)


@pytest.mark.parametrize("kind", ["paper", "poll"])
def test_cells_give_what_respondents_give(kind: str) -> None:
    city = City(DEFINITION, seed=3)
    rows = [city.paper() if kind == "paper" else city.poll() for _ in range(300)]
    [plan] = [p for p in plan_sources(DEFINITION) if p.audience.code == rows[0].respondent_class]
    table = read_tables(DEFINITION, DECEMBER, [rows])[plan.audience.code]
    source = weigh_source(DEFINITION, plan, table)
    found = list(estimated_departments(DEFINITION, source).values())
    assert plan.weighting.calibration
    expected = by_respondents(rows, plan.weighting.calibration.margins)
    for one, reference in zip(found, expected.records, strict=True):
        record = one.estimates.records[0]
        assert record.value == pytest.approx(reference.value, rel=1e-9)
        assert record.standard_error == pytest.approx(reference.standard_error, rel=1e-9)
        assert record.design_effect == pytest.approx(reference.design_effect, rel=1e-9)
        assert source.degrees_of_freedom == reference.degrees_of_freedom
        assert record.respondents == reference.respondents
    together = index_covariance(source, inverse_chances(DEFINITION, source), found)
    largest = np.abs(expected.covariance).max()
    assert together == pytest.approx(expected.covariance, rel=1e-9, abs=1e-9 * largest)
