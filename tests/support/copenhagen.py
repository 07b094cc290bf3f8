"""The Copenhagen housing survey: its 1,681 residents, and what R makes of their answers."""

import csv
from collections import Counter
from decimal import Decimal

import pytest

from app.domain.releases.document import Figures
from app.domain.releases.figures import read_tables
from app.domain.releases.response_rows import ResponseRow
from app.domain.releases.rounding import INDEX_DIGITS, exactly
from app.domain.releases.source_weights import weigh_source
from app.domain.releases.sources import plan_sources
from tests.questionnaires.corpus import HERE
from tests.reference.tables import rows as table_rows
from tests.support.responses import DECEMBER, definition_in, estimated_departments

HOUSING = HERE / "copenhagen-housing"

Cell = tuple[str, str, str, str]
"""Satisfaction, influence, type of housing, contact."""


def published() -> Counter[Cell]:
    """Read the published counts."""
    with (HOUSING / "counts.csv").open(encoding="utf-8") as file:
        return Counter(
            {
                (row["satisfaction"], row["influence"], row["type"], row["contact"]): int(
                    row["residents"]
                )
                for row in csv.DictReader(file)
            }
        )


def answers_of(cell: Cell) -> dict[str, object]:
    """What a resident of this cell answers."""
    satisfaction, influence, kind, contact = cell
    return {
        "satisfaction": {kind: {"housing": satisfaction}},
        "influence": influence,
        "contact": contact,
    }


def assert_estimates_are_those_of_r(rows: list[ResponseRow]) -> None:
    """Before rounding, to more than nine digits."""
    definition, expected = definition_in(HOUSING), _expected()
    [plan] = plan_sources(definition)
    table = read_tables(definition, DECEMBER, [rows])["residents"]
    source = weigh_source(definition, plan, table)
    for code, one in estimated_departments(definition, source).items():
        record = one.estimates.records[0]
        assert record.value == pytest.approx(expected[f"mean.{code}"], rel=1e-12)
        assert record.standard_error == pytest.approx(expected[f"se.{code}"], rel=1e-12)


def assert_figures_are_those_of_r(figures: Figures) -> None:
    """As published, to the last digit."""
    expected = _expected()
    found = {one.department: one for one in figures.indices if one.trust is None}
    assert len(found) == 4
    for code, one in found.items():
        assert one.value == _as_published(expected[f"mean.{code}"])
        assert one.standard_error == _as_published(expected[f"se.{code}"])


def _as_published(value: float) -> Decimal:
    return exactly(value, INDEX_DIGITS)


def _expected() -> dict[str, float]:
    lines = table_rows("releases_copenhagen.csv")
    return {
        row["name"]: float(row["value"]) for row in lines if not row["name"].startswith("version.")
    }
