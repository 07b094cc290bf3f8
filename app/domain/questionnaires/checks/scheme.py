"""scheme.yaml: points add up, minimums are kept, groupings and bands leave no gap."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from app.domain.questionnaires.checks.index import dimensions_counting
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.findings import Broken, Path, repeated, repeated_codes
from app.domain.questionnaires.scheme import Component, EnteredSource, IndexSource


def _components(
    components: list[Component], path: Path = ("components",)
) -> Iterator[tuple[Path, Component]]:
    for at, component in enumerate(components):
        yield (*path, at), component
        yield from _components(component.parts, (*path, at, "parts"))


def _all(definition: SurveyDefinition) -> list[tuple[Path, Component]]:
    return list(_components(definition.scheme.components)) if definition.scheme else []


def codes_are_unique(definition: SurveyDefinition) -> Broken:
    """Components, adjustments and groupings are published by code, wherever they stand."""
    scheme = definition.scheme
    if scheme is None:
        return
    found: list[tuple[Path, str]] = [(path, one.code) for path, one in _all(definition)]
    found += [(("adjustments", at), one.code) for at, one in enumerate(scheme.adjustments)]
    found += [(("groupings", at), one.code) for at, one in enumerate(scheme.groupings)]
    for at in repeated(code for _, code in found):
        yield (*found[at][0], "code"), "duplicate-code", "another one has this code already"
    yield from repeated_codes(scheme.bands, ("bands",))


def _groups(definition: SurveyDefinition) -> list[str | None]:
    """List the groups that have points of their own, after None for all the others."""
    named = {group: None for _, one in _all(definition) for group in one.points_by_group}
    return [None, *named]


def groups_of_points_exist(definition: SurveyDefinition) -> Broken:
    """Points of a group that nobody belongs to would be lost unseen."""
    known = {group.code for group in definition.departments.groups}
    for path, component in _all(definition):
        for group in component.points_by_group.keys() - known:
            where = (*path, "points_by_group", group)
            yield where, "unknown-group", "there is no such group of departments"


def points_of_parts_sum_to_the_whole(definition: SurveyDefinition) -> Broken:
    """In decimals, exactly, for every group of departments."""
    for path, component in _all(definition):
        for group in _groups(definition) if component.parts else ():
            total = sum((part.points_of(group) for part in component.parts), Decimal(0))
            if total != component.points_of(group):
                message = f"the parts add up to {total} points, the whole says otherwise"
                yield (*path, "points"), "points-sum", message


def groups_have_equal_totals(definition: SurveyDefinition) -> Broken:
    """Points may be spread differently for a group, but nobody can win more of them."""
    scheme = definition.scheme
    if scheme is None:
        return
    totals = {
        sum((one.points_of(group) for one in scheme.components), Decimal(0))
        for group in _groups(definition)
    }
    if len(totals) > 1:
        message = "every group of departments has the same points in total"
        yield ("components",), "group-totals", message


def every_point_has_a_source(definition: SurveyDefinition) -> Broken:
    """A component is fed by its parts or by a source, by one of them."""
    for path, component in _all(definition):
        if component.parts and component.feeds:
            yield (*path, "feeds"), "component-source", "is fed by its parts already"
        if not component.parts and not component.feeds:
            yield path, "component-source", "needs feeds or parts"


def sources_have_an_index(definition: SurveyDefinition) -> Broken:
    """The class and modes exist and have an index to give."""
    ways = {one.code: {way.mode for way in one.ways_in} for one in definition.audience.classes}
    for path, component in _all(definition):
        source = component.feeds
        if not isinstance(source, IndexSource):
            continue
        where: Path = (*path, "feeds")
        if source.wave is not None:
            continue  # asked under another definition
        modes = ways.get(source.respondent_class)
        if modes is None:
            message = "there is no such respondent class"
            yield (*where, "respondent_class"), "unknown-class", message
            continue
        for at, mode in enumerate(source.modes):
            if mode not in modes:
                message = "the class has no way in by this mode"
                yield (*where, "modes", at), "unknown-mode", message
        index = definition.index
        if index is None or not dimensions_counting(index, source.respondent_class):
            yield where, "no-index", "index.yaml has no dimension for this class"


def satisfaction_comes_from_answers(definition: SurveyDefinition) -> Broken:
    """A figure that an office enters is no survey, whatever it is called."""
    for path, component in _all(definition):
        if component.satisfaction:
            parts = _components(component.parts, (*path, "parts"))
            for where, one in [(path, component), *parts]:
                if isinstance(one.feeds, EnteredSource):
                    message = "satisfaction is fed by an index only"
                    yield (*where, "feeds"), "satisfaction-entered", message


def anchors_are_indices(definition: SurveyDefinition) -> Broken:
    """A poll's anchor is another component that is fed by an index."""
    fed = {one.code for _, one in _all(definition) if isinstance(one.feeds, IndexSource)}
    for path, component in _all(definition):
        anchor = getattr(component.feeds, "anchor", None)
        if anchor is not None and anchor not in fed - {component.code}:
            message = "names no other component that is fed by an index"
            yield (*path, "feeds", "anchor"), "unknown-anchor", message


def limits_are_of_entered_points(definition: SurveyDefinition) -> Broken:
    """What citizens say is neither capped nor lifted, and a cap is not above the points."""
    for path, component in _all(definition):
        low, high = component.at_least, component.at_most
        if (low, high) == (None, None):
            continue
        if not isinstance(component.feeds, EnteredSource):
            message = "only points that an office enters have a floor or a cap"
            yield path, "limit-on-answers", message
        elif high is not None and high > component.points:
            yield (*path, "at_most"), "limit-above-points", "the cap is above the points"
        elif low is not None and low >= (component.points if high is None else high):
            yield (*path, "at_least"), "empty-range", "the floor is not below the cap"


def minimums_are_kept(definition: SurveyDefinition) -> Broken:
    """External assessment and satisfaction are worth what the scheme promises, for every group."""
    scheme = definition.scheme
    if scheme is None:
        return
    for flag, minimum in (
        ("external", scheme.minimum_external),
        ("satisfaction", scheme.minimum_satisfaction),
    ):
        points = min(_flagged(scheme.components, flag, group) for group in _groups(definition))
        if points < minimum:
            message = f"{flag} components have {points} points, at least {minimum} are promised"
            yield ("components",), f"minimum-{flag}", message


def _flagged(components: list[Component], flag: str, group: str | None) -> Decimal:
    worth = (
        one.points_of(group) if getattr(one, flag) else _flagged(one.parts, flag, group)
        for one in components
    )
    return sum(worth, Decimal(0))


def groupings_partition_the_points(definition: SurveyDefinition) -> Broken:
    """Added up the second way, every point counts once again."""
    scheme = definition.scheme
    if scheme is None or not scheme.groupings:
        return
    known = {component.code: component for _, component in _all(definition)}
    counted: Counter[str] = Counter()
    for number, grouping in enumerate(scheme.groupings):
        for at, code in enumerate(grouping.components):
            if code not in known:
                path = ("groupings", number, "components", at)
                yield path, "unknown-component", "there is no such component"
                return
            counted.update(leaf.code for leaf in known[code].leaves())
    every = [leaf.code for leaf in scheme.leaves()]
    if sorted(counted.elements()) != sorted(every):
        message = "together the groupings name every component once"
        yield ("groupings",), "groupings-partition", message


def bands_leave_no_gap(definition: SurveyDefinition) -> Broken:
    """From the best band down, the last from 0 or below."""
    bands = definition.scheme.bands if definition.scheme else []
    for at, (upper, lower) in enumerate(pairwise(bands)):
        if lower.from_score >= upper.from_score:
            message = "bands stand from the best down, each below the one before"
            yield ("bands", at + 1, "from_score"), "band-order", message
    if bands and bands[-1].from_score > 0:
        message = "the last band starts at 0 or below, so that every score has one"
        yield ("bands", len(bands) - 1, "from_score"), "band-gap", message


def adjustments_have_a_range(definition: SurveyDefinition) -> Broken:
    """The lower limit lies below the upper one."""
    for at, one in enumerate(definition.scheme.adjustments if definition.scheme else []):
        if one.at_least >= one.at_most:
            yield ("adjustments", at, "at_most"), "empty-range", "at_most is above at_least"


CHECKS = [
    codes_are_unique,
    groups_of_points_exist,
    points_of_parts_sum_to_the_whole,
    groups_have_equal_totals,
    every_point_has_a_source,
    sources_have_an_index,
    anchors_are_indices,
    satisfaction_comes_from_answers,
    limits_are_of_entered_points,
    minimums_are_kept,
    groupings_partition_the_points,
    bands_leave_no_gap,
    adjustments_have_a_range,
]
