"""The figures of small surveys, worked out by hand, and of a city whose truth is known."""

import dataclasses
import datetime
import random
from collections.abc import Mapping
from decimal import Decimal

import numpy as np

from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.parsing import parse_definition
from app.domain.releases.document import Figures, IndexFigure
from app.domain.releases.figures import HandedOut, read_tables
from app.domain.releases.response_rows import ResponseRow
from app.store.definitions import read_folder
from tests.support.responses import DECEMBER, City, definition_in, figures_of, response
from tests.support.surveys import TOWN

INDEX = """
dimensions:
  - code: rating
    name: {zh: 评价, en: Rating}
    weight: 1
    items: [{question: rating, aspect: attitude}]
"""


def town(index: str = INDEX) -> SurveyDefinition:
    """The town with an index; its residents rate three departments on one aspect."""
    return parse_definition(read_folder(TOWN) | {"index.yaml": index})


def says(number: int, ratings: Mapping[str, str], **facts: str) -> ResponseRow:
    """A resident rates some of the departments, of which all were offered."""
    answers = {"sex": "female", "rating": {d: {"attitude": a} for d, a in ratings.items()}}
    offered = ["D01", "D02", "D03"]
    return response("residents", answers, offered, number.to_bytes(4), **facts)


def whole(figures: Figures, department: str, source: str = "residents/web") -> IndexFigure:
    """The department's figure over the whole source."""
    [found] = [
        one
        for one in figures.indices
        if (one.source, one.department, one.stratum, one.trust) == (source, department, None, None)
    ]
    return found


def test_an_index_by_hand() -> None:
    levels = ["very_satisfied", "satisfied", "neutral", "dont_know"]
    rows = [says(at, {"D01": level}) for at, level in enumerate(levels)]
    figures = figures_of(town(), [*rows, says(4, {})])
    found = whole(figures, "D01")
    assert (found.n, found.dont_know, found.missing) == (3, 1, 1)
    assert (found.value, found.unweighted) == (Decimal("75.0000"), Decimal("75.0000"))
    # n/(n−1) Σ z² with z = (25, 0, −25, 0, 0)/3 and n = 5
    assert found.standard_error == Decimal("13.1762")
    assert found.flags == ("too-few-respondents", "imprecise")
    assert whole(figures, "D02").value is None
    assert (whole(figures, "D02").n, whole(figures, "D02").missing) == (0, 5)
    spread = figures.distributions[0]
    assert [share.share for share in spread.shares] == [Decimal("0.333333")] * 3 + [Decimal(0)] * 2
    assert (spread.n, spread.dont_know) == (3, Decimal("0.250000"))


def test_duplicates_never_count_and_set_aside_only_in_the_figure_beside() -> None:
    good = [says(at, {"D01": "very_satisfied"}) for at in range(9)]
    rows = [
        *good,
        says(9, {"D01": "very_dissatisfied"}, status="set_aside"),
        says(10, {"D01": "very_dissatisfied"}, status="duplicate"),
        says(11, {"D02": "satisfied"}),
    ]
    figures = figures_of(town(), rows)
    found = whole(figures, "D01")
    assert (found.n, found.value) == (9, Decimal("100.0000"))
    assert found.with_set_aside is not None
    assert (found.with_set_aside.n, found.with_set_aside.value) == (10, Decimal("90.0000"))
    assert whole(figures, "D02").with_set_aside is None


def test_counts_balance_and_include_what_never_became_a_response() -> None:
    rows = [says(at, {}, status=s) for at, s in enumerate(["counted", "duplicate", "set_aside"])]
    forms = ("residents", "paper", "fieldwork")
    figures = figures_of(town(), rows, {forms: HandedOut(distributed=7, void=2)})
    paper, web = figures.counts
    assert (paper.distributed, paper.returned, paper.valid, paper.void) == (7, 2, 0, 2)
    assert (web.distributed, web.returned) == (None, 3)
    assert web.returned == web.valid + web.duplicate + web.set_aside + web.void


def test_trust_levels_are_shown_apart_where_there_are_several() -> None:
    rows = [says(at, {"D01": "satisfied"}) for at in range(3)]
    rows.append(says(3, {"D01": "neutral"}, trust="invited"))
    found = [one for one in figures_of(town(), rows).indices if one.department == "D01"]
    assert [(one.trust, one.n, one.value) for one in found] == [
        (None, 4, Decimal("68.7500")),
        ("open", 3, Decimal("75.0000")),
        ("invited", 1, Decimal("50.0000")),
    ]


def test_modes_not_named_are_a_source_of_their_own() -> None:
    definition = definition_in("shenzhen-2010")
    assert definition.index is not None
    [paper, _] = definition.index.weighting
    index = definition.index.model_copy(update={"weighting": [paper]})
    city = City(definition, seed=4)
    figures = figures_of(
        definition.model_copy(update={"index": index}), [city.poll() for _ in range(12)]
    )
    [source] = figures.sources
    assert (source.code, source.kind) == ("online-residents/web+kiosk", "self-selected")
    assert [step.step for step in source.steps] == ["base"]
    assert {one.missing for one in figures.indices} == {0}, "who is not chosen is not missing"


def test_a_poll_of_fewer_than_the_minimum_is_not_calibrated() -> None:
    definition = definition_in("shenzhen-2010")
    city = City(definition, seed=4)
    [source] = figures_of(definition, [city.poll() for _ in range(9)]).sources
    assert source.notes[0] == "Fewer than 10 answers: not calibrated."


def test_nobody_answered_at_all() -> None:
    figures = figures_of(definition_in("shenzhen-2010"), [])
    assert (figures.sources, figures.indices, figures.ranking) == ((), (), ())


def test_a_continuous_survey_counts_the_days_of_the_period() -> None:
    definition = definition_in("service-window")
    [audience] = definition.audience.classes
    department = definition.departments.departments[0].code
    rows = [
        response(audience.code, {}, [department], bytes([day]))._replace(
            received_on=datetime.date(2010, month, day)
        )
        for month, day in [(11, 30), (12, 1), (12, 31)]
    ]
    [counted] = figures_of(definition, rows).counts
    assert counted.returned == 2


def test_the_truth_is_recovered_from_sample_and_poll() -> None:
    """The poll draws the young and those born here; the margins put that right."""
    definition = definition_in("shenzhen-2010")
    city = City(definition, seed=11)
    rows = [*(city.paper() for _ in range(800)), *(city.poll() for _ in range(500))]
    figures = figures_of(definition, rows)
    for source in ("sampled-residents/paper", "online-residents/web+kiosk"):
        held = 0
        for code, truth in city.truth.items():
            interval = whole(figures, code, source).interval
            assert interval is not None
            held += float(interval.low) <= truth <= float(interval.high)
        assert held >= 35, f"{source}: {held} of 40 intervals hold the truth"


def test_tables_do_not_depend_on_the_order_of_reading() -> None:
    """Rows, ratings and the numbers of patterns: so every sum over them has one order."""
    definition = definition_in("shenzhen-2010")
    city = City(definition, seed=5)
    rows = [city.poll() for _ in range(60)]
    shuffled = random.Random(1).sample(rows, len(rows))
    first, second = (
        read_tables(definition, DECEMBER, [some])["online-residents"] for some in (rows, shuffled)
    )
    for field in dataclasses.fields(first):
        one, other = getattr(first, field.name), getattr(second, field.name)
        if isinstance(one, np.ndarray):
            assert np.array_equal(one, other), field.name
    assert first.choices.keys() == {"sex", "age", "residency", "district"}
    assert all(np.array_equal(first.choices[q], second.choices[q]) for q in first.choices)


def test_a_city_of_answers_alike_is_no_certainty() -> None:
    rows = [says(at, {"D01": "satisfied"}) for at in range(40)]
    found = whole(figures_of(town(), rows), "D01")
    assert (found.value, found.standard_error) == (Decimal("75.0000"), Decimal("0.0000"))
    assert found.interval is None
