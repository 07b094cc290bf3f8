"""Cells of one source: respondents alike in design, trust level and the margins of its weighting.

All rows are numbered at once, so that cells stand in the order of their codes.
"""

from collections.abc import Mapping

import numpy as np

from app.domain.estimation.cells import CellIndex
from app.domain.estimation.columns import Codes, Floats
from app.domain.questionnaires.analysis import Weighting
from app.domain.questionnaires.checks.questionnaire import RESERVED
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.releases.answer_tables import TRUSTS, AnswerTable

# Columns of the design. No question has such a code, so that margins can't take their places.
STRATUM, POINT, TRUST, OWN, PEOPLE = ":stratum", ":point", ":trust", ":own", ":people"


def source_cells(
    definition: SurveyDefinition, weighting: Weighting, table: AnswerTable
) -> tuple[Codes, Mapping[str, Codes], Floats]:
    """Cell of every row, codes of every cell by column (−1: none), respondents of every cell."""
    sample = definition.sample
    widths = {STRATUM: len(sample.strata), POINT: len(sample.points), TRUST: len(TRUSTS)}
    columns = {STRATUM: table.stratum, POINT: table.point, TRUST: table.trust}
    if table.items.audience.never_own:
        widths[OWN], columns[OWN] = len(definition.departments.departments), table.own
    categories = {margin.question: len(margin.totals) for margin in sample.margins}
    for name in margins_used(definition, weighting):
        widths[name] = categories[name]
        columns[name] = table.stratum if name == RESERVED else table.choices[name]
    index = CellIndex(widths)
    cell = index.number(columns)
    return cell, index.codes(), np.bincount(cell, minlength=len(index)).astype(np.float64)


def margins_used(definition: SurveyDefinition, weighting: Weighting) -> list[str]:
    """The margins that a source is weighted to: those named, or all that are declared."""
    if weighting.calibration is None:
        return []
    declared = [margin.question for margin in definition.sample.margins]
    return list(weighting.calibration.margins) or declared
