"""What a reader must know of how a sample came out: places for which nobody speaks, or too few."""

from collections.abc import Iterator, Mapping

import numpy as np

from app.domain.estimation.columns import MISSING, Codes, Floats
from app.domain.estimation.design import SampleDesign
from app.domain.questionnaires.analysis import Weighting
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.releases.source_cells import POINT, STRATUM


def design_notes(
    definition: SurveyDefinition,
    weighting: Weighting,
    design: SampleDesign,
    codes: Mapping[str, Codes],
    counts: Floats,
) -> list[str]:
    """Sentences about strata and survey points; `codes` and `counts` are those of the cells."""
    if weighting.base != "stratum":
        return []
    notes = [*_lonely(design), *_unheard(definition, codes[STRATUM])]
    if not design.stages[0].elements:
        notes += _pointless(codes[POINT], counts)
    return notes


def _lonely(design: SampleDesign) -> Iterator[str]:
    """Where the spread between units had to be guessed."""
    first = design.stages[0]
    alone = np.unique(first.strata[design.drawn(first) == 1]).size
    if alone:
        yield (
            f"{alone} strata have a single sampling unit; its distance from the mean of all units "
            "stands for the spread that can't be seen there."
        )


def _unheard(definition: SurveyDefinition, stratum: Codes) -> Iterator[str]:
    """Strata for which nobody speaks."""
    for at, one in enumerate(definition.sample.strata):
        if at not in stratum:
            yield f"Nobody answered in stratum {one.code}: the base weights leave it out."


def _pointless(point: Codes, counts: Floats) -> Iterator[str]:
    """Who belongs to no survey point though others do."""
    without = int(counts[point == MISSING].sum())
    if without:
        yield f"{without} answers without a survey point count as one point of their stratum."
