"""Sample size for several domains at once: districts that add up, departments that overlap."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.sampling.design import DomainPlan, SizePlan
from app.domain.sampling.size import (
    Precision,
    SampleSize,
    cluster_design_effect,
    size_for_mean,
    size_for_proportion,
    weighting_design_effect,
    whole_people,
)


@dataclass(frozen=True, slots=True)
class PlannedSize:
    """What the plan needs in all, by domain, and the design effect it was computed with."""

    respondents: int
    invitations: int
    design_effect: float
    whole: SampleSize | None
    domains: dict[str, SampleSize]


def plan_size(plan: SizePlan) -> PlannedSize:
    """Respondents and invitations for the plan's estimate, or for every domain of it."""
    if not plan.domains:
        size = _size(plan, DomainPlan(code="all"))
        return PlannedSize(size.respondents, size.invitations, design_effect(plan), size, {})
    sizes = [_size(plan, domain) for domain in plan.domains]
    respondents, invitations = _shared(plan, sizes) if plan.domains_overlap else _added(sizes)
    by_code = {domain.code: size for domain, size in zip(plan.domains, sizes, strict=True)}
    return PlannedSize(respondents, invitations, design_effect(plan), None, by_code)


def design_effect(plan: SizePlan) -> float:
    """The declared one, or Kish's for survey points; times Kish's for unequal weights."""
    clustering = plan.design_effect
    if plan.clusters:
        clustering = cluster_design_effect(
            respondents_per_point=plan.clusters.respondents_per_point,
            intraclass_correlation=plan.clusters.intraclass_correlation,
        )
    return clustering * weighting_design_effect(
        coefficient_of_variation=plan.weights_coefficient_of_variation
    )


def _size(plan: SizePlan, domain: DomainPlan) -> SampleSize:
    precision = Precision(
        margin=domain.margin or plan.margin,
        confidence=plan.confidence,
        design_effect=design_effect(plan),
        population=domain.population or plan.population,
        response_rate=domain.response_rate or plan.response_rate,
    )
    spread = domain.standard_deviation or plan.standard_deviation
    if plan.estimate == "mean" and spread is not None:
        return size_for_mean(precision, standard_deviation=spread)
    return size_for_proportion(precision, proportion=domain.proportion or plan.proportion)


def _added(sizes: Sequence[SampleSize]) -> tuple[int, int]:
    return sum(s.respondents for s in sizes), sum(s.invitations for s in sizes)


def _shared(plan: SizePlan, sizes: Sequence[SampleSize]) -> tuple[int, int]:
    """One sample for all: the domain that is rarest for what it needs decides, n_d / share_d."""
    respondents, invitations = 0.0, 0.0
    for domain, size in zip(plan.domains, sizes, strict=True):
        needed = size.respondents / (domain.share or 1.0)
        respondents = max(respondents, needed)
        invitations = max(invitations, needed / (domain.response_rate or plan.response_rate))
    return whole_people(respondents), whole_people(invitations)
