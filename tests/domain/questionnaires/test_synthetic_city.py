"""The synthetic city: its truth is what its residents answer on average."""

import random
from collections import Counter
from functools import partial
from pathlib import Path
from statistics import fmean

import pytest

from app.domain.questionnaires.parsing import parse_definition
from app.domain.questionnaires.synthetic import synthetic_answers
from app.domain.questionnaires.synthetic_city import SyntheticCity
from app.store.definitions import read_folder

SHENZHEN = Path("survey_definitions/shenzhen-2010")
PEOPLE = 4000


@pytest.fixture(scope="module")
def city() -> SyntheticCity:
    return SyntheticCity(parse_definition(read_folder(SHENZHEN)), random.Random(7))


def test_the_truth_is_the_mean_of_everybodys_scores(city: SyntheticCity) -> None:
    scale = city.definition.questionnaire.scales["satisfaction"]
    scores = scale.scores()
    generator = random.Random(1)
    two = [min(city.levels, key=city.levels.get), max(city.levels, key=city.levels.get)]
    given: dict[str, list[float]] = {code: [] for code in two}
    for _ in range(PEOPLE):
        who = city.resident(generator)
        sheet = synthetic_answers(
            city.definition,
            "sampled-residents",
            two,
            opinion=partial(city.opinion, who),
            facts=who.facts,
            generator=generator,
        )
        for code in two:
            given[code] += [scores[x] for x in sheet["ratings"][code].values() if x in scores]
    truth = city.truth(scale)
    for code in two:
        assert fmean(given[code]) == pytest.approx(truth[code], abs=1.5)
    assert truth[two[1]] - truth[two[0]] > 20


def test_residents_are_those_of_the_margins(city: SyntheticCity) -> None:
    generator = random.Random(2)
    ages = Counter(city.resident(generator).facts["age"] for _ in range(PEOPLE))
    totals = city.margins["age"]
    for code, total in totals.items():
        assert ages[code] / PEOPLE == pytest.approx(total / sum(totals.values()), abs=0.025)


def test_somebody_among_some_is_one_of_them(city: SyntheticCity) -> None:
    found = {
        city.resident(random.Random(n), among={"district": ["luohu", "yantian"]}).facts["district"]
        for n in range(50)
    }
    assert found == {"luohu", "yantian"}
