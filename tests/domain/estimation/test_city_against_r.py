"""The synthetic city of tests/reference/estimation_city.R: stratified clusters, a rating scale.

Its design, margins and requests are declared as a city would write them; R's numbers stand beside.
"""

from collections import defaultdict
from typing import Any

import pytest

from tests.domain.estimation.running import estimated, one, table, weighted
from tests.reference.tables import rows

CITY = "estimation_city.csv"
WITH_REPLACEMENT = {"weight": "w", "strata": ["stratum"], "clusters": ["point"]}
TWO_STAGES = WITH_REPLACEMENT | {"clusters": ["point", "id"], "population": ["points", "people"]}
RESPONDENTS_LAST = WITH_REPLACEMENT | {"population": ["points", "people"]}
DESIGNS = {"wr": WITH_REPLACEMENT, "two": TWO_STAGES}
DONT_KNOW = {"dont_know": ["9"]}
POPULATION = 66268


def margin(column: str, **shares: float) -> dict[str, Any]:
    names = {"young": "18-34", "middle": "35-54", "old": "55+"}
    totals = {names.get(name, name): POPULATION * share for name, share in shares.items()}
    return {"by": [column], "totals": totals}


AGE = margin("age", young=0.38, middle=0.36, old=0.26)
SEX = margin("sex", female=0.49, male=0.51)
HUKOU = margin("hukou", local=0.42, other=0.58)
AGE_SEX = {
    "by": ["age", "sex"],
    "totals": {
        f"{age} & {sex}": a * s / POPULATION
        for age, a in AGE["totals"].items()
        for sex, s in SEX["totals"].items()
    },
}
RAKED = [{"step": "rake", "margins": [AGE, SEX, HUKOU]}]
LOGIT = [
    {
        "step": "calibrate",
        "distance": "logit",
        "bounds": [0.5, 2],
        "margins": [AGE, SEX, HUKOU],
    }
]
TRUNCATED = [{**LOGIT[0], "distance": "truncated-linear", "bounds": [0.7, 1.5]}]
POSTSTRATA = [{"step": "poststratify", **AGE_SEX}]
INDEX = {
    "statistic": "index",
    **DONT_KNOW,
    "dimensions": {
        "service": {"weight": 0.6, "items": ["q1", "q2"]},
        "openness": {"weight": 0.4, "items": ["q3"]},
    },
}


def mean(item: str, **more: Any) -> dict[str, Any]:
    return {"statistic": "mean", "variable": item, **DONT_KNOW, **more}


def share(item: str, level: str, interval: str, statistic: str = "proportion") -> dict[str, Any]:
    return {
        "statistic": statistic,
        "variable": item,
        "levels": [level],
        "interval": interval,
        **DONT_KNOW,
    }


def median(p: float, item: str, rule: str = "math") -> dict[str, Any]:
    return {**mean(item), "statistic": "quantile", "probabilities": [p], "rule": rule}


TOTAL = {"statistic": "total", "variable": "q2", **DONT_KNOW}
RATIO = mean("q1")
PER_DESIGN: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "mean q1": (mean("q1"), []),
    "total q2": (TOTAL, []),
    "top box q3": (share("q3", "5", "t", "top-box"), []),
    "raked mean q1": (mean("q1"), RAKED),
    "raked mean q1 55+": (mean("q1", where={"age": ["55+"]}), RAKED),
    "logit mean q2": (mean("q2"), LOGIT),
    "truncated mean q2": (mean("q2"), TRUNCATED),
    "post-stratified mean q4": (mean("q4"), POSTSTRATA),
    "plain index": (INDEX, []),
    "raked index": (INDEX, RAKED),
}
OTHERS: dict[str, tuple[dict[str, Any], list[Any], dict[str, Any]]] = {
    **{f"wr quantile q2 {p}": (median(p, "q2"), [], {}) for p in (0.1, 0.25, 0.5, 0.75, 0.9)},
    "wr quantile q4 school": (median(0.5, "q4", "school"), [], {}),
    "wr share q4 beta": (share("q4", "1", "korn-graubard"), [], {}),
    "wr share q4 xlogit": (share("q4", "1", "logit"), [], {}),
    "wr share q4 wilson": (share("q4", "1", "wilson"), [], {}),
    "wr share never beta": (
        {**share("never", "1", "korn-graubard"), "dont_know": []},
        [],
        {},
    ),
    "wr mean always": (mean("always"), [], {}),
    "wr jkn mean q1": (mean("q1"), [], {"method": "jkn"}),
    "wr jkn raked mean q1": (mean("q1"), RAKED, {"method": "jkn"}),
    "wr jkn raked total q2": (TOTAL, RAKED, {"method": "jkn"}),
    "two jkn mse ratio": (RATIO, [], {"method": "jkn", "centre": "estimate"}),
}


def reference() -> dict[str, dict[str, float]]:
    numbers: dict[str, dict[str, float]] = defaultdict(dict)
    for row in rows("estimation_city_numbers.csv"):
        numbers[row["case"]][row["quantity"]] = float(row["value"])
    return dict(numbers)


REFERENCE = reference()


def check(name: str, record: Any, weights: Any) -> None:
    lower, upper = record.interval or (None, None)
    found = {
        "value": record.value,
        "se": record.standard_error,
        "lower": lower,
        "upper": upper,
        "df": record.degrees_of_freedom,
        "wmin": weights.min(),
        "wmax": weights.max(),
    }
    for quantity, expected in REFERENCE[name].items():
        assert found[quantity] == pytest.approx(expected, rel=1e-9), quantity


@pytest.mark.parametrize("case", PER_DESIGN)
@pytest.mark.parametrize("design", DESIGNS)
def test_number_equals_r(design: str, case: str) -> None:
    request, weighting = PER_DESIGN[case]
    columns, sample = table(CITY), DESIGNS[design]
    record = one(columns, sample, request, weighting=weighting)
    weights = weighted(columns, {"sample": sample, "weighting": weighting}).weights
    check(f"{design} {case}", record, weights)


@pytest.mark.parametrize("case", OTHERS)
def test_other_number_equals_r(case: str) -> None:
    request, weighting, variance = OTHERS[case]
    columns, sample = table(CITY), DESIGNS[case.split(maxsplit=1)[0]]
    record = one(columns, sample, request, weighting=weighting, variance=variance)
    check(case, record, weighted(columns, {"sample": sample}).weights)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize(("variant", "weighting"), [("plain", []), ("raked", RAKED)])
def test_difference_of_items_of_the_same_people_equals_r(
    design: str, variant: str, weighting: list[Any]
) -> None:
    result = estimated(
        table(CITY),
        {
            "sample": DESIGNS[design],
            "weighting": weighting,
            "estimates": [mean("q1", name="first"), mean("q2", name="second")],
            "differences": [{"of": "first", "minus": "second"}],
        },
    )
    check(f"{design} {variant} q1 - q2", result.records[-1], result.values)


@pytest.mark.parametrize("design", DESIGNS)
def test_change_between_waves_in_one_file_equals_r(design: str) -> None:
    result = estimated(
        table(CITY),
        {
            "sample": DESIGNS[design],
            "estimates": [mean("q1", name="q1", by=["wave"])],
            "differences": [{"of": "q1", "between": ["2010", "2009"]}],
        },
    )
    check(f"{design} change of q1", result.records[-1], result.values)


def test_respondents_need_no_column_to_be_the_last_stage() -> None:
    named = one(table(CITY), TWO_STAGES, mean("q1"))
    unnamed = one(table(CITY), RESPONDENTS_LAST, mean("q1"))
    assert unnamed.standard_error == pytest.approx(named.standard_error, rel=1e-12)


def test_every_reference_is_checked() -> None:
    checked = {f"{design} {case}" for design in DESIGNS for case in PER_DESIGN} | set(OTHERS)
    checked |= {f"{design} {v} q1 - q2" for design in DESIGNS for v in ("plain", "raked")}
    checked |= {f"{design} change of q1" for design in DESIGNS}
    assert checked == REFERENCE.keys() - {"population"}
    assert REFERENCE["population"]["total"] == POPULATION
