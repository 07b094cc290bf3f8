"""Columns read as labels or numbers, and design files with every fault reported."""

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from app.domain.estimation.columns import categories, crossed, label, numbers, without
from app.domain.estimation.design import build_design
from app.domain.estimation.specification import DesignFile, Sample
from app.errors import InvalidInput


def text(*values: str | None) -> Any:
    return np.array(values, dtype=object)


@pytest.mark.parametrize(
    ("value", "written"), [(1, "1"), (1.0, "1"), (2.5, "2.5"), (True, "true"), ("0012", "0012")]
)
def test_a_value_is_written_the_same_in_data_and_design(value: object, written: str) -> None:
    assert label(value) == written


def test_text_keeps_its_zeros_as_label_and_loses_them_as_number() -> None:
    columns = {"id": text("0012", "7", None)}
    codes, labels = categories(columns, "id")
    assert [labels[code] for code in codes[:2]] == ["0012", "7"]
    assert codes[2] == -1
    assert numbers(columns, "id").tolist()[:2] == [12, 7]


def test_integers_and_floats_have_the_same_labels() -> None:
    assert categories({"a": np.array([1, 2])}, "a")[1] == ["1", "2"]
    assert categories({"a": np.array([1.0, np.nan, 2.5])}, "a")[1] == ["1", "2.5"]


def test_combinations_are_those_observed() -> None:
    columns = {"a": text("x", "y", "x", None), "b": np.array([1, 2, 1, 1])}
    codes, combinations = crossed(columns, ["a", "b"], rows=4)
    assert codes.tolist() == [0, 1, 0, -1]
    assert combinations == [("x", "1"), ("y", "2")]


def test_declared_signs_of_missing_answers_become_missing() -> None:
    columns = {"a": text("NA", "x"), "b": np.array([-8, 3]), "c": np.array([True, False])}
    cleaned = without(columns, ["NA", "-8"])
    assert cleaned["a"].tolist() == [None, "x"]
    assert np.isnan(cleaned["b"][0])
    assert cleaned["c"].tolist() == [True, False]
    assert columns["a"][0] == "NA"


def test_infinite_numbers_are_refused() -> None:
    with pytest.raises(InvalidInput) as refusal:
        numbers({"a": np.array([1.0, np.inf])}, "a")
    assert refusal.value.faults[0].code == "not-finite"


def test_data_without_rows_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no rows"):
        build_design({"a": np.zeros(0)}, Sample())


MARGINS = [{"by": ["a"], "totals": {"x": 1}}]
TRIM = {"step": "trim", "upper": 3}


@pytest.mark.parametrize(
    ("design", "message"),
    [
        ({"sample": {"strata": ["a", "b"]}}, "more strata or populations"),
        ({"sample": {"population": ["a"], "fraction": ["b"]}}, "not both"),
        ({"sample": {"wieght": "w"}}, "Extra inputs"),
        (
            {"weighting": [{"step": "calibrate", "margins": MARGINS, "bounds": [0.5, 2]}]},
            "bounds belong to",
        ),
        (
            {
                "weighting": [
                    {
                        "step": "calibrate",
                        "distance": "logit",
                        "margins": MARGINS,
                        "bounds": [1.2, 2],
                    }
                ]
            },
            "must enclose 1",
        ),
        ({"weighting": [{"step": "calibrate"}]}, "needs margins, totals or a population"),
        ({"weighting": [{**TRIM, "lower": 4}]}, "lower must be less"),
        ({"variance": {"method": "columns"}}, "columns of replicate weights"),
        ({"variance": {"level": 95}}, "less than 1"),
        ({"estimates": [{"statistic": "top-box", "variable": "q"}]}, "which levels"),
        ({"estimates": [{"statistic": "median", "variable": "q"}]}, "does not match"),
        (
            {
                "estimates": [
                    {"statistic": "index", "dimensions": {"a": {"weight": 0.9, "items": ["q"]}}}
                ]
            },
            "must sum to 1",
        ),
        ({"differences": [{"of": "a"}]}, "either between or minus"),
    ],
)
def test_a_design_that_makes_no_sense_is_refused(design: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        DesignFile.model_validate(design)


def test_all_faults_of_a_design_come_at_once() -> None:
    with pytest.raises(ValidationError) as refusal:
        DesignFile.model_validate(
            {"sample": {"strata": 3}, "variance": {"level": 2}, "weighting": [{**TRIM, "upper": 0}]}
        )
    assert refusal.value.error_count() == 3
