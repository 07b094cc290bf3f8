"""The Copenhagen housing survey: satisfaction by type of housing as R's survey package has it."""

import csv

import pytest

from app.domain.releases.figures import read_tables
from app.domain.releases.response_rows import ResponseRow
from app.domain.releases.source_weights import weigh_source
from app.domain.releases.sources import plan_sources
from tests.questionnaires.corpus import HERE
from tests.reference.tables import rows as table_rows
from tests.support.responses import DECEMBER, definition_in, estimated_departments, response

FOLDER = HERE / "copenhagen-housing"
DEFINITION = definition_in(FOLDER)


def residents() -> list[ResponseRow]:
    """One response for each of the 1,681 residents of the published table."""
    found: list[ResponseRow] = []
    with (FOLDER / "counts.csv").open(encoding="utf-8") as file:
        for cell in csv.DictReader(file):
            answers = {
                "satisfaction": {cell["type"]: {"housing": cell["satisfaction"]}},
                "influence": cell["influence"],
                "contact": cell["contact"],
            }
            for _ in range(int(cell["residents"])):
                number = str(len(found)).encode()
                found.append(response("residents", answers, [cell["type"]], number))
    return found


def test_indices_and_standard_errors_are_those_of_r() -> None:
    expected = {row["name"]: row["value"] for row in table_rows("releases_copenhagen.csv")}
    [plan] = plan_sources(DEFINITION)
    table = read_tables(DEFINITION, DECEMBER, [residents()])["residents"]
    source = weigh_source(DEFINITION, plan, table)
    for code, one in estimated_departments(DEFINITION, source).items():
        [record, _part] = one.estimates.records
        assert record.value == pytest.approx(float(expected[f"mean.{code}"]), rel=1e-12)
        assert record.standard_error == pytest.approx(float(expected[f"se.{code}"]), rel=1e-12)
