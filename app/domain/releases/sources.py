"""Sources: which answers are weighted together, and what kind of sample they are.

The definition's weighting names a class and some of its modes; the modes that it does not name are
a source of their own with equal weights. A source without a single answer is not published.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.domain.deduplication.decision import ResponseStatus
from app.domain.questionnaires.analysis import Weighting
from app.domain.questionnaires.audience import Mode, RespondentClass, Trust
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.releases.answer_tables import MODES, STATUSES, AnswerTable

Kind = Literal["probability", "census", "self-selected"]

ASKED = (Trust.INVITED, Trust.FIELDWORK)
"""Ways in for those who were asked; by all others come those who want to."""


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """A class, the modes weighted together, and how."""

    audience: RespondentClass
    weighting: Weighting

    @property
    def modes(self) -> tuple[Mode, ...]:
        """The modes in the order of the definition format."""
        return tuple(mode for mode in Mode if mode in self.weighting.modes)

    @property
    def code(self) -> str:
        """`class/mode+mode`."""
        return f"{self.audience.code}/{'+'.join(self.modes)}"

    @property
    def kind(self) -> Kind:
        """A drawn sample, everybody on a list, or whoever wanted to."""
        if self.weighting.base == "stratum":
            return "probability"
        trust = {way.trust for way in self.audience.ways_in if way.mode in self.modes}
        return "census" if trust <= set(ASKED) else "self-selected"

    def rows(self, table: AnswerTable, *statuses: ResponseStatus) -> AnswerTable:
        """The answers of this source that have one of these statuses."""
        modes = np.isin(table.mode, [MODES.index(mode) for mode in self.modes])
        return table.kept(modes & np.isin(table.status, [STATUSES.index(s) for s in statuses]))


def plan_sources(definition: SurveyDefinition) -> Iterator[SourcePlan]:
    """All sources: the declared ones first, then what is left of each class."""
    declared = definition.index.weighting if definition.index else []
    for weighting in declared:
        yield SourcePlan(definition.audience.named(weighting.respondent_class), weighting)
    for audience in definition.audience.classes:
        left = _modes_left(audience, declared)
        if left:
            yield SourcePlan(audience, Weighting(respondent_class=audience.code, modes=left))


def _modes_left(audience: RespondentClass, declared: Sequence[Weighting]) -> list[Mode]:
    named = {m for w in declared if w.respondent_class == audience.code for m in w.modes}
    return [mode for mode in Mode if mode in {way.mode for way in audience.ways_in} - named]
