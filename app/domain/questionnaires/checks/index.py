"""index.yaml: what is rated and how it is weighted can be computed from what people are asked."""

import math
from collections.abc import Iterator

from app.domain.questionnaires.analysis import Calibration, Dimension, Index, Weighting
from app.domain.questionnaires.audience import Mode, Trust
from app.domain.questionnaires.checks.questionnaire import RESERVED
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.findings import Broken, Path, repeated, repeated_codes
from app.domain.questionnaires.model import RATING_KINDS, DepartmentGrid, Question
from app.domain.questionnaires.navigation import asked_sections

_BOUNDED = ("truncated_linear", "logit")


def _dimensions(definition: SurveyDefinition) -> Iterator[tuple[Path, Dimension]]:
    for at, dimension in enumerate(definition.index.dimensions if definition.index else []):
        yield ("dimensions", at), dimension


def _weightings(definition: SurveyDefinition) -> Iterator[tuple[Path, Weighting]]:
    for at, weighting in enumerate(definition.index.weighting if definition.index else []):
        yield ("weighting", at), weighting


def dimensions_counting(index: Index, respondent_class: str) -> list[Dimension]:
    """List the dimensions that count for a class."""
    return [one for one in index.dimensions if not one.classes or respondent_class in one.classes]


def codes_are_unique(definition: SurveyDefinition) -> Broken:
    """Results are published by dimension."""
    if definition.index:
        yield from repeated_codes(definition.index.dimensions, ("dimensions",))


def earlier_years_follow(definition: SurveyDefinition) -> Broken:
    """Figures of earlier years stand in the order of their years, one each."""
    for at, series in enumerate(definition.index.earlier if definition.index else []):
        years = [one.year for one in series.figures]
        if sorted(set(years)) != years:
            yield ("earlier", at, "figures"), "years-order", "give each year once, in order"


def items_are_ratings(definition: SurveyDefinition) -> Broken:
    """Every item is a rating that exists, with an aspect exactly where it is a grid."""
    known = {question.code: question for question in definition.questionnaire.questions()}
    for path, dimension in _dimensions(definition):
        for at, item in enumerate(dimension.items):
            where = (*path, "items", at)
            question = known.get(item.question)
            if question is None:
                yield (*where, "question"), "unknown-question", "there is no such question"
            else:
                yield from _rating(question, item.aspect, where)


def _rating(question: Question, aspect: str | None, path: Path) -> Broken:
    if question.kind not in RATING_KINDS:
        yield (*path, "question"), "not-a-rating", "only ratings have scores"
    elif not isinstance(question, DepartmentGrid):
        if aspect is not None:
            yield (*path, "aspect"), "unknown-aspect", "only department grids have aspects"
    elif aspect is None:
        yield path, "unknown-aspect", "name one aspect of the grid"
    elif aspect not in {one.code for one in question.aspects}:
        yield (*path, "aspect"), "unknown-aspect", "the grid has no such aspect"


def classes_are_asked(definition: SurveyDefinition) -> Broken:
    """A dimension counts for classes that exist and are asked all its items."""
    classes = [one.code for one in definition.audience.classes]
    known = {question.code for question in definition.questionnaire.questions()}
    for path, dimension in _dimensions(definition):
        for at, code in enumerate(dimension.classes):
            if code not in classes:
                yield (*path, "classes", at), "unknown-class", "there is no such respondent class"
        for one in set(dimension.classes or classes).intersection(classes):
            missing = known - _asked(definition, one)
            for at, item in enumerate(dimension.items):
                if item.question in missing:
                    message = "some class that this dimension counts for is never asked this"
                    yield (*path, "items", at), "item-not-asked", message


def _asked(definition: SurveyDefinition, respondent_class: str) -> set[str]:
    sections = asked_sections(definition, respondent_class)
    return {question.code for section in sections for question in section.questions}


def weights_sum_to_one(definition: SurveyDefinition) -> Broken:
    """For every class, and no item counts twice."""
    if definition.index is None:
        return
    for one in definition.audience.classes:
        counting = dimensions_counting(definition.index, one.code)
        total = math.fsum(dimension.weight for dimension in counting)
        if counting and not math.isclose(total, 1, abs_tol=1e-9):
            message = f"the weights add up to {total:.10g} for some class, not to 1"
            yield ("dimensions",), "weights-sum", message
            return


def items_count_once(definition: SurveyDefinition) -> Broken:
    """The same rating in two dimensions of one class would count twice."""
    for path, dimension in _dimensions(definition):
        for at in repeated(dimension.items):
            yield (*path, "items", at), "item-twice", "this item counts already"
    for one in definition.audience.classes:
        seen: set[object] = set()
        for path, dimension in _dimensions(definition):
            if not dimension.classes or one.code in dimension.classes:
                if seen.intersection(dimension.items):
                    message = "an item counts in an earlier dimension of the same class"
                    yield (*path, "items"), "item-twice", message
                seen.update(dimension.items)


def weightings_have_answers(definition: SurveyDefinition) -> Broken:
    """Each weighs a class in modes that it has, and no answer is weighted by two of them."""
    ways = {one.code: {way.mode for way in one.ways_in} for one in definition.audience.classes}
    taken: set[tuple[str, Mode]] = set()
    for path, weighting in _weightings(definition):
        name = weighting.respondent_class
        if name not in ways:
            message = "there is no such respondent class"
            yield (*path, "respondent_class"), "unknown-class", message
            continue
        for at, mode in enumerate(weighting.modes):
            if mode not in ways[name]:
                message = "the class has no way in by this mode"
                yield (*path, "modes", at), "unknown-mode", message
            if (name, mode) in taken:
                message = "answers of this class in this mode are weighted already"
                yield (*path, "modes", at), "weighted-twice", message
            taken.add((name, mode))


def base_weights_exist(definition: SurveyDefinition) -> Broken:
    """N_h/n_h needs strata and a sample: an open poll is none, whoever calls it one."""
    for path, weighting in _weightings(definition):
        if weighting.base != "stratum":
            continue
        if not definition.sample.strata:
            yield (*path, "base"), "no-strata", "sample.yaml declares no strata"
        if _is_open(definition, weighting):
            message = "an open poll is self-selected; its base weights are equal"
            yield (*path, "base"), "poll-as-sample", message


def _is_open(definition: SurveyDefinition, weighting: Weighting) -> bool:
    return any(
        way.trust == Trust.OPEN and way.mode in weighting.modes
        for one in definition.audience.classes
        if one.code == weighting.respondent_class
        for way in one.ways_in
    )


def calibrations_are_possible(definition: SurveyDefinition) -> Broken:
    """The margins exist, are known for the class weighted, and suit the method."""
    declared = [margin.question for margin in definition.sample.margins]
    for path, weighting in _weightings(definition):
        if weighting.calibration is None:
            continue
        where: Path = (*path, "calibration")
        named = weighting.calibration.margins
        for at, name in enumerate(named):
            if name not in declared:
                yield (*where, "margins", at), "unknown-margin", "sample.yaml has no such margin"
        for at in repeated(named):
            yield (*where, "margins", at), "duplicate-margin", "is named already"
        used = [name for name in named or declared if name in declared]
        yield from _method(weighting.calibration, used, where)
        yield from _known(definition, weighting, used, where)


def _method(calibration: Calibration, used: list[str], path: Path) -> Broken:
    if not used:
        yield (*path, "margins"), "unknown-margin", "there is no margin to calibrate to"
    if calibration.method == "poststratification" and len(used) > 1:
        message = "post-stratification takes one margin; use raking for several"
        yield (*path, "method"), "calibration-method", message
    bounds = [bound for bound in (calibration.lower, calibration.upper) if bound is not None]
    if len(bounds) != (2 if calibration.method in _BOUNDED else 0):
        message = f"lower and upper go with {' and '.join(_BOUNDED)}, and only with them"
        yield (*path, "method"), "calibration-bounds", message


def _known(
    definition: SurveyDefinition, weighting: Weighting, used: list[str], path: Path
) -> Broken:
    asked = _asked(definition, weighting.respondent_class)
    if weighting.base == "stratum":
        asked.add(RESERVED)
    if set(used) - asked:
        message = "this class is not asked for one of the margins (stratum: base is not stratum)"
        yield (*path, "margins"), "margin-not-asked", message


CHECKS = [
    codes_are_unique,
    earlier_years_follow,
    items_are_ratings,
    classes_are_asked,
    weights_sum_to_one,
    items_count_once,
    weightings_have_answers,
    base_weights_exist,
    calibrations_are_possible,
]
