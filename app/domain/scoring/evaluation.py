"""All departments of a scheme together: releases and entered figures → the document's content."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.departments import Department
from app.domain.questionnaires.scheme import Component, EnteredSource, IndexSource, Scheme
from app.domain.questionnaires.text import Text
from app.domain.releases.document import Figures, IndexFigure, Names, Release, Source, Unit
from app.domain.scoring.arithmetic import trimmed
from app.domain.scoring.compute import Given, score_department
from app.domain.scoring.external_evaluation import (
    FORMAT,
    BandRule,
    ComponentRule,
    DepartmentScore,
    EnteredBasis,
    Evaluation,
    IndexBasis,
    NamedRule,
    Ranking,
    ReleaseUsed,
    SchemeRules,
)
from app.domain.scoring.honest_ranks import rank
from app.errors.scoring import NoScheme


@dataclass(frozen=True, slots=True)
class SignedRelease:
    """A release with the digest of its signed payload."""

    release: Release
    digest: str


@dataclass(frozen=True, slots=True)
class Material:
    """What an evaluation is made of.

    `releases` are by wave: that of the evaluated `wave`, and those of waves that the scheme names.
    `figures` are by department and figure code.
    """

    definition: SurveyDefinition
    version: str
    wave: str
    period: str
    releases: Mapping[str, SignedRelease]
    figures: Mapping[tuple[str, str], EnteredBasis]


def evaluate(material: Material) -> Evaluation:
    """Score and rank every department. Raises NoScheme where the definition has none."""
    scheme = material.definition.scheme
    if scheme is None:
        raise NoScheme
    scores = tuple(
        score_department(scheme, _unit(one), _given(scheme, material, one.code))
        for one in material.definition.departments.departments
    )
    return Evaluation(
        format=FORMAT,
        period=material.period,
        wave=material.wave,
        scheme=_rules(scheme, material.version),
        releases=tuple(
            ReleaseUsed(
                wave=wave,
                release=one.release.header.release,
                state=one.release.header.state,
                digest=one.digest,
            )
            for wave, one in sorted(material.releases.items())
        ),
        departments=scores,
        rankings=tuple(_rankings(scheme, scores)),
    )


def _names(words: Text) -> Names:
    return Names(zh=words.zh, en=words.en)


def _unit(department: Department) -> Unit:
    return Unit(code=department.code, group=department.group, name=_names(department.name))


def _given(scheme: Scheme, material: Material, department: str) -> Given:
    fed = {leaf.code: leaf.feeds for leaf in scheme.leaves()}
    found = {
        code: _index(material, source, department)
        for code, source in fed.items()
        if isinstance(source, IndexSource)
    }
    return Given(
        indices={code: basis for code, basis in found.items() if basis is not None},
        figures={
            figure: basis
            for (whose, figure), basis in material.figures.items()
            if whose == department
        },
    )


def _index(material: Material, wanted: IndexSource, department: str) -> IndexBasis | None:
    """Find a department's index from a source; None where no release has it."""
    signed = material.releases.get(wanted.wave or material.wave)
    if signed is None:
        return None
    release = signed.release
    source = _source(release.figures, wanted)
    figure = _figure(release.figures, source.code, department) if source else None
    return _basis(release.header.release, source, figure) if source and figure else None


def _source(figures: Figures, wanted: IndexSource) -> Source | None:
    for one in figures.sources:
        same_class = one.respondent_class == wanted.respondent_class
        if same_class and set(one.modes) == set(wanted.modes):
            return one
    return None


def _figure(figures: Figures, source: str, department: str) -> IndexFigure | None:
    """Find the index as a whole, not one by stratum or trust level."""
    for one in figures.indices:
        whole = one.stratum is None and one.trust is None
        if whole and (one.source, one.department) == (source, department):
            return one
    return None


def _basis(release: str, source: Source, figure: IndexFigure) -> IndexBasis:
    return IndexBasis(
        release=release,
        source=source.code,
        kind=source.kind,
        trust=source.trust,
        n=figure.n,
        value=figure.value,
        standard_error=figure.standard_error,
        degrees_of_freedom=source.degrees_of_freedom,
        interval=figure.interval,
        flags=figure.flags,
        suppressed=figure.suppressed,
    )


def _rankings(scheme: Scheme, scores: tuple[DepartmentScore, ...]) -> Iterator[Ranking]:
    """Rank by everything and by the outside view, all departments or each group by itself."""
    groups: list[str | None] = [None]
    if scheme.ranked == "by-group":
        groups = list(dict.fromkeys(score.department.group for score in scores))
    for group in groups:
        members = [one for one in scores if group in (None, one.department.group)]
        for ranking in (
            rank(scheme, members, of="combined", group=group),
            rank(scheme, members, of="external", group=group),
        ):
            if ranking is not None:
                yield ranking


def _rules(scheme: Scheme, version: str) -> SchemeRules:
    external = {leaf.code for leaf in scheme.external_leaves()}
    return SchemeRules(
        code=scheme.code,
        version=version,
        name=_names(scheme.name),
        illustrative=scheme.illustrative,
        rounding=scheme.rounding,
        index_decimals=scheme.index_decimals,
        decimals=scheme.decimals,
        components=tuple(_component_rules(scheme.components, None, external)),
        adjustments=tuple(
            NamedRule(code=one.code, name=_names(one.name)) for one in scheme.adjustments
        ),
        groupings=tuple(
            NamedRule(code=one.code, name=_names(one.name)) for one in scheme.groupings
        ),
        bands=tuple(
            BandRule(
                code=one.code,
                name=_names(one.name),
                from_score=trimmed(one.from_score),
                colour=one.colour,
            )
            for one in scheme.bands
        ),
    )


def _component_rules(
    components: list[Component], part_of: str | None, external: set[str]
) -> Iterator[ComponentRule]:
    for one in components:
        source = one.feeds
        yield ComponentRule(
            code=one.code,
            name=_names(one.name),
            part_of=part_of,
            points=trimmed(one.points),
            points_by_group={
                group: trimmed(points) for group, points in one.points_by_group.items()
            },
            external={leaf.code for leaf in one.leaves()} <= external,
            satisfaction=one.satisfaction,
            source=source.source if source else "parts",
            office=_names(source.by) if isinstance(source, EnteredSource) else None,
        )
        yield from _component_rules(one.parts, one.code, external)
