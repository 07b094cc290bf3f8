"""What `minyi estimate` says about its estimates: warnings, ranks, and which changes are real."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from app.domain.estimation.comparisons import Control, adjust_p_values, two_sided_p_value
from app.domain.estimation.estimates import Estimates
from app.domain.estimation.ranks import rank_departments
from app.domain.estimation.records import Estimate
from app.domain.estimation.reliability import Basis, flag
from app.errors import Fault, InvalidInput


def flags_of(record: Estimate) -> list[dict[str, str]]:
    """The warnings that belong beside an estimate, the gravest first."""
    basis = Basis(
        respondents=record.respondents,
        effective_n=record.effective_n,
        top_weight_share=record.top_weight_share,
        estimate=None if record.statistic == "difference" else record.value,
        standard_error=_number(record.standard_error),
    )
    return [dataclasses.asdict(one) for one in flag(basis)]


def ranking_of(estimates: Estimates, name: str, confidence: float, seed: int) -> dict[str, Any]:
    """Ranks of the domains of one request by falling value, with simultaneous intervals.

    Domains without an estimate are left out. Raises InvalidInput if nothing can be ranked.
    """
    places = [
        place
        for place, record in enumerate(estimates.records)
        if record.name == name and record.statistic != "difference" and record.value is not None
    ]
    domains = [dict(estimates.records[place].domain) for place in places]
    distinct = {tuple(domain.items()) for domain in domains}
    if len(distinct) < 2 or len(distinct) < len(places):
        rule = "must name a request with one estimate for each of at least two domains"
        raise InvalidInput("Nothing to rank", faults=[Fault("rank", "not-ranked", rule)])
    ranking = rank_departments(
        estimates.values[places],
        estimates.covariance[np.ix_(places, places)],
        degrees_of_freedom=float(estimates.degrees_of_freedom[places].min()),
        confidence=confidence,
        seed=seed,
    )
    return {
        "of": name,
        "confidence": confidence,
        "method": ranking.method,
        "draws": ranking.draws,
        "seed": ranking.seed,
        "ranks": [
            {"domain": domain} | dataclasses.asdict(rank)
            for domain, rank in zip(domains, ranking.ranks, strict=True)
        ],
        "not_told_apart": [[domains[place] for place in group] for group in ranking.groups],
    }


def significance_of(
    changes: Sequence[Estimate], control: Control, level: float
) -> list[dict[str, Any]]:
    """P-value of every change, adjusted for the number of changes tested; null where unknown."""
    p_values = [_p_value(change) for change in changes]
    adjusted = adjust_p_values(p_values, control)
    return [
        {
            "p_value": _known(p),
            "adjusted_p_value": _known(q),
            "is_significant": bool(q <= 1 - level),
        }
        for p, q in zip(p_values, adjusted.tolist(), strict=True)
    ]


def _p_value(change: Estimate) -> float:
    if change.value is None or not change.standard_error or change.degrees_of_freedom <= 0:
        return math.nan
    return two_sided_p_value(change.value / change.standard_error, change.degrees_of_freedom)


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
