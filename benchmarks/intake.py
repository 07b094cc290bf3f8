"""Intake through the whole real path, against two floors measured in the same run.

    .venv/bin/python -m benchmarks.intake [--database postgresql] [--seconds 5] [--rounds 5]

Minyi is `python -m app serve` with an open wave of Shenzhen 2010; each submission has 25 answers
and a permit of its own: minted beforehand (looked up and spent) or signed for a device. A
questionnaire on paged forms is six posts: five pages, each durably saved, and the sending. The
floors are in `benchmarks/floors.py`. Server, database and load share the machine; every 2xx is
durable. All take turns in every round, each for as long as all others, since a short burst is
faster than what can be kept up. A ratio is taken within a round, and of all figures the median
round is told. Each program runs with the number of workers that was best in a trial. At the end
participation must say what was acknowledged.
"""

import argparse
import asyncio
import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice

from benchmarks import floors
from benchmarks.load import Outcome, Script, run
from benchmarks.support import campaign
from benchmarks.support.campaign import Citizens, form_scripts, json_scripts
from benchmarks.support.report import Row, options_of, parser_of, tell
from benchmarks.support.servers import Server, Store, minyi, serving, store

FASTEST = {"minyi": 4000, "plain": 16_000, "raw": 40_000}
"""More than each can take in a second: so much is made ready."""
FLOORS = ("plain", "raw")
FLOOR_SCRIPTS = 1000
"""A floor knows no permits, so that a few submissions can be sent to it again and again."""
WORKERS = {"postgresql": (1, 2), "sqlite": (1,)}
TRIALS = 2
CROWD = 1000
JSON, OPEN, FORM = "JSON", "JSON, open permit", "forms"
ACKNOWLEDGED = {JSON: 201, OPEN: 201, FORM: 303}
"""By which status the last request of a script says that the response is stored."""


# Contenders -----------------------------------------------------------------------------------


@dataclass
class Contender:
    """A running program with its database, and the requests not yet sent to it."""

    name: str
    workers: int
    server: Server
    url: str
    stocks: Mapping[str, Iterator[Script]]
    acknowledged: int = 0
    lost: int = 0


@dataclass(frozen=True)
class Measurement:
    """One load on one contender: what came of it, and the processor time it took."""

    outcome: Outcome
    application: float
    database: float

    def each(self, seconds: float) -> float:
        """Milliseconds by accepted request."""
        return 1000 * seconds / max(1, self.outcome.accepted.n)


Turn = tuple[str, str, int]
"""Who, what, on how many connections."""


@dataclass
class Contest:
    """All contenders on one kind of database, and what has been measured."""

    place: Store
    seconds: float
    contenders: list[Contender]
    trials: list[tuple[Contender, float]] = field(default_factory=list)
    found: dict[Turn, list[Measurement]] = field(default_factory=dict)

    def one(self, contender: Contender, shape: str, connections: int) -> Measurement:
        """Put a load on a contender while the others rest."""
        number = number_of(self.seconds, contender.name, shape)
        once_each = contender.name == "minyi"
        scripts = list(islice(contender.stocks[shape], number if once_each else FLOOR_SCRIPTS))
        self.place.settle()
        application, database = contender.server.seconds(), self.place.seconds()
        outcome = run(
            contender.server.port,
            scripts,
            connections=connections,
            seconds=self.seconds,
            times=number,
            patient=True,
        )
        application = contender.server.seconds() - application
        database = self.place.seconds() - database
        contender.acknowledged += outcome.answered(ACKNOWLEDGED[shape])
        contender.lost += outcome.lost
        return Measurement(outcome, application, database)

    def keep_the_best(self) -> None:
        """Try each program with each number of workers; the fastest stay in the contest."""
        for contender in self.contenders:
            shape = OPEN if contender.name == "minyi" else JSON
            rates = [self.one(contender, shape, 64).outcome.rate for _ in range(TRIALS)]
            self.trials.append((contender, max(rates)))
        ordered = sorted(self.trials, key=lambda trial: trial[1])
        self.best = {contender.name: contender for contender, _ in ordered}

    def round(self) -> None:
        """Measure everything once."""
        for turn in TURNS:
            self.found.setdefault(turn, []).append(self.one(self.best[turn[0]], *turn[1:]))

    def check(self) -> None:
        """Exit unless everything acknowledged is stored, and nothing else, and is counted."""
        for one in self.contenders:
            if one.name == "minyi":
                continue
            rows, counts = floors.stored(one.url)
            _require(one.name, one.acknowledged, one.lost, rows)
            if one.name == "plain":
                _require(one.name, rows, 0, counts)
        ours = [one for one in self.contenders if one.name == "minyi"]
        acknowledged, lost = sum(one.acknowledged for one in ours), sum(one.lost for one in ours)
        _require("minyi", acknowledged, lost, asyncio.run(campaign.counted(ours[0].url)))


TURNS: tuple[Turn, ...] = (
    *((name, JSON, 64) for name in (*FLOORS, "minyi")),
    ("minyi", OPEN, 64),
    ("minyi", FORM, 64),
    *((name, JSON, CROWD) for name in FLOORS),
    ("minyi", OPEN, CROWD),
    ("minyi", FORM, CROWD),
)


def number_of(seconds: float, name: str, shape: str) -> int:
    """How many scripts are more than can be sent in this time."""
    posts = len(campaign.STEPS) if shape == FORM else 1
    return math.ceil(FASTEST[name] * seconds / posts)


def _require(name: str, acknowledged: int, lost: int, stored: int) -> None:
    if not acknowledged <= stored <= acknowledged + lost:
        raise SystemExit(f"{name} acknowledged {acknowledged} (lost {lost}), stored {stored}")


# Who takes part -------------------------------------------------------------------------------


@contextmanager
def contenders(place: Store, seconds: float, rounds: int) -> Iterator[list[Contender]]:
    """Run every program with every number of workers."""
    with ExitStack() as running:
        url = place.database("minyi")
        asyncio.run(campaign.prepare(url))
        citizens = Citizens(asyncio.run(campaign.definition_of(url)))
        found = list(_minyi(running, place, url, _stocks(url, citizens, seconds, rounds)))
        some = list(json_scripts(campaign.open_permits(FLOOR_SCRIPTS, seed=0), citizens))
        for name in FLOORS:
            for workers in WORKERS[place.kind]:
                found.append(_floor(running, place, name, workers, some))
        yield found


def _minyi(
    running: ExitStack, place: Store, url: str, stocks: dict[str, Iterator[Script]]
) -> Iterator[Contender]:
    environment = minyi(campaign.settings_for(url))
    for workers in WORKERS[place.kind]:
        server = running.enter_context(serving(["app", "serve"], workers, environment))
        yield Contender("minyi", workers, server, url, stocks)


def _stocks(
    url: str, citizens: Citizens, seconds: float, rounds: int
) -> dict[str, Iterator[Script]]:
    """Requests for the whole contest, each with a permit of its own."""
    turns = [turn[1] for turn in TURNS if turn[0] == "minyi"] * rounds
    times = Counter([*turns, *[OPEN] * TRIALS * max(map(len, WORKERS.values()))])
    needed = {shape: n * number_of(seconds, "minyi", shape) for shape, n in times.items()}
    minted = iter(asyncio.run(campaign.invited_permits(url, needed[JSON] + needed[FORM])))
    return {
        FORM: form_scripts(list(islice(minted, needed[FORM])), citizens),
        JSON: json_scripts(list(minted), citizens),
        OPEN: json_scripts(campaign.open_permits(needed[OPEN], seed=1), citizens),
    }


def _floor(
    running: ExitStack, place: Store, name: str, workers: int, some: Sequence[Script]
) -> Contender:
    url = place.database(f"{name}-{workers}")
    floors.prepare(url)
    server = running.enter_context(
        serving(["benchmarks.floors", name], workers, {"FLOOR_DATABASE": url})
    )
    return Contender(name, workers, server, url, {JSON: cycle(some)})


# The report -----------------------------------------------------------------------------------


def rows_of(contest: Contest) -> list[Row]:
    """A row for each thing measured, with the medians of the rounds."""
    return [_row(contest, turn, found) for turn, found in contest.found.items()]


def _row(contest: Contest, turn: Turn, found: list[Measurement]) -> Row:
    name, shape, connections = turn
    latencies = [one.outcome.accepted for one in found]
    return {
        "database": contest.place.kind,
        "program": f"{name} × {contest.best[name].workers}",
        "what": shape,
        "connections": connections,
        "accepted/s": round(_median(found, lambda one: one.outcome.rate)),
        **{f"÷ {floor}": _ratio(contest, turn, (floor, JSON, connections)) for floor in FLOORS},
        "p50 ms": round(statistics.median(one.p50 for one in latencies), 1),
        "p95 ms": round(statistics.median(one.p95 for one in latencies), 1),
        "p99 ms": round(statistics.median(one.p99 for one in latencies), 1),
        "CPU ms: application": round(_median(found, lambda one: one.each(one.application)), 3),
        "PostgreSQL": round(_median(found, lambda one: one.each(one.database)), 3),
        "load": round(_median(found, lambda one: one.each(one.outcome.processor_seconds)), 3),
        "refused": sum(one.outcome.refused for one in found),
    }


def _median(found: list[Measurement], of: Callable[[Measurement], float]) -> float:
    return statistics.median(of(one) for one in found)


def _ratio(contest: Contest, turn: Turn, to: Turn) -> float:
    """The median of the rounds' ratios."""
    pairs = zip(contest.found[turn], contest.found[to], strict=True)
    return round(
        statistics.median(ours.outcome.rate / floor.outcome.rate for ours, floor in pairs), 2
    )


def trials_of(contest: Contest) -> list[Row]:
    """How each program did with each number of workers, before the contest."""
    return [
        {
            "database": contest.place.kind,
            "program": f"{contender.name} × {contender.workers}",
            "accepted/s": round(rate),
        }
        for contender, rate in contest.trials
    ]


def demands_of(contest: Contest) -> list[Row]:
    """What issue and users ask for, in one line each."""
    whole = [len(one.outcome.finished) / one.outcome.seconds for one in _of(contest, FORM, 64)]
    crowd = ("minyi", OPEN, CROWD), ("minyi", OPEN, 64)
    crowded_forms = ("minyi", FORM, CROWD), ("minyi", FORM, 64)
    ratings = campaign.STEPS.index("ratings")
    slowest = [one.outcome.steps[ratings]["303"].p99 for one in _of(contest, FORM, 64)]
    every = {
        "JSON at 1,000 connections ÷ at 64": _ratio(contest, *crowd),
        "forms at 1,000 connections ÷ at 64": _ratio(contest, *crowded_forms),
        "post of a form ÷ of JSON": _ratio(contest, ("minyi", FORM, 64), ("minyi", JSON, 64)),
        "whole questionnaires on forms /s": round(statistics.median(whole)),
        "p99 of saving a page of 16 ratings, ms": round(statistics.median(slowest), 1),
    }
    kind = contest.place.kind
    return [{"database": kind, "what": name, "found": value} for name, value in every.items()]


def _of(contest: Contest, shape: str, connections: int) -> list[Measurement]:
    return contest.found["minyi", shape, connections]


def main() -> None:
    """Hold the contest on each database and tell."""
    parser = parser_of(__doc__, rounds=5)
    parser.add_argument("--seconds", type=float, default=5, help="for which each load lasts")
    given = options_of(parser)
    tables: dict[str, list[Row]] = {"Intake": [], "Compared": [], "Trial": []}
    for kind in given.database:
        contest = hold(kind, given)
        tables["Intake"] += rows_of(contest)
        tables["Compared"] += demands_of(contest)
        tables["Trial"] += trials_of(contest)
    tell("intake", tables, given)


def hold(kind: str, given: argparse.Namespace) -> Contest:
    """Measure all rounds on one kind of database, and check what was stored."""
    with (
        store(kind, given.folder) as place,
        contenders(place, given.seconds, given.rounds) as every,
    ):
        contest = Contest(place, given.seconds, every)
        contest.keep_the_best()
        for _ in range(given.rounds):
            contest.round()
        contest.check()
        return contest


if __name__ == "__main__":
    main()
