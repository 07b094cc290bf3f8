"""Indices of one source as published: by department, by stratum, by trust level; the ranking.

The whole source is weighted a second time with the answers that were set aside, to show what they
would have changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from app.domain.estimation.columns import Floats
from app.domain.estimation.ranks import Ranking, rank_departments
from app.domain.estimation.records import Estimate
from app.domain.estimation.reliability import Basis, Thresholds, flag
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.releases.answer_tables import TRUSTS
from app.domain.releases.department_estimates import (
    DepartmentEstimates,
    DepartmentRows,
    Domain,
)
from app.domain.releases.document import IndexFigure, Interval, Part, Place, SetAside
from app.domain.releases.rounding import INDEX_DIGITS, SIZE_DIGITS, exactly, rounded
from app.domain.releases.source_cells import STRATUM, TRUST
from app.domain.releases.source_weights import VARIANCE

BEST, WORST = 100.0, 0.0


@dataclass(frozen=True, slots=True)
class IndexTables:
    """What every index figure of a source has in common."""

    definition: SurveyDefinition
    code: str
    minimum_n: int

    def figures(
        self,
        rows: DepartmentRows,
        estimated: DepartmentEstimates,
        department: str,
        set_aside: SetAside | None,
    ) -> list[IndexFigure]:
        """The department as a whole, then its domains."""
        records = estimated.estimates.records
        whole, *domains = records[: 1 + len(estimated.domains)]
        parts = tuple(_part(record) for record in records[1 + len(estimated.domains) :])
        more = {"parts": parts, "with_set_aside": set_aside}
        return [
            self._figure(rows, department, Domain(), whole).model_copy(update=more),
            *(
                self._figure(rows, department, domain, record)
                for domain, record in zip(estimated.domains, domains, strict=True)
            ),
        ]

    def _figure(
        self, rows: DepartmentRows, department: str, domain: Domain, record: Estimate
    ) -> IndexFigure:
        value = record.value
        return IndexFigure(
            source=self.code,
            department=department,
            stratum=self._stratum(domain),
            trust=str(TRUSTS[domain.code]) if domain.column == TRUST else None,
            n=record.respondents,
            dont_know=record.dont_know,
            missing=record.missing,
            effective_n=rounded(record.effective_n, SIZE_DIGITS),
            value=rounded(value, INDEX_DIGITS),
            standard_error=None if value is None else _error(record),
            interval=_interval(record),
            design_effect=rounded(record.design_effect, INDEX_DIGITS),
            unweighted=rounded(plain_index(rows, domain), INDEX_DIGITS),
            with_set_aside=None,
            parts=(),
            change=None,
            flags=self._flags(record),
            suppressed=None,
        )

    def _stratum(self, domain: Domain) -> str | None:
        if domain.column != STRATUM:
            return None
        return self.definition.sample.strata[domain.code].code

    def _flags(self, record: Estimate) -> tuple[str, ...]:
        error = record.standard_error
        basis = Basis(
            record.respondents,
            record.effective_n,
            record.top_weight_share,
            record.value,
            np.nan if error is None else error,
        )
        found = flag(basis, Thresholds(least_respondents=self.minimum_n))
        return tuple(dict.fromkeys(one.code for one in found))


def plain_index(rows: DepartmentRows, domain: Domain) -> float:
    """The index if everybody counted the same."""
    return rows.index(domain).value(rows.counts)


def set_aside_figure(rows: DepartmentRows, n: int) -> SetAside | None:
    """The index where answers set aside are counted; None if none of them adds to `n`."""
    statistic = rows.index()
    counted = int(rows.counts[statistic.rows].sum())
    value = rounded(statistic.value(rows.sample.mass), INDEX_DIGITS)
    if counted == n or value is None:
        return None
    return SetAside(n=counted, value=value)


def _part(record: Estimate) -> Part:
    return Part(
        dimension=record.name,
        value=rounded(record.value, INDEX_DIGITS),
        standard_error=_error(record),
    )


def _error(record: Estimate) -> Decimal | None:
    return rounded(record.standard_error, INDEX_DIGITS)


def _interval(record: Estimate) -> Interval | None:
    if record.interval is None or record.value is None:
        return None
    low, high = record.interval
    return Interval(
        low=exactly(max(low, WORST), INDEX_DIGITS),
        high=exactly(min(high, BEST), INDEX_DIGITS),
        level=Decimal(str(VARIANCE.level)),
        method=f"t, {record.degrees_of_freedom:.6g} degrees of freedom, cut at 0 and 100",
    )


def ranking(
    figures: Sequence[IndexFigure],
    covariance: Floats,
    degrees_of_freedom: float,
    minimum_n: int,
) -> list[Place]:
    """Places of the departments with at least `minimum_n` respondents, best first.

    `figures` are the whole departments of one source, `covariance` that of their indices. Published
    values are ranked, so that whoever reads equal numbers reads equal ranks.
    """
    ranked = [
        at for at, one in enumerate(figures) if one.value is not None and (one.n or 0) >= minimum_n
    ]
    if not ranked:
        return []
    known = covariance[np.ix_(ranked, ranked)]
    if degrees_of_freedom <= 0:
        known = np.full_like(known, np.nan)
    values = np.array([float(figures[at].value or 0) for at in ranked])
    found = rank_departments(values, known, degrees_of_freedom=max(degrees_of_freedom, 1.0))
    names = [figures[at].department for at in ranked]
    places = [_place(figures[0].source, names, found, at) for at in range(len(ranked))]
    return sorted(places, key=lambda place: place.rank)


def _place(code: str, names: Sequence[str], found: Ranking, at: int) -> Place:
    alike = ~(found.better[at] | found.better[:, at])
    return Place(
        source=code,
        department=names[at],
        rank=found.ranks[at].rank,
        best=found.ranks[at].low,
        worst=found.ranks[at].high,
        like=tuple(name for other, name in enumerate(names) if alike[other] and other != at),
    )
