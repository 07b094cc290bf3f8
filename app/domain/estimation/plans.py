"""What is to be estimated: each request unfolded into one statistic per domain and level."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.domain.estimation.answers import Answers, domains, has_label, read_answers
from app.domain.estimation.columns import Columns, Flags, absences, categories, take
from app.domain.estimation.quantiles import Distribution, distribution
from app.domain.estimation.requests import (
    Count,
    EstimateRequest,
    Index,
    Mean,
    Proportion,
    Quantile,
    Ratio,
    Total,
)
from app.domain.estimation.statistics import Combination, Statistic, mean_of
from app.domain.estimation.statistics import Ratio as RatioOfTotals
from app.domain.estimation.statistics import Total as TotalOf
from app.domain.estimation.weights import WeightedSample
from app.errors import Fault, InvalidInput


@dataclass(frozen=True, eq=False)
class QuantileAt:
    """A quantile: the answers, the probability, the rule, and its value."""

    answers: Distribution
    p: float
    rule: str

    @property
    def value(self) -> float:
        return self.answers.quantile(self.p, self.rule)


@dataclass(frozen=True, eq=False)
class Plan:
    """One number to be estimated.

    `statistic` is what gets linearised or replicated; for a quantile that is the distribution
    function at its value. `level` tells apart the levels of a share and the probabilities of a
    quantile within one request.
    """

    name: str
    kind: str
    domain: Mapping[str, str]
    statistic: Statistic
    missing: Flags
    dont_know: Flags
    level: str | None = None
    interval: str = "t"
    quantile: QuantileAt | None = None


def build_plans(
    sample: WeightedSample, requests: Sequence[EstimateRequest], columns: Columns
) -> list[Plan]:
    """All plans in the order of the requests; raises InvalidInput naming the column at fault."""
    names = [name_of(request) for request in requests]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        rule = "Two estimates have the same name; give each a name of its own"
        faults = [
            Fault(f"estimates.{names.index(name)}", "name-repeated", rule) for name in repeated
        ]
        raise InvalidInput(rule, faults=faults)
    return [plan for request in requests for plan in _unfold(sample, request, columns)]


def name_of(request: EstimateRequest) -> str:
    """The declared name, or statistic and column."""
    if request.name:
        return request.name
    column = getattr(request, "variable", None) or getattr(request, "numerator", None)
    return f"{request.statistic} {column}" if column else request.statistic


def _unfold(sample: WeightedSample, request: EstimateRequest, columns: Columns) -> Iterator[Plan]:
    rows = sample.design.rows
    builder = _Builder(sample, columns, name_of(request))
    for domain, inside in domains(columns, request, rows):
        match request:
            case Mean() | Total():
                item = read_answers(columns, request.variable, request.dont_know, request.scores)
                yield builder.item(request.statistic, domain, inside, item)
            case Count():
                everybody = np.zeros(rows, dtype=np.bool_)
                counted = Answers(np.ones(rows), ~everybody, everybody)
                yield builder.item("count", domain, inside, counted)
            case Ratio():
                yield builder.ratio(request, domain, inside)
            case Proportion():
                yield from builder.shares(request, domain, inside)
            case Quantile():
                yield from builder.quantiles(request, domain, inside)
            case Index():
                yield builder.index(request, domain, inside)


@dataclass(frozen=True, eq=False)
class _Builder:
    """Makes plans for one request; `inside` are the rows of the domain."""

    sample: WeightedSample
    columns: Columns
    name: str

    def item(self, kind: str, domain: Mapping[str, str], inside: Flags, item: Answers) -> Plan:
        rows = inside & item.answered
        statistic = mean_of(item.values, rows) if kind == "mean" else TotalOf(item.values, rows)
        return Plan(
            self.name, kind, domain, statistic, inside & item.missing, inside & item.dont_know
        )

    def ratio(self, request: Ratio, domain: Mapping[str, str], inside: Flags) -> Plan:
        above = read_answers(self.columns, request.numerator)
        below = read_answers(self.columns, request.denominator)
        both = above.answered & below.answered
        statistic = RatioOfTotals(above.values, below.values, inside & both)
        return Plan(self.name, "ratio", domain, statistic, inside & ~both, inside & False)

    def shares(
        self, request: Proportion, domain: Mapping[str, str], inside: Flags
    ) -> Iterator[Plan]:
        unknown = has_label(self.columns, request.variable, request.dont_know)
        missing = absences(take(self.columns, request.variable))
        rows = inside & ~unknown & ~missing
        for level, labels in self._levels(request):
            chosen = has_label(self.columns, request.variable, labels).astype(np.float64)
            yield Plan(
                self.name,
                request.statistic,
                domain,
                mean_of(chosen, rows),
                inside & missing,
                inside & unknown,
                level=level,
                interval=request.interval,
            )

    def _levels(self, request: Proportion) -> Iterator[tuple[str | None, tuple[str, ...]]]:
        if request.levels:
            yield None, request.levels
            return
        for label in categories(self.columns, request.variable)[1]:
            if label not in request.dont_know:
                yield label, (label,)

    def quantiles(
        self, request: Quantile, domain: Mapping[str, str], inside: Flags
    ) -> Iterator[Plan]:
        item = read_answers(self.columns, request.variable, request.dont_know, request.scores)
        rows = inside & item.answered
        answers = distribution(item.values, self.sample.mass, rows)
        for p in request.probabilities:
            at = QuantileAt(answers, p, request.rule)
            below = (item.values <= at.value).astype(np.float64)
            yield Plan(
                self.name,
                "quantile",
                domain,
                mean_of(below, rows),
                inside & item.missing,
                inside & item.dont_know,
                level=str(p),
                interval="woodruff",
                quantile=at,
            )

    def index(self, request: Index, domain: Mapping[str, str], inside: Flags) -> Plan:
        parts, coefficients, items = [], [], []
        for dimension in request.dimensions.values():
            weights = dimension.item_weights or (1.0,) * len(dimension.items)
            for name, weight in zip(dimension.items, weights, strict=True):
                item = read_answers(self.columns, name, request.dont_know, request.scores)
                items.append(item)
                parts.append(mean_of(item.values, inside & item.answered))
                coefficients.append(dimension.weight * weight / sum(weights))
        statistic = Combination(parts, coefficients)
        unknown = np.logical_or.reduce([item.dont_know for item in items]) & ~statistic.rows
        missing = inside & ~statistic.rows & ~unknown
        return Plan(self.name, "index", domain, statistic, missing, inside & unknown)
