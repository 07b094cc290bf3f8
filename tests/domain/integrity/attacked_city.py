"""A synthetic city's ballots, clean or attacked: which response is whose, only the tests know.

Clean: residents of Shenzhen 2010 with opinions of their own (`SyntheticCity`) by web and kiosk over
a month that opens with a rush, and on paper at points with interviewers, each with a bent of its
own; some citizens answer in straight lines.
"""

import dataclasses
import datetime
import json
import random
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from app.domain.integrity.ballots import FACTS, Ballot, Ballots, read_ballots
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.model import DONT_KNOW
from app.domain.questionnaires.parsing import parse_definition
from app.domain.questionnaires.synthetic import synthetic_answers
from app.domain.questionnaires.synthetic_city import SyntheticCity
from app.store.definitions import read_folder

SHENZHEN = Path("survey_definitions/shenzhen-2010")
FIRST_DAY = datetime.date(2010, 12, 1)
DAYS = range(31)
RUSH = [5, 4, 3, 2, 2, 1.5, 1.5] + [1] * 8 + [3, 2] + [1] * 14
"""How many answer on each day, compared: the opening, and a reminder on the 16th."""
STRAIGHT_SHARE = 0.04
ONLINE, SAMPLED = "online-residents", "sampled-residents"
WEB = {"respondent_class": ONLINE, "mode": "web", "trust": "open"}
VERIFIED = {"respondent_class": ONLINE, "mode": "web", "trust": "verified"}
KIOSK = {"respondent_class": ONLINE, "mode": "kiosk", "trust": "invited"}
PAPER = {"respondent_class": SAMPLED, "mode": "paper", "trust": "fieldwork"}

Answers = dict[str, Any]
Told = dict[str, str]


@dataclasses.dataclass(frozen=True)
class Citizen:
    """What somebody answers, and the facts stored with it."""

    answers: Answers
    facts: Told


@cache
def shenzhen() -> SurveyDefinition:
    return parse_definition(read_folder(SHENZHEN))


@cache
def departments() -> tuple[str, ...]:
    return tuple(one.code for one in shenzhen().departments.departments)


LEVELS = ("very_dissatisfied", "dissatisfied", "average", "satisfied", "very_satisfied")
ASPECTS = ("attitude", "efficiency", "lawfulness", "results")


def clean(n: int, seed: int) -> list[Citizen]:
    """Give n citizens: half by web, a fifth there with identity, others at kiosks or on paper."""
    generator = random.Random(seed)
    city = SyntheticCity(shenzhen(), generator)
    bent = {f"I{number}": generator.gauss(0, 0.03) for number in range(20)}
    return [_citizen(city, bent, generator) for _ in range(n)]


def _citizen(city: SyntheticCity, bent: dict[str, float], generator: random.Random) -> Citizen:
    [told] = generator.choices([WEB, VERIFIED, KIOSK, PAPER], [50, 20, 10, 20])
    facts = told | {"day": day(generator.choices(DAYS, RUSH)[0])}
    moved = 0.0
    offered: Sequence[str] = departments()
    if told is PAPER:
        interviewer = generator.randrange(20)
        facts |= {"point": f"P{interviewer % 10}", "interviewer": f"I{interviewer}"}
        moved = bent[facts["interviewer"]]
        offered = generator.sample(offered, 4)
    resident = city.resident(generator)
    answers = synthetic_answers(
        city.definition,
        told["respondent_class"],
        offered,
        opinion=lambda department: city.opinion(resident, department) + moved,
        facts=resident.facts,
        generator=generator,
    )
    if generator.random() < STRAIGHT_SHARE:
        usual = generator.choices(LEVELS, [1, 2, 8, 14, 4])[0]
        answers["ratings"] = one_level(answers["ratings"], usual)
    return Citizen(answers, facts)


def day(number: int) -> str:
    return (FIRST_DAY + datetime.timedelta(days=number)).isoformat()


def one_level(rated: Sequence[str] | Answers, level: str) -> Answers:
    return {department: dict.fromkeys(ASPECTS, level) for department in rated}


def robots(
    n: int, seed: int, *, choose: Callable[[random.Random], str], a_day: int, rated: int = 10
) -> list[Citizen]:
    """Robots that answer the e-poll, so many a day from the tenth day on, each level by chance."""
    generator = random.Random(seed)
    return [
        Citizen(
            {
                "ratings": {
                    department: {aspect: choose(generator) for aspect in ASPECTS}
                    for department in generator.sample(departments(), rated)
                }
            },
            WEB | {"day": day(9 + number // a_day)},
        )
        for number in range(n)
    ]


def pasted(n: int, seed: int, *, altered: float = 0.0) -> list[Citizen]:
    """One plausible ballot pasted n times over the whole month; some with one answer altered."""
    generator = random.Random(seed)
    likely = partial_choice([1, 2, 5, 9, 4])
    four = generator.sample(departments(), 4)
    ballot = {d: {aspect: likely(generator) for aspect in ASPECTS} for d in four}
    found = []
    for _ in range(n):
        own = {department: dict(rated) for department, rated in ballot.items()}
        if generator.random() < altered:
            own[generator.choice(four)][generator.choice(ASPECTS)] = likely(generator)
        facts = WEB | {"day": day(generator.choices(DAYS, RUSH)[0])}
        found.append(Citizen({"ratings": own}, facts))
    return found


def colleagues(n: int, seed: int, *, department: str, level: str) -> list[Citizen]:
    """Staff who rate their own department at one survey point's forms, and others as they like."""
    generator = random.Random(seed)
    likely = partial_choice([1, 2, 5, 9, 4])
    facts = PAPER | {"day": day(5), "point": "P3", "interviewer": "I3"}
    found = []
    for _ in range(n):
        others = generator.sample([one for one in departments() if one != department], 3)
        rated = {d: {aspect: likely(generator) for aspect in ASPECTS} for d in others}
        found.append(Citizen({"ratings": rated | one_level([department], level)}, facts))
    return found


def partial_choice(weights: Sequence[float]) -> Callable[[random.Random], str]:
    """Make a way to choose levels, from the worst to the best."""
    return lambda generator: generator.choices(LEVELS, weights)[0]


def ballots(citizens: Sequence[Citizen], definition: SurveyDefinition | None = None) -> Ballots:
    """Code citizens' answers as a scan does; ids are their places."""
    return read_ballots(
        definition or shenzhen(),
        (
            Ballot(
                number.to_bytes(16),
                [one.facts.get(fact, "") for fact in FACTS],
                json.dumps({"answers": one.answers, "offered": []}),
            )
            for number, one in enumerate(citizens)
        ),
    )


def mirrored(citizens: Sequence[Citizen]) -> list[Citizen]:
    """Turn every scale round: very satisfied becomes very dissatisfied, and so on."""
    return [dataclasses.replace(one, answers=_mirrored(one.answers)) for one in citizens]


def _mirrored(answers: Answers) -> Answers:
    turned = dict(answers)
    for question in shenzhen().questionnaire.questions():
        value = answers.get(question.code)
        if value is None or not hasattr(question, "scale"):
            continue
        codes = [level.code for level in shenzhen().questionnaire.scales[question.scale].levels]
        other = dict(zip(codes, reversed(codes), strict=True)) | {DONT_KNOW: DONT_KNOW}
        turned[question.code] = (
            other[value]
            if isinstance(value, str)
            else {d: {a: other[v] for a, v in rated.items()} for d, rated in value.items()}
        )
    return turned
