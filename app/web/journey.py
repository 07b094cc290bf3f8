"""The pages that one respondent goes through: sections, the choice of departments, the review."""

import dataclasses
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from app.domain.questionnaires.audience import RatesChosen
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.model import DepartmentGrid, Question, Section
from app.domain.questionnaires.navigation import walk

REVIEW = "review"
BACK_TO_REVIEW = f"?to={REVIEW}"
"""Added to the address of a page: once saved, it leads back to the review instead of onward."""


@dataclasses.dataclass(frozen=True)
class Journey:
    """Knows the order of the pages; gives their addresses.

    `chosen` are the departments chosen so far, None before the choice was made.
    """

    wave: str
    definition: SurveyDefinition
    respondent_class: str
    answers: Mapping[str, Any]
    chosen: Sequence[str] | None

    @property
    def landing(self) -> str:
        """The page before the first."""
        return f"/w/{self.wave}"

    @property
    def departments(self) -> str:
        """The page where departments are chosen."""
        return f"/w/{self.wave}/departments"

    @property
    def review(self) -> str:
        """The last page."""
        return f"/w/{self.wave}/review"

    @property
    def questions(self) -> list[Question]:
        """The questions seen now, in order."""
        return [question for _, questions in self._seen for question in questions]

    def address(self, section: Section) -> str:
        """The page of a section."""
        return f"/w/{self.wave}/s/{section.code}"

    @cached_property
    def _seen(self) -> list[tuple[Section, list[Question]]]:
        return list(walk(self.definition, self.respondent_class, self.answers))

    @cached_property
    def sections(self) -> list[tuple[Section, list[Question]]]:
        """The sections that have a page now, each with its questions seen."""
        return [one for one in self._seen if not self._is_blank(one[1])]

    @cached_property
    def chooses_at(self) -> Section | None:
        """The section before which departments are chosen; None where none are."""
        rates = self.definition.audience.named(self.respondent_class).rates
        if not isinstance(rates, RatesChosen):
            return None
        return next((section for section, questions in self._seen if _n_grids(questions)), None)

    @cached_property
    def pages(self) -> list[str]:
        """The addresses of all pages in order."""
        first = self.chooses_at
        addresses = []
        for section, questions in self._seen:
            if section is first:
                addresses.append(self.departments)
            if not self._is_blank(questions):
                addresses.append(self.address(section))
        return [*addresses, self.review]

    @property
    def open_page(self) -> str:
        """The first page of which nothing has been saved yet; at the end the review."""
        begun = {
            self.address(section)
            for section, _ in self.sections
            if any(question.code in self.answers for question in section.questions)
        }
        if self.chosen is not None:
            begun.add(self.departments)
        return next(page for page in self.pages if page not in begun)

    def after(self, page: str) -> str:
        """The page that follows."""
        pages = self.pages
        return pages[pages.index(page) + 1] if page in pages[:-1] else self.review

    def before(self, page: str) -> str:
        """The page one step back."""
        pages = self.pages
        return pages[pages.index(page) - 1] if page in pages[1:] else self.landing

    def _is_blank(self, questions: Sequence[Question]) -> bool:
        """Nothing is left of a page of grids when no department was chosen."""
        if self.chosen is None or len(self.chosen) > 0:
            return False
        return _n_grids(questions) == len(questions)


def _n_grids(questions: Sequence[Question]) -> int:
    return sum(isinstance(one, DepartmentGrid) for one in questions)
