"""What the simulation tries: ways a survey can go, and ways its answers can be analysed.

Designs are written as a city's analyst writes them for `minyi estimate`, so that what is measured
is what is published.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.domain.estimation.specification import DesignFile
from app.domain.sampling.selection import Method
from benchmarks.synthetic_city import DEPARTMENTS, DISTRICTS, City, Response

Design = Mapping[str, Any]

POINTS = {"weight": "base_weight", "clusters": ["point"]}
INDEPENDENT = {"weight": "base_weight"}
UNWEIGHTED_POINTS = {"weight": "one", "clusters": ["point"]}
UNWEIGHTED_INDEPENDENT = {"weight": "one"}


@dataclass(frozen=True)
class Analysis:
    """One way to turn answers into intervals. `published` marks what Minyi publishes by default."""

    name: str
    sample: Design
    margins: Sequence[str] = ()
    credit: str = "auto"
    published: bool = False

    def design(self, city: City) -> DesignFile:
        """The analysis as a design file, with the city's true margins."""
        margins = [
            {"by": [name], "totals": _by_label(city.margin(getattr(city, name)).tolist())}
            for name in self.margins
        ]
        return DesignFile.model_validate(
            {
                "sample": self.sample,
                "weighting": [{"step": "rake", "margins": margins}] if margins else [],
                "variance": {"credit": self.credit},
                "estimates": [
                    {"statistic": "mean", "variable": f"department {d}"} for d in range(DEPARTMENTS)
                ],
            }
        )


@dataclass(frozen=True)
class Scenario:
    """One way a survey can go. `holds` says whether the assumptions of the published one hold."""

    name: str
    analyses: tuple[Analysis, ...]
    holds: bool
    response: Response = field(default_factory=Response)
    points: int = 14
    method: Method = "sampford"


def _by_label(counts: Sequence[float]) -> dict[str, float]:
    return {str(code): count for code, count in enumerate(counts)}


PUBLISHED = Analysis("raked to age and rating", POINTS, ("age", "rating"), published=True)
DISTRICT_MARGINS = ("age", "rating", "district")

SCENARIOS = (
    Scenario(
        "answering depends on age and recorded satisfaction",
        (
            PUBLISHED,
            Analysis("unweighted", UNWEIGHTED_POINTS),
            Analysis("unweighted, points ignored", UNWEIGHTED_INDEPENDENT),
            Analysis("raked, points ignored", INDEPENDENT, ("age", "rating")),
        ),
        holds=True,
    ),
    Scenario(
        f"raked to {DISTRICTS} districts as well, points spread over them",
        (
            Analysis("raked, rule for few points", POINTS, DISTRICT_MARGINS, published=True),
            Analysis("every margin credited", POINTS, DISTRICT_MARGINS, credit="all"),
        ),
        holds=True,
        method="pps-systematic",
    ),
    Scenario("six survey points", (PUBLISHED,), holds=True, points=6),
    Scenario("thirty survey points", (PUBLISHED,), holds=True, points=30),
    Scenario(
        "recorded satisfaction left out of the margins",
        (Analysis("raked to age", POINTS, ("age",), published=True),),
        holds=False,
    ),
    Scenario(
        "a little unrecorded mood decides who answers",
        (PUBLISHED,),
        holds=False,
        response=Response(mood=0.05),
    ),
    Scenario(
        "much unrecorded mood decides who answers",
        (PUBLISHED,),
        holds=False,
        response=Response(mood=0.3),
    ),
)
