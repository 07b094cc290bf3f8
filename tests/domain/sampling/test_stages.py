"""Survey points first, then respondents: groups, probabilities, and what is refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from app.domain.sampling.design import AllocationPlan, DrawPlan, SizePlan
from app.domain.sampling.random_keys import METHOD
from app.domain.sampling.selection import Unit, draw
from app.domain.sampling.stages import Row, Sample, draw_stages
from app.errors import InvalidInput
from app.errors.definitions import InfeasibleEstimation

POINTS: list[Row] = [
    {"point": f"P{i:02d}", "district": "Futian" if i < 12 else "Luohu", "people": str(300 + 40 * i)}
    for i in range(20)
]
PEOPLE: list[Row] = [
    {"person": f"{point['point']}-{k}", "point": point["point"], "sex": "fm"[k % 2]}
    for point in POINTS
    for k in range(30)
]
FIRST_STAGE: dict[str, Any] = {
    "unit": "point",
    "strata": ["district"],
    "size": "people",
    "method": "sampford",
    "n": {"Futian": 3, "Luohu": 2},
}


def _draw(stages: list[dict[str, Any]], *frames: list[Row], seed: str = "7") -> Sample:
    return draw_stages(DrawPlan.model_validate({"seed": seed, "stages": stages}), frames)


def test_points_then_people() -> None:
    second = {"unit": "person", "method": "simple-random", "n": 6}
    sample = _draw([FIRST_STAGE, second], POINTS, PEOPLE)
    assert (sample.seed, sample.method, sample.stages) == ("7", METHOD, ("point", "person"))
    assert len(sample.units) == 5 * 6
    totals = {"Futian": sum(300 + 40 * i for i in range(12)), "Luohu": 0}
    totals["Luohu"] = sum(300 + 40 * i for i in range(12, 20))
    for unit in sample.units:
        point, person = unit.identifiers
        assert person.startswith(point)
        district = unit.groups[0]
        n = {"Futian": 3, "Luohu": 2}[district]
        expected = n * (300 + 40 * int(point[1:])) / totals[district] * 6 / 30
        assert unit.inclusion_probability == pytest.approx(expected)
        assert unit.base_weight == pytest.approx(1 / expected)
    futian, luohu, *points = sample.groups
    assert (futian.label, futian.population, futian.drawn) == ("Futian", 12, 3)
    assert (luohu.label, luohu.population, luohu.drawn) == ("Luohu", 8, 2)
    assert futian.total_size == totals["Futian"]
    assert {(group.stage, group.population, group.drawn) for group in points} == {("person", 30, 6)}


def test_each_stage_is_the_plain_draw_of_its_group() -> None:
    sample = _draw([FIRST_STAGE], POINTS)
    futian = [Unit(row["point"], int(row["people"])) for row in POINTS[:12]]
    alone = draw(futian, 3, method="sampford", seed="7", group="point / Futian")
    drawn = [unit.identifiers[0] for unit in sample.units if unit.groups == ("Futian",)]
    assert drawn == [d.unit.identifier for d in alone]


def test_households_without_a_list_are_numbered() -> None:
    second = {"unit": "door", "method": "systematic", "n": 25, "numbered_by": "people"}
    sample = _draw([FIRST_STAGE, second], POINTS)
    for unit in sample.units:
        people = 300 + 40 * int(unit.identifiers[0][1:])
        assert 1 <= int(unit.identifiers[1]) <= people
        assert unit.probabilities[1] == pytest.approx(25 / people)


def test_pps_then_a_fixed_number_is_self_weighting() -> None:
    first = FIRST_STAGE | {"strata": [], "n": 4, "method": "pps-systematic"}
    second = {"unit": "door", "method": "simple-random", "n": 10, "numbered_by": "people"}
    sample = _draw([first, second], POINTS)
    population = sum(int(row["people"]) for row in POINTS)
    weights = {round(unit.base_weight, 9) for unit in sample.units}
    assert weights == {round(population / 40, 9)}


def test_strata_within_points_are_groups_of_their_own() -> None:
    second = {"unit": "person", "strata": ["sex"], "method": "simple-random", "n": 2}
    sample = _draw([FIRST_STAGE, second], POINTS, PEOPLE)
    labels = {group.label for group in sample.groups if group.stage == "person"}
    points = {unit.identifiers[0] for unit in sample.units}
    assert labels == {f"{point} / {sex}" for point in points for sex in "fm"}
    assert len(sample.units) == 5 * 2 * 2


def test_number_per_point_must_name_every_point_drawn() -> None:
    second = {"unit": "person", "method": "simple-random", "n": {"P00": 3}}
    with pytest.raises(InvalidInput) as refusal:
        _draw([FIRST_STAGE, second], POINTS, PEOPLE)
    assert [fault.field for fault in refusal.value.faults] == ["draw.stages.1.n"]


def test_plan_and_frame_must_name_the_same_strata() -> None:
    for n in ({"Futian": 3}, {"Futian": 3, "Luohu": 2, "Nanshan": 1}):
        with pytest.raises(InvalidInput) as refusal:
            _draw([FIRST_STAGE | {"n": n}], POINTS)
        assert [fault.field for fault in refusal.value.faults] == ["draw.stages.0.n"]


def test_all_faults_of_all_frames_are_reported_at_once() -> None:
    broken = [dict(row) for row in POINTS]
    broken[3]["people"] = "3.5"
    broken[8]["people"] = "-1"
    broken[9]["point"] = ""
    people = [{"person": row["person"]} for row in PEOPLE]
    second = {"unit": "person", "method": "simple-random", "n": 6}
    with pytest.raises(InvalidInput) as refusal:
        _draw([FIRST_STAGE, second], list(broken), list(people))
    assert [(fault.field, fault.code) for fault in refusal.value.faults] == [
        ("frames.0.people", "not-whole"),
        ("frames.0.people", "not-whole"),
        ("frames.0.point", "empty"),
        ("frames.1.point", "missing"),
    ]
    assert "row 4" in refusal.value.faults[0].message
    assert "3.5" not in str(refusal.value.faults)


def test_wrong_number_of_frames_and_empty_frames_are_refused() -> None:
    for frames in ([], [POINTS, PEOPLE], [[]]):
        with pytest.raises(InvalidInput):
            _draw([FIRST_STAGE], *frames)


def test_a_point_listed_twice_is_refused() -> None:
    twice = [*POINTS, {"point": "P00", "district": "Luohu", "people": "999999"}]
    with pytest.raises(InvalidInput) as refusal:
        _draw([FIRST_STAGE | {"n": {"Futian": 12, "Luohu": 2}}], twice)
    assert refusal.value.faults[0].code == "duplicate"


def test_a_point_with_too_few_people_is_named() -> None:
    second = {"unit": "person", "method": "simple-random", "n": 31}
    with pytest.raises(InfeasibleEstimation, match=r"stage person, group P\d\d"):
        _draw([FIRST_STAGE, second], POINTS, PEOPLE)


@pytest.mark.parametrize(
    "changed",
    [
        {"size": None},
        {"method": "systematic"},
        {"numbered_by": "people"},
        {"n": -1},
        {"method": "cluster"},
        {"sise": "people"},
        {"unit": ""},
    ],
)
def test_plans_that_contradict_themselves_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DrawPlan.model_validate({"seed": "1", "stages": [FIRST_STAGE | changed]})


def test_a_draw_without_seed_or_with_one_column_twice_is_refused() -> None:
    for plan in (
        {"seed": "", "stages": [FIRST_STAGE]},
        {"seed": "1\n2", "stages": [FIRST_STAGE]},
        {"seed": "1", "stages": []},
        {"seed": "1", "stages": [FIRST_STAGE, FIRST_STAGE]},
    ):
        with pytest.raises(ValidationError):
            DrawPlan.model_validate(plan)


@pytest.mark.parametrize(
    "plan",
    [
        {"estimate": "mean", "margin": 1},
        {
            "estimate": "proportion",
            "margin": 0.1,
            "design_effect": 2,
            "clusters": {"respondents_per_point": 2, "intraclass_correlation": 0.1},
        },
        {
            "estimate": "proportion",
            "margin": 0.1,
            "domains_overlap": True,
            "domains": [{"code": "a"}],
        },
    ],
)
def test_incomplete_size_plans_are_refused(plan: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SizePlan.model_validate(plan)


def test_an_allocation_has_a_total_or_a_budget() -> None:
    strata = [{"code": "a", "population": 10}]
    for aim in ({}, {"total": 5, "budget": 5.0}):
        with pytest.raises(ValidationError):
            AllocationPlan.model_validate({"rule": "equal", "strata": strata, **aim})
    with pytest.raises(ValidationError):
        AllocationPlan.model_validate(
            {"rule": "equal", "total": 5, "strata": [{"code": "a", "population": 10, "sd": 3}]}
        )
