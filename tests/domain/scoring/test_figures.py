"""What a scheme asks offices for, and which values it takes."""

from decimal import Decimal

import pytest

from app.domain.scoring.bands import band_of
from app.domain.scoring.figures import COLUMNS, expected_figures, read_figures
from app.errors import InvalidInput
from tests.domain.scoring.test_compute import base
from tests.survey_definitions.shipped import scheme_of, shipped


def faults(*rows: list[str], header: tuple[str, ...] = COLUMNS) -> list[tuple[str, str]]:
    """Read rows for Beijing and give place and code of what is wrong."""
    departments = shipped("beijing").departments
    try:
        read_figures(scheme_of("beijing"), departments, [list(header), *rows])
    except InvalidInput as refused:
        return [(one.field, one.code) for one in refused.faults]
    return []


def test_events_are_asked_for_where_each_has_its_price_else_points_both_ways() -> None:
    assert "accountability.events" in expected_figures(scheme_of("beijing"), "departments")
    assert list(expected_figures(scheme_of("xiamen-2008"), "districts")) == [
        "indicators",
        "inspection.deducted",
        "inspection.added",
    ]


@pytest.mark.parametrize(
    ("value", "code"),
    [("1.5", "not-whole"), ("-1", "out-of-range"), ("１", "not-a-number"), ("2.0", None)],
)
def test_events_are_counted_in_whole_numbers(value: str, code: str | None) -> None:
    found = faults(["B01", "accountability.events", value])
    assert found == ([("row 2.value", code)] if code else [])


def test_points_without_a_cap_end_at_what_the_component_is_worth() -> None:
    definition = base(("en: Performance Office}", "en: Performance Office}, unit: points"))
    assert definition.scheme is not None
    for value, codes in [("70", []), ("70.01", ["out-of-range"]), ("-0.1", ["out-of-range"])]:
        table = [list(COLUMNS), ["health", "internal", value]]
        try:
            read_figures(definition.scheme, definition.departments, table)
            found = []
        except InvalidInput as refused:
            found = [one.code for one in refused.faults]
        assert found == codes, value


def test_a_table_is_known_by_its_header_and_needs_values() -> None:
    assert faults(header=("unit", "figure", "value")) == [("row 1", "header")]
    assert faults() == [("file", "empty")]
    assert faults(["B01", "duties"], ["B01", "duties", "1", "2"]) == [("row 3.value", "cells")]


@pytest.mark.parametrize(
    ("score", "band"), [("90", "excellent"), ("89.99", "good"), ("60", "fair"), ("-3", "poor")]
)
def test_a_band_begins_at_its_limit_and_the_last_takes_what_is_below(score: str, band: str) -> None:
    assert band_of(scheme_of("shenzhen-2010").bands, Decimal(score)) == band
