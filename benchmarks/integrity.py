"""How often signals find an attack, and how often they find one where there is none.

`python -m benchmarks.integrity` prints the tables of docs/integrity.md; a minute for each hundred
thousand responses invented, about ten in all.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from app.domain.integrity.findings import Finding, Signal
from app.domain.integrity.scan import scan
from tests.domain.integrity.attacked_city import (
    WEB,
    Citizen,
    ballots,
    clean,
    colleagues,
    departments,
    partial_choice,
    pasted,
    robots,
)

HONEST, CLEAN_WAVES, ATTACKED_WAVES, LARGE = 3000, 200, 40, 100_000
ROBOTS = HONEST // 20
FOND, SOUR = partial_choice([0, 0, 1, 3, 6]), partial_choice([6, 3, 1, 0, 0])
OWN = departments()[0]

ATTACKS: dict[str, Callable[[int], list[Citizen]]] = {
    "robots, content, all on one day": lambda s: robots(ROBOTS, s, choose=FOND, a_day=ROBOTS),
    "robots, angry, all on one day": lambda s: robots(ROBOTS, s, choose=SOUR, a_day=ROBOTS),
    "robots, content, over 3 days": lambda s: robots(ROBOTS, s, choose=FOND, a_day=50),
    "robots, content, over 10 days": lambda s: robots(ROBOTS, s, choose=FOND, a_day=15),
    "robots, one level each, over 10 days": lambda s: robots(
        ROBOTS, s, choose=lambda _: "very_satisfied", a_day=15
    ),
    "one ballot pasted 150 times": lambda s: pasted(ROBOTS, s),
    "the same, two in five altered": lambda s: pasted(ROBOTS, s, altered=0.4),
    "one ballot pasted 20 times": lambda s: pasted(20, s),
    "60 of staff praise their department": lambda s: colleagues(
        60, s, department=OWN, level="very_satisfied"
    ),
    "20 of staff praise their department": lambda s: colleagues(
        20, s, department=OWN, level="very_satisfied"
    ),
}


class Outcome(NamedTuple):
    """Whether attackers were found, the share of them, and how many honest ones with them."""

    found: bool
    caught: float
    honest: int


def look(citizens: Sequence[Citizen]) -> list[Finding]:
    """Scan invented citizens."""
    return scan(ballots(citizens), key=b"benchmark")


def judge(findings: Sequence[Finding], attackers: int) -> Outcome:
    """Hold findings against who is who: attackers stand behind the honest."""
    members = set().union(*(set(one.members.tolist()) for one in findings))
    caught = sum(one >= HONEST for one in members)
    return Outcome(caught > attackers / 10, caught / attackers, len(members) - caught)


def attacked() -> None:
    """Print the rate of detection of each attack."""
    outcomes: dict[str, list[Outcome]] = {name: [] for name in ATTACKS}
    for seed in range(ATTACKED_WAVES):
        city = clean(HONEST, 5000 + seed)
        for name, attack in ATTACKS.items():
            more = attack(seed)
            outcomes[name].append(judge(look(city + more), len(more)))
    print("| attack | found | of the attackers | honest answers with them |\n|---|---|---|---|")
    for name, found in outcomes.items():
        rate, caught, honest = np.mean(np.array(found, dtype=float), axis=0)
        print(f"| {name} | {rate:.0%} | {caught:.0%} | {honest:.1f} |")


def unattacked() -> None:
    """Print the rate of false alarms of each signal."""
    alarms: dict[str, Counter[Signal]] = {"all ways in": Counter(), "one way in": Counter()}
    for seed in range(CLEAN_WAVES):
        city = clean(HONEST, 1000 + seed)
        alone = [Citizen(one.answers, WEB | {"day": one.facts["day"]}) for one in city]
        for name, citizens in (("all ways in", city), ("one way in", alone)):
            alarms[name].update({one.signal for one in look(citizens)})
    print(f"| signal | {' | '.join(alarms)} |\n|---|---|---|")
    for signal in Signal:
        rates = (f"{found[signal] / CLEAN_WAVES:.1%}" for found in alarms.values())
        print(f"| {signal} | {' | '.join(rates)} |")


def large() -> None:
    """Print how long a large wave takes, in seconds of the processor."""
    city = clean(LARGE, 1)
    began = time.process_time()
    coded = ballots(city)
    read = time.process_time()
    scan(coded, key=b"benchmark")
    done = time.process_time()
    print(f"{LARGE} responses: coded in {read - began:.1f} s, scanned in {done - read:.1f} s")


if __name__ == "__main__":
    for part in (large, attacked, unattacked):
        part()
        sys.stdout.flush()
