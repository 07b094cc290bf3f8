"""What a simulation found, and how docs/simulation shows it: table, plot and CSV."""

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.coverage_plot import Dot, draw_coverage

DOCS = Path(__file__).parent.parent / "docs"


@dataclass(frozen=True)
class Outcome:
    """What repeated samples showed, averaged over departments.

    `bias` is the mean absolute bias of a department, `claimed` the mean standard error, `actual`
    the standard deviation of the estimates, `coverage` the share of nominal 95 % intervals that
    hold the truth, `noise` the simulation's own standard error of it.
    """

    scenario: str
    analysis: str
    published: bool
    holds: bool
    samples: int
    bias: float
    rmse: float
    claimed: float
    actual: float
    coverage: float
    noise: float
    worst_department: float
    half_width: float


@dataclass(frozen=True)
class RankOutcome:
    """Rank intervals in repeated samples.

    `coverage` is the share of samples in which every true rank lay in its interval, `sound` of
    those in which no two departments were told apart the wrong way round.
    """

    city: str
    method: str
    published: bool
    samples: int
    coverage: float
    sound: float
    mean_width: float


@dataclass(frozen=True)
class BlendOutcome:
    """A figure made of survey and poll: the error found and, where one is promised, promised."""

    name: str
    samples: int
    bias: float
    rmse: float
    promised: float | None


def write_docs(
    outcomes: Sequence[Outcome], ranks: Sequence[RankOutcome], blends: Sequence[BlendOutcome]
) -> None:
    """The figures as CSV, the coverage as SVG, the tables inside docs/simulation.md."""
    with (DOCS / "simulation.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(asdict(outcomes[0])))
        writer.writeheader()
        writer.writerows(asdict(outcome) for outcome in outcomes)
    dots = [Dot(o.scenario, o.analysis, o.coverage, o.noise, o.published) for o in outcomes]
    (DOCS / "simulation.svg").write_text(draw_coverage(dots), "utf-8")
    page = DOCS / "simulation.md"
    text = page.read_text("utf-8")
    text = _replaced(text, "coverage", _coverage_table(outcomes))
    text = _replaced(text, "ranks", _rank_table(ranks))
    page.write_text(_replaced(text, "blends", _blend_table(blends)), "utf-8")


def _replaced(text: str, name: str, table: str) -> str:
    """The text with what stands between the marks of that name replaced."""
    opening, closing = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    before, rest = text.split(opening)
    return before + opening + table + closing + rest.split(closing)[1]


def _coverage_table(outcomes: Sequence[Outcome]) -> str:
    lines = [
        "| what happens | analysis | bias | RMSE | SE claimed | SE actual | coverage | ± |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    scenario = ""
    for o in outcomes:
        name = f"**{o.analysis}**" if o.published else o.analysis
        head, scenario = ("" if o.scenario == scenario else o.scenario), o.scenario
        lines.append(
            f"| {head} | {name} | {o.bias:.2f} | {o.rmse:.2f} | {o.claimed:.2f} | {o.actual:.2f} "
            f"| {100 * o.coverage:.1f} % | {100 * o.noise:.1f} |"
        )
    return "\n".join(lines) + f"\n\n{outcomes[0].samples} samples each.\n"


def _rank_table(ranks: Sequence[RankOutcome]) -> str:
    lines = [
        "| city | method | all ranks covered | no pair the wrong way round | mean width |",
        "|---|---|---:|---:|---:|",
    ]
    for o in ranks:
        name = f"**{o.method}**" if o.published else o.method
        lines.append(
            f"| {o.city} | {name} | {100 * o.coverage:.1f} % | {100 * o.sound:.1f} % "
            f"| {o.mean_width:.1f} |"
        )
    return "\n".join(lines) + f"\n\n{ranks[0].samples} samples each.\n"


def _blend_table(blends: Sequence[BlendOutcome]) -> str:
    lines = ["| figure | bias | RMSE found | RMSE promised |", "|---|---:|---:|---:|"]
    for o in blends:
        promised = "none" if o.promised is None else f"{o.promised:.2f}"
        lines.append(f"| {o.name} | {o.bias:.2f} | {o.rmse:.2f} | {promised} |")
    return "\n".join(lines) + f"\n\n{blends[0].samples} samples.\n"
