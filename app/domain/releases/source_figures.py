"""All that a release says about one source."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.domain.deduplication.decision import ResponseStatus
from app.domain.estimation.columns import MISSING
from app.domain.estimation.weights import StepReport
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.releases.answer_tables import TRUSTS, AnswerTable
from app.domain.releases.department_covariance import index_covariance
from app.domain.releases.department_estimates import (
    DepartmentEstimates,
    department_rows,
    estimate_department,
    inverse_chances,
    source_domains,
)
from app.domain.releases.document import (
    Category,
    Distribution,
    IndexFigure,
    Names,
    Place,
    SetAside,
    Source,
    WeightingStep,
)
from app.domain.releases.index_tables import IndexTables, ranking, set_aside_figure
from app.domain.releases.rounding import INDEX_DIGITS, SHARE_DIGITS, SIZE_DIGITS, exactly, rounded
from app.domain.releases.source_cells import STRATUM
from app.domain.releases.source_weights import WeightedSource, weigh_source
from app.domain.releases.sources import SourcePlan
from app.domain.releases.spread_tables import distributions, general_distributions, who_answered

OF_POINTS = "linearised: survey points within strata, drawn with replacement"
OF_PEOPLE = "linearised: respondents drawn one by one"
OF_STRATA = "linearised: respondents drawn one by one within strata"


@dataclass(frozen=True, slots=True)
class SourceFigures:
    """The tables of one source."""

    source: Source
    who_answered: tuple[Category, ...]
    indices: tuple[IndexFigure, ...]
    distributions: tuple[Distribution, ...]
    ranking: tuple[Place, ...]


def source_figures(
    definition: SurveyDefinition,
    plan: SourcePlan,
    table: AnswerTable,
    progress: Callable[[float], None],
) -> SourceFigures | None:
    """Weight and estimate one source; None where it has no valid answer.

    Raises InfeasibleEstimation naming the source.
    """
    valid = plan.rows(table, ResponseStatus.COUNTED)
    if not valid.rows:
        return None
    source = weigh_source(definition, plan, valid)
    every = np.arange(len(table.items.departments))
    multiplier = inverse_chances(definition, source)
    domains = source_domains(source) if table.items.parts else ()
    minimum_n = definition.index.minimum_n if definition.index else 0
    tables = IndexTables(definition, plan.code, minimum_n)
    aside = _with_set_aside(definition, plan, table, source)
    estimated: list[DepartmentEstimates] = []
    indices: list[IndexFigure] = []
    spread: list[Distribution] = []
    for at, rows in enumerate(department_rows(source, multiplier, every)):
        department = table.items.departments[at]
        spread += distributions(rows, plan.code, department)
        if table.items.parts:
            one = estimate_department(rows, domains)
            n = one.estimates.records[0].respondents
            indices += tables.figures(rows, one, department, aside(at, n))
            estimated.append(one)
        progress((at + 1) / len(every))
    whole = [one for one in indices if one.stratum is None and one.trust is None]
    places: list[Place] = []
    if estimated:
        covariance = index_covariance(source, multiplier, estimated)
        places = ranking(whole, covariance, source.degrees_of_freedom, minimum_n)
    return SourceFigures(
        _described(definition, plan, source, estimated),
        who_answered(definition, source),
        tuple(indices),
        (*spread, *general_distributions(source, plan.code)),
        tuple(places),
    )


def _with_set_aside(
    definition: SurveyDefinition, plan: SourcePlan, table: AnswerTable, source: WeightedSource
) -> Callable[[int, int], SetAside | None]:
    """Gives a department's figure had the answers set aside been counted, if any were."""
    both = plan.rows(table, ResponseStatus.COUNTED, ResponseStatus.SET_ASIDE)
    if both.rows == source.table.rows:
        return lambda _department, _n: None
    weighted = weigh_source(definition, plan, both)
    multiplier = inverse_chances(definition, weighted)

    def figure(department: int, n: int) -> SetAside | None:
        [rows] = department_rows(weighted, multiplier, np.array([department]))
        return set_aside_figure(rows, n)

    return figure


def _described(
    definition: SurveyDefinition,
    plan: SourcePlan,
    source: WeightedSource,
    estimated: list[DepartmentEstimates],
) -> Source:
    """The sample in words and numbers."""
    name, levels = plan.audience.name, np.unique(source.table.trust).tolist()
    known = source.codes[STRATUM]
    stratified = plan.weighting.base == "stratum"
    warnings = estimated[0].estimates.warnings if estimated else ()
    return Source(
        code=plan.code,
        respondent_class=plan.audience.code,
        name=Names(zh=name.zh, en=name.en),
        modes=tuple(str(mode) for mode in plan.modes),
        trust=tuple(str(TRUSTS[level]) for level in levels),
        kind=plan.kind,
        n=source.table.rows,
        base=plan.weighting.base,
        strata=int(np.unique(known[known != MISSING]).size) if stratified else 1,
        primary_units=source.design.first_units if source.is_clustered else None,
        degrees_of_freedom=exactly(source.degrees_of_freedom, SIZE_DIGITS),
        variance=OF_POINTS if source.is_clustered else OF_STRATA if stratified else OF_PEOPLE,
        credited_margins=tuple(
            dict.fromkeys(name for credit in source.credits.values() for name in credit.credited)
        ),
        steps=tuple(_step(report) for report in source.sample.reports),
        notes=(*source.notes, *warnings),
    )


def _step(report: StepReport) -> WeightingStep:
    return WeightingStep(
        step=report.step,
        converged=report.converged,
        rounds=report.rounds,
        worst_margin_error=rounded(report.worst_margin_error, SHARE_DIGITS),
        smallest_factor=exactly(report.g_min, INDEX_DIGITS),
        largest_factor=exactly(report.g_max, INDEX_DIGITS),
        design_effect=exactly(report.design_effect, INDEX_DIGITS),
        effective_n=exactly(report.effective_n, SIZE_DIGITS),
        notes=tuple(f"{name}: {_plain(value)}" for name, value in report.notes.items()),
    )


def _plain(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
