"""Disclosure control, attacked: what is hidden in a release can't be worked out from the rest."""

import dataclasses
from collections.abc import Sequence
from decimal import Decimal

import pytest

from app.domain.releases.disclosure import control, partners, revisions
from app.domain.releases.disclosure.hiding import ROUNDED
from app.domain.releases.document import Figures, IndexFigure
from tests.domain.releases.attacker import key_of, puzzle_of_n, puzzle_of_scores
from tests.support.figures import MINIMUM, Person, a_town, figures_of

SEEDS = range(8)
HALF = 0.5 - 1e-6
"""Of the numbers that a small cell can have for its reason alone, as many stay possible."""

LEAST_WIDTH = 20
"""Points of the index that must stay possible for the mean of a hidden small cell."""


def index(figures: Figures, department: str, **cell: str) -> IndexFigure:
    wanted = (department, cell.get("stratum", ""), cell.get("trust", ""))
    return next(one for one in figures.indices if key_of(one) == wanted)


def narrowest(seed: int) -> tuple[float, float]:
    """Attack a town's release; give the narrowest range found for an n and for a mean."""
    truth = figures_of(a_town(seed))
    published = control(truth)
    small = {
        key_of(one): one.n or 0
        for one in published_pairs(truth, published)
        if one.n is not None and 0 < one.n < MINIMUM
    }
    assert small, "the town has something to hide"
    n, scores = puzzle_of_n(published), puzzle_of_scores(published, truth)
    widths_n = []
    for key in small:
        low, high = n.range_of(key)
        room = min(MINIMUM - 2, n.bounds[key][1] - 1)  # 0: as many as took part at all
        widths_n.append((high - low) / room if room else 1.0)
    widths_mean = []
    for key, people in small.items():
        low, high = scores.range_of(key)
        widths_mean.append((high - low) / people)
    return min(widths_n), min(widths_mean)


def published_pairs(truth: Figures, published: Figures) -> list[IndexFigure]:
    hidden = {key_of(one) for one in published.indices if one.suppressed is not None}
    return [one for one in truth.indices if key_of(one) in hidden]


@pytest.mark.parametrize("seed", SEEDS)
def test_an_attacker_learns_no_more_than_that_a_cell_is_small(seed: int) -> None:
    width_n, width_mean = narrowest(seed)
    assert width_n >= HALF
    assert width_mean >= LEAST_WIDTH


def test_without_complementary_suppression_the_attacker_wins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(partners, "_is_safe", lambda *_: True)
    found = [narrowest(seed) for seed in SEEDS]
    assert min(n for n, _ in found) == 0, "an n is determined"
    assert min(mean for _, mean in found) < 1, "a mean of few people is determined"


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_shown_rests_on_few_people(seed: int) -> None:
    truth = figures_of(a_town(seed))
    published = control(truth)
    n = {key_of(one): one.n or 0 for one in truth.indices}
    for one in published.indices:
        if one.suppressed is None:
            assert n[key_of(one)] >= MINIMUM or n[key_of(one)] == 0
        else:
            assert {one.n, one.value, one.interval, one.unweighted, one.dont_know} == {None}
            assert (one.flags, {part.value for part in one.parts}) == ((), {None})
    for item in published.distributions:
        assert item.suppressed is not None or (item.n or 0) >= MINIMUM
    hidden = {
        one.department
        for one in published.indices
        if one.value is None and one.n is None and one.stratum is None and one.trust is None
    }
    assert not hidden & {place.department for place in published.ranking}


def without(people: Sequence[Person], *numbers: int) -> list[Person]:
    """Set answers aside."""
    return [
        dataclasses.replace(one, set_aside=one.set_aside or number in numbers)
        for number, one in enumerate(people)
    ]


def groups(people: Sequence[Person], published: Figures) -> dict[tuple[str, ...], set[int]]:
    """Who is behind every exact index that is shown or left over by subtraction."""
    found: dict[tuple[str, ...], set[int]] = {}
    for whole in published.indices:
        if whole.stratum or whole.trust or whole.value is None or ROUNDED in whole.flags:
            continue
        mine = [one for one in published.indices if one.department == whole.department]
        found[key_of(whole)] = members(people, whole)
        if whole.with_set_aside is not None:
            found[whole.department, "with set aside", ""] = members(people, whole, aside=True)
        for by in ("stratum", "trust"):
            shown = [one for one in mine if getattr(one, by) and one.value is not None]
            cells = {key_of(one): members(people, one) for one in shown}
            left = found[key_of(whole)].difference(*cells.values())
            found |= cells | ({(whole.department, "left over", by): left} if left else {})
    return found


def members(people: Sequence[Person], cell: IndexFigure, *, aside: bool = False) -> set[int]:
    return {
        number
        for number, one in enumerate(people)
        if cell.department in one.levels
        and (aside or not one.set_aside)
        and cell.stratum in (None, one.stratum)
        and cell.trust in (None, one.trust)
    }


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("n", [1, 7, 60])
def test_no_two_releases_differ_by_few_people(seed: int, n: int) -> None:
    """Three releases: as counted, with n answers set aside, with the last of them restored."""
    people = a_town(seed, n=400)
    stages = [people, without(people, *range(n)), without(people, *range(n - 1))]
    published: list[Figures] = []
    for stage in stages:
        published.append(control(figures_of(stage), published))
    behind = [groups(stage, one) for stage, one in zip(stages, published, strict=True)]
    exact = [
        first[mine] ^ second[theirs]
        for place, first in enumerate(behind)
        for second in behind[place + 1 :]
        for mine in first
        for theirs in second
        if mine[0] == theirs[0] and comparable(mine, theirs)
    ]
    assert exact or n == 7, "something is published more than once"
    assert not [one for one in exact if 0 < len(one) < MINIMUM]


def comparable(mine: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Compare a group with itself, and a whole with the whole that counts what was set aside."""
    return mine == theirs or {mine[1:], theirs[1:]} <= {("", ""), ("with set aside", "")}


def score_range(then: IndexFigure, now: IndexFigure, spread: float) -> float:
    """How far the mean score of those set aside can lie, by the two published indices."""
    assert then.n
    assert now.n
    assert then.value is not None
    assert now.value is not None
    gone = then.n - now.n
    middle = float(then.n * then.value - now.n * now.value) / gone
    half = now.n * spread / 2 / gone
    return min(100.0, middle + half) - max(0.0, middle - half)


@pytest.mark.parametrize("seed", range(4))
def test_a_correction_by_one_answer_is_possible_and_does_not_give_it_away(seed: int) -> None:
    people = a_town(seed, n=2000, rated=0.9)
    first = control(figures_of(people))
    then = control(figures_of(without(people, 0)), [first])
    for department in (f"D{k}" for k in range(6)):
        old, new = index(first, department), index(then, department)
        if department not in people[0].levels:
            assert (new.n, new.value) == (old.n, old.value)
            continue
        assert ROUNDED in new.flags
        exact = index(figures_of(without(people, 0)), department)
        step = revisions.rounding_step(exact, [old], MINIMUM)
        assert step
        assert step <= Decimal(1)
        assert score_range(old, new, float(step)) >= 50
        assert score_range(old, exact, 0.0001) < 1, "unrounded, the answer would be known"
        assert new.interval
        assert exact.interval
        assert new.interval.low <= exact.interval.low < exact.interval.high <= new.interval.high


def test_a_correction_by_many_answers_is_exact() -> None:
    people = a_town(1, n=600, rated=0.9)
    first = control(figures_of(people))
    exact = figures_of(without(people, *range(200)))
    then = control(exact, [first])
    for k in range(1, 6):
        assert index(then, f"D{k}").value == index(exact, f"D{k}").value


def test_the_same_answers_again_give_the_same_release() -> None:
    truth = figures_of(a_town(2))
    first = control(truth)
    assert control(truth, [first]) == first


def test_what_was_hidden_stays_hidden() -> None:
    """Later forms fill a small stratum; its earlier partner would still give it away."""
    people = a_town(3)
    first = control(figures_of(people))
    more = [*people, *(dataclasses.replace(one, stratum="s3") for one in a_town(9, n=150))]
    alone, after = control(figures_of(more)), control(figures_of(more), [first])
    cells = [key_of(one) for one in first.indices if one.suppressed and one.stratum]
    shown = {key_of(one) for one in alone.indices if one.suppressed is None}
    assert shown & set(cells), "by itself the second release would show them"
    assert all(one.suppressed for one in after.indices if key_of(one) in cells)


def test_few_answers_set_aside_are_not_shown_beside_the_index() -> None:
    people = a_town(1, n=400, rated=0.9)
    for n, shown in ((5, False), (200, True)):
        one = index(control(figures_of(without(people, *range(n)))), "D5")
        assert (one.with_set_aside is not None) is shown


def test_where_one_item_has_few_answers_no_item_is_shown() -> None:
    truth = figures_of(a_town(1, n=400, rated=0.9))
    items = list(truth.distributions)
    place = next(i for i, item in enumerate(items) if item.department == "D5")
    items[place] = items[place].model_copy(update={"n": 3})
    published = control(truth.model_copy(update={"distributions": tuple(items)}))
    assert {item.suppressed for item in published.distributions if item.department == "D5"} == {
        "minimum-n"
    }
    assert index(published, "D5").value is not None
    assert {part.value for part in index(published, "D5").parts} == {None}
    assert {item.suppressed for item in published.distributions if item.department == "D4"} == {
        None
    }


def test_places_are_counted_among_those_shown() -> None:
    truth = figures_of(a_town(5, n=50))
    published = control(truth)
    shown = [one for one in published.indices if not one.stratum and not one.trust and one.value]
    assert 1 < len(shown) < 6
    ranks = {place.department: place.rank for place in published.ranking}
    assert sorted(ranks.values()) == list(range(1, len(shown) + 1))
    best = max(shown, key=lambda one: one.value or 0)
    assert ranks[best.department] == 1
    for place in published.ranking:
        assert place.best <= place.rank <= place.worst <= len(shown)
        assert set(place.like) <= set(ranks)


def test_hidden_cells_of_known_size_need_a_partner_too() -> None:
    """Two people answered on paper, one in each stratum, as the counts say: no n to protect."""
    cells = [
        partners.Cell(1, 1, "minimum-n"),
        partners.Cell(1, 1, "minimum-n"),
        partners.Cell(40, 60),
    ]
    assert partners.add_partners(cells, MINIMUM)[2] == "complementary"


def test_the_smallest_partner_that_is_enough_is_taken() -> None:
    cells = [partners.Cell(n, 500) for n in (300, 12, 40)]
    reasons = partners.add_partners([partners.Cell(4, 500, "minimum-n"), *cells], MINIMUM)
    assert reasons == ["minimum-n", None, None, "complementary"]
