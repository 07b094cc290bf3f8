"""Attacks on a synthetic city are found; a clean city is left alone; both ends of a scale alike."""

import random
from collections.abc import Sequence

import numpy as np
import pytest

from app.domain.integrity import robust
from app.domain.integrity.ballots import DOES_NOT_KNOW, UNRATED
from app.domain.integrity.findings import Finding, Signal
from app.domain.integrity.scan import PARAMETERS, scan
from tests.domain.integrity.attacked_city import (
    PAPER,
    WEB,
    Citizen,
    ballots,
    clean,
    colleagues,
    day,
    departments,
    mirrored,
    partial_choice,
    pasted,
    robots,
)

N = 3000
ROBOTS = N // 20
FOND = partial_choice([0, 0, 1, 3, 6])
ALWAYS_BEST, ALWAYS_WORST = (lambda _: "very_satisfied"), (lambda _: "very_dissatisfied")


@pytest.fixture(scope="module")
def city() -> list[Citizen]:
    return clean(N, seed=11)


def look(citizens: Sequence[Citizen]) -> list[Finding]:
    return scan(ballots(citizens), key=b"key")


def shown(findings: Sequence[Finding]) -> list[tuple[object, ...]]:
    """All of the findings but the name of a copy, which is made from its answers."""
    return sorted(
        (
            one.signal,
            sorted(pair for pair in one.objects.items() if pair[0] != "copy"),
            one.members.tolist(),
            round(one.usual or 0, 9),
            round(one.strength, 9),
        )
        for one in findings
    )


def caught(findings: Sequence[Finding], honest: int) -> tuple[int, int]:
    """How many attackers and how many honest citizens are members of any finding."""
    members = set().union(*(set(one.members.tolist()) for one in findings))
    return sum(one >= honest for one in members), sum(one < honest for one in members)


def test_a_clean_city_gives_no_signal(city: list[Citizen]) -> None:
    assert look(city) == []


def test_hasty_robots_are_a_burst(city: list[Citizen]) -> None:
    found = look(city + robots(ROBOTS, 5, choose=FOND, a_day=ROBOTS))
    assert {one.signal for one in found} >= {Signal.BURSTS, Signal.DEPARTURES}
    assert caught(found, N)[0] == ROBOTS
    assert all(one.objects["day"] == day(9) and one.objects["trust"] == "open" for one in found)


def test_slower_robots_in_straight_lines_are_found_day_by_day(city: list[Citizen]) -> None:
    found = look(city + robots(ROBOTS, 5, choose=ALWAYS_BEST, a_day=15))
    lines = [one for one in found if one.signal is Signal.STRAIGHT_LINES]
    attackers, honest = caught(lines, N)
    assert attackers > 0.8 * ROBOTS
    assert honest < 0.1 * attackers


@pytest.mark.parametrize("altered", [0.0, 0.4])
def test_pasted_ballots_are_found_however_they_are_spread(
    city: list[Citizen], altered: float
) -> None:
    [found] = look(city + pasted(ROBOTS, 3, altered=altered))
    assert (found.signal, len(found.members)) == (Signal.COPIES, ROBOTS)
    assert found.members.min() >= N


def test_the_name_of_a_copy_tells_its_answers_to_nobody_without_the_key() -> None:
    coded = ballots(pasted(50, 3))
    names = [scan(coded, key=key)[0].objects["copy"] for key in (b"one", b"other", b"one")]
    assert names[0] == names[2] != names[1]


@pytest.mark.parametrize("level", ["very_satisfied", "very_dissatisfied"])
def test_staff_who_rate_their_own_department_from_one_point_are_found(
    city: list[Citizen], level: str
) -> None:
    own = departments()[0]
    found = look(city + colleagues(60, 4, department=own, level=level))
    assert {one.signal for one in found} == {Signal.CONCENTRATION}
    assert {one.objects["department"] for one in found} == {own}
    assert {one.objects.get("point", "P3") for one in found} == {"P3"}
    attackers, honest = caught(found, N)
    assert (attackers, honest < 15) == (60, True)


def test_turning_every_scale_round_gives_the_same_findings(city: list[Citizen]) -> None:
    attacked = [
        *city,
        *robots(ROBOTS, 5, choose=FOND, a_day=ROBOTS),
        *pasted(60, 3, altered=0.4),
        *robots(60, 6, choose=ALWAYS_BEST, a_day=20),
        *colleagues(60, 4, department=departments()[0], level="very_satisfied"),
    ]
    found = look(attacked)
    assert {one.signal for one in found} == set(Signal)
    assert shown(look(mirrored(attacked))) == shown(found)


def test_satisfied_and_dissatisfied_stuffing_give_the_same_signals(city: list[Citizen]) -> None:
    praise, blame = (
        look(city + robots(ROBOTS, 5, choose=choose, a_day=50))
        for choose in (ALWAYS_BEST, ALWAYS_WORST)
    )
    alike = {Signal.STRAIGHT_LINES, Signal.BURSTS, Signal.COPIES}  # counts know no level at all
    assert shown([f for f in praise if f.signal in alike]) == shown(
        [f for f in blame if f.signal in alike]
    )
    assert {f.signal for f in praise} == {f.signal for f in blame}


def test_people_who_are_harsh_with_everybody_are_no_concentration(city: list[Citizen]) -> None:
    """A point's bent is usual among points; with one department it would stand out."""
    moved = clean(N, seed=12)
    found = look(moved)
    assert [one for one in found if "department" in one.objects] == []


def test_an_opening_day_that_lifts_all_streams_is_no_burst() -> None:
    generator = random.Random(3)
    plain = clean(400, seed=3)
    rush = [
        Citizen(one.answers, one.facts | {"day": day(0 if generator.random() < 0.4 else n % 28)})
        for n, one in enumerate(plain * 3)
    ]
    assert [one for one in look(rush) if one.signal is Signal.BURSTS] == []


def test_the_day_on_which_forms_are_keyed_is_no_burst() -> None:
    citizens = [Citizen(one.answers, PAPER | {"day": day(3)}) for one in clean(600, seed=4)]
    spread = [Citizen(one.answers, WEB | {"day": day(n % 20)}) for n, one in enumerate(citizens)]
    assert [f for f in look(citizens + spread[:400]) if f.signal is Signal.BURSTS] == []


def test_small_waves_are_left_alone() -> None:
    assert look([]) == []
    assert look(clean(3, seed=1)) == []


def test_ratings_are_coded_by_their_place_on_the_scale() -> None:
    first, second = departments()[:2]
    answers = {
        "ratings": {
            second: {"attitude": "very_satisfied", "efficiency": "dont_know", "results": "average"}
        },
        "overall": "dissatisfied",
        "change": "better",
        "sex": "female",
    }
    coded = ballots([Citizen(answers, WEB | {"day": day(0)})])
    ratings = coded.ratings[0]
    of_second = coded.items.departments == coded.items.codes.index(second)
    assert ratings[of_second].tolist() == [4, DOES_NOT_KNOW, UNRATED, 2]
    assert set(ratings[coded.items.departments == coded.items.codes.index(first)]) == {UNRATED}
    assert ratings[coded.items.departments == -1].tolist() == [1, 2]
    assert coded.items.levels[-2:].tolist() == [5, 3]


def test_differences_between_groups_are_estimated_though_some_are_attacked() -> None:
    generator = np.random.default_rng(1)
    variances = generator.uniform(0.5, 2.0, 4000)
    values = generator.normal(0, np.sqrt(variances + 3.0))
    values[:800] += 40
    honest = robust.standardised(values, variances)[800:]
    assert 0.7 < honest.std() < 1.05, "one fifth attacked hides itself only a little"
    assert robust.standardised(values[800:], variances[800:]).std() == pytest.approx(1, abs=0.04)


def test_few_groups_make_the_threshold_high() -> None:
    limits = [robust.threshold(n, known=n, sides=2) for n in (4, 10, 40)]
    assert limits == sorted(limits, reverse=True)
    assert robust.threshold(1000, known=1000, sides=1) == pytest.approx(4.26, abs=0.1)


def test_every_signal_declares_its_rule() -> None:
    assert set(PARAMETERS) == set(Signal)
    assert {one["false_alarms"] for one in PARAMETERS.values()} == {robust.FALSE_ALARMS}
