"""The Copenhagen housing survey: a fair definition that takes all 1,681 published answers."""

import csv
from collections.abc import Iterator

import pytest

from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.model import DepartmentGrid
from app.domain.questionnaires.parsing import parse_definition
from app.store.definitions import read_folder
from tests.questionnaires.corpus import HERE

FOLDER = HERE / "copenhagen-housing"


@pytest.fixture(scope="module")
def definition() -> SurveyDefinition:
    return parse_definition(read_folder(FOLDER))


def counts() -> Iterator[dict[str, str]]:
    with (FOLDER / "counts.csv").open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def test_counts_are_complete() -> None:
    cells = {tuple(row.values())[:4] for row in counts()}
    assert len(cells) == 3 * 3 * 4 * 2
    assert sum(int(row["residents"]) for row in counts()) == 1681


def test_residents_by_type_are_the_published_ones() -> None:
    totals: dict[str, int] = {}
    for row in counts():
        totals[row["type"]] = totals.get(row["type"], 0) + int(row["residents"])
    assert totals == {"Tower": 400, "Apartment": 765, "Atrium": 239, "Terrace": 277}


def test_every_published_category_is_an_answer(definition: SurveyDefinition) -> None:
    grid, influence, contact = definition.questionnaire.questions()
    assert isinstance(grid, DepartmentGrid)
    levels = [level.code for level in definition.questionnaire.scales[grid.scale].levels]
    known = {
        "satisfaction": levels,
        "type": [one.code for one in definition.departments.departments],
        "influence": [option.code for option in influence.options],  # type: ignore[union-attr]
        "contact": [option.code for option in contact.options],  # type: ignore[union-attr]
    }
    for row in counts():
        for variable, codes in known.items():
            assert row[variable] in codes
