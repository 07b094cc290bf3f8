"""Every number of tests/reference/estimation_api.csv, made by R's survey package, to 1e-9.

The script, the data and the versions of R and survey stand beside the numbers. Where R is known to
be wrong, a test of its own says so.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.domain.estimation.running import estimated, one, table, weighted
from tests.reference.tables import rows

Numbers = dict[str, float]
Case = Callable[[], Numbers]

SRS = ("apisrs.csv", {"weight": "pw", "population": ["fpc"]})
STRAT = ("apistrat.csv", {"weight": "pw", "strata": ["stype"], "population": ["fpc"]})
CLUS1 = ("apiclus1.csv", {"weight": "pw", "clusters": ["dnum"], "population": ["fpc"]})
CLUS2 = ("apiclus2.csv", {"clusters": ["dnum", "snum"], "population": ["fpc1", "fpc2"]})

STYPE = {"by": ["stype"], "totals": {"E": 4421, "H": 755, "M": 1018}}
WIDE = {"by": ["sch.wide"], "totals": {"No": 1072, "Yes": 5122}}
AWARDS = {"by": ["awards"], "totals": {"No": 2027, "Yes": 4167}}
MARGINS = [STYPE, WIDE, AWARDS]

MEAN = {"statistic": "mean", "variable": "api00"}
TOTAL = {"statistic": "total", "variable": "enroll"}
RATIO = {"statistic": "ratio", "numerator": "api.stu", "denominator": "enroll"}


def quantile(p: float, rule: str = "math", variable: str = "api00") -> dict[str, Any]:
    return {"statistic": "quantile", "variable": variable, "probabilities": [p], "rule": rule}


def share(column: str, interval: str) -> dict[str, Any]:
    return {"statistic": "proportion", "variable": column, "levels": ["Yes"], "interval": interval}


def calibrated(distance: str, **more: Any) -> list[dict[str, Any]]:
    return [{"step": "calibrate", "distance": distance, "margins": MARGINS, **more}]


RAKED = [{"step": "rake", "margins": MARGINS}]


def case(
    source: tuple[str, Mapping[str, Any]],
    request: Mapping[str, Any],
    weighting: list[dict[str, Any]] | None = None,
    variance: Mapping[str, Any] | None = None,
) -> Case:
    """The record of one request, and the weights it was made with."""

    def run() -> Numbers:
        columns, sample = table(source[0]), source[1]
        record = one(columns, sample, request, weighting=weighting or [], variance=variance)
        weights = weighted(columns, {"sample": sample, "weighting": weighting or []}).weights
        return _numbers(record) | {
            "wmin": weights.min(),
            "wmax": weights.max(),
            "total": weights.sum(),
        }

    return run


def _numbers(record: Any) -> Numbers:
    lower, upper = record.interval or (float("nan"),) * 2
    return {
        "value": record.value,
        "se": record.standard_error,
        "lower": lower,
        "upper": upper,
        "deff": record.design_effect,
        "df": record.degrees_of_freedom,
    }


def difference() -> Numbers:
    design = {
        "sample": STRAT[1],
        "estimates": [{**MEAN, "name": "api", "by": ["sch.wide"]}],
        "differences": [{"of": "api", "between": ["Yes", "No"]}],
    }
    return _numbers(estimated(table(STRAT[0]), design).records[-1])


def by(column: str, label: str, request: Mapping[str, Any]) -> dict[str, Any]:
    return {**request, "where": {column: [label]}}


GREG = [
    {
        "step": "calibrate",
        "margins": [STYPE],
        "totals": {"api99": 3914069},
    }
]
BOUNDED = {"bounds": [0.7, 1.6]}
TRIM = {"step": "trim", "lower": 16, "upper": 40}
BOOTSTRAP = ("apiclus1_bootstrap.csv", {"weight": "pw", "clusters": ["dnum"]})
REPLICATES = {"method": "columns", "columns": [f"rw{i}" for i in range(1, 21)]}
POSTSTRATA = [{"step": "poststratify", **STYPE}]


def lonely(option: str) -> tuple[str, Mapping[str, Any]]:
    return "apistrat_lonely.csv", {**STRAT[1], "lonely_psu": option}


CASES: dict[str, Case] = {
    "srs mean api00": case(SRS, MEAN),
    "srs total enroll": case(SRS, TOTAL),
    "srs ratio api.stu/enroll": case(SRS, RATIO),
    "srs quantile api00 0.5 math": case(SRS, quantile(0.5)),
    "srs quantile api00 0.5 school": case(SRS, quantile(0.5, "school")),
    "srs quantile api00 0.9 hf7": case(SRS, quantile(0.9, "hf7")),
    **{
        f"srs quantile meals 0.3 {rule}": case(SRS, quantile(0.3, rule, "meals"))
        for rule in ("hf4", "hf5", "hf6", "hf8", "hf9")
    },
    "strat mean api00": case(STRAT, MEAN),
    "strat total enroll": case(STRAT, TOTAL),
    "strat ratio api.stu/enroll": case(STRAT, RATIO),
    "strat share awards beta": case(STRAT, share("awards", "korn-graubard")),
    "strat share awards xlogit": case(STRAT, share("awards", "logit")),
    "strat share awards mean": case(STRAT, share("awards", "t")),
    **{f"strat mean api00 by stype {s}": case(STRAT, by("stype", s, MEAN)) for s in "EHM"},
    "strat difference api00 Yes - No": difference,
    "strat quantile api00 0.25": case(STRAT, quantile(0.25)),
    "strat quantile enroll 0.75 awards": case(
        STRAT, by("awards", "Yes", quantile(0.75, variable="enroll"))
    ),
    "strat total enroll awards": case(STRAT, by("awards", "Yes", TOTAL)),
    "strat df domain": case(
        STRAT,
        {**MEAN, "where": {"stype": ["E", "M"]}},
        variance={"degrees_of_freedom": "domain"},
    ),
    "strat without fpc mean api00": case((STRAT[0], {"weight": "pw", "strata": ["stype"]}), MEAN),
    "clus1 mean api00": case(CLUS1, MEAN),
    "clus1 total enroll": case(CLUS1, TOTAL),
    "clus1 ratio api.stu/enroll": case(CLUS1, RATIO),
    "clus1 share sch.wide beta": case(CLUS1, share("sch.wide", "korn-graubard")),
    "clus1 quantile api00 0.5": case(CLUS1, quantile(0.5)),
    **{f"clus1 mean api00 by stype {s}": case(CLUS1, by("stype", s, MEAN)) for s in "EHM"},
    "clus2 mean api00": case(CLUS2, MEAN),
    "clus2 total enroll": case(CLUS2, TOTAL),
    "clus2 ratio api.stu/enroll": case(CLUS2, RATIO),
    "clus2 with replacement total enroll": case(
        (CLUS2[0], {"weight": "pw", "clusters": ["dnum", "snum"]}), TOTAL
    ),
    "clus1 poststratified total enroll": case(CLUS1, TOTAL, POSTSTRATA),
    "clus1 poststratified mean api00": case(CLUS1, MEAN, POSTSTRATA),
    "clus1 poststratified total of H": case(CLUS1, by("stype", "H", TOTAL), POSTSTRATA),
    "strat poststratified mean api00": case(STRAT, MEAN, [{"step": "poststratify", **AWARDS}]),
    **{
        f"clus1 three margins {distance} {name}": case(CLUS1, request, calibrated(distance))
        for distance in ("linear", "raking")
        for name, request in (("total enroll", TOTAL), ("mean api00", MEAN))
    },
    **{
        f"strat three margins {distance} {name}": case(STRAT, request, calibrated(distance))
        for distance in ("linear", "raking")
        for name, request in (
            ("mean api00", MEAN),
            ("ratio", RATIO),
            ("mean api00 comp.imp Yes", by("comp.imp", "Yes", MEAN)),
            ("quantile api00 0.5", quantile(0.5)),
        )
    },
    "strat greg api99 mean api00": case(STRAT, MEAN, GREG),
    "strat greg api99 total enroll": case(STRAT, TOTAL, GREG),
    "clus1 truncated linear total enroll": case(
        CLUS1, TOTAL, calibrated("truncated-linear", **BOUNDED)
    ),
    "clus1 truncated linear mean api00": case(
        CLUS1, MEAN, calibrated("truncated-linear", **BOUNDED)
    ),
    "clus1 logit total enroll": case(CLUS1, TOTAL, calibrated("logit", **BOUNDED)),
    "clus1 logit mean api00": case(CLUS1, MEAN, calibrated("logit", **BOUNDED)),
    "strat logit api99 mean api00": case(
        STRAT, MEAN, [{**GREG[0], "distance": "logit", "bounds": [0.8, 1.2]}]
    ),
    "strat trimmed once": case(STRAT, MEAN, [TRIM]),
    "strat trimmed strict": case(STRAT, MEAN, [{**TRIM, "strict": True}]),
    "clus1 jk1 mean api00": case(CLUS1, MEAN, variance={"method": "jk1"}),
    "clus1 jk1 ratio": case(CLUS1, RATIO, variance={"method": "jk1"}),
    "clus1 jk1 mse total enroll": case(
        CLUS1, TOTAL, variance={"method": "jk1", "centre": "estimate"}
    ),
    "clus1 jk1 mse mean api00": case(CLUS1, MEAN, variance={"method": "jk1", "centre": "estimate"}),
    "strat jkn mean api00": case(STRAT, MEAN, variance={"method": "jkn"}),
    "strat jkn ratio": case(STRAT, RATIO, variance={"method": "jkn"}),
    "strat jkn quantile api00 0.5": case(STRAT, quantile(0.5), variance={"method": "jkn"}),
    "strat jkn raked mean api00": case(STRAT, MEAN, RAKED, {"method": "jkn"}),
    "strat jkn raked total enroll": case(STRAT, TOTAL, RAKED, {"method": "jkn"}),
    "clus1 jk1 poststratified total enroll": case(CLUS1, TOTAL, POSTSTRATA, {"method": "jk1"}),
    "clus1 bootstrap mean api00": case(BOOTSTRAP, MEAN, variance=REPLICATES),
    "clus1 bootstrap ratio": case(BOOTSTRAP, RATIO, variance=REPLICATES),
    **{
        f"lonely {option} {name}": case(lonely(option), request, variance={"method": method})
        for option in ("remove", "certainty", "adjust", "average")
        for name, request, method in (
            ("mean api00", MEAN, "linearised"),
            ("total enroll", TOTAL, "linearised"),
            ("jkn mean api00", MEAN, "jkn"),
        )
    },
}


def reference() -> dict[str, Numbers]:
    numbers: dict[str, Numbers] = defaultdict(dict)
    for row in rows("estimation_api.csv"):
        numbers[row["case"]][row["quantity"]] = float(row["value"])
    return dict(numbers)


REFERENCE = reference()
ELSEWHERE = {"clus1 rake() mean api00"}


@pytest.mark.parametrize("name", sorted(REFERENCE.keys() - ELSEWHERE))
def test_number_equals_r(name: str) -> None:
    found = CASES[name]()
    for quantity, expected in REFERENCE[name].items():
        assert found[quantity] == pytest.approx(expected, rel=1e-9), quantity


def test_every_case_has_a_reference_and_they_are_many() -> None:
    assert CASES.keys() == REFERENCE.keys() - ELSEWHERE
    assert sum(len(numbers) for numbers in REFERENCE.values()) >= 60
