"""The pages that one respondent goes through: sections, the choice of departments, the review."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.questionnaires.audience import RatesChosen
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.model import DepartmentGrid, Section
from app.domain.questionnaires.navigation import visible_questions, visible_sections

REVIEW = "review"
BACK_TO_REVIEW = f"?to={REVIEW}"
"""Added to the address of a page: once saved, it leads back to the review instead of onward."""


@dataclasses.dataclass(frozen=True, slots=True)
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

    def address(self, section: Section) -> str:
        """The page of a section."""
        return f"/w/{self.wave}/s/{section.code}"

    @property
    def sections(self) -> list[Section]:
        """The sections that have a page now."""
        seen = visible_sections(self.definition, self.respondent_class, self.answers)
        return [section for section in seen if not self._is_blank(section)]

    @property
    def chooses_at(self) -> Section | None:
        """The section before which departments are chosen; None where none are."""
        rates = self.definition.audience.named(self.respondent_class).rates
        if not isinstance(rates, RatesChosen):
            return None
        seen = visible_sections(self.definition, self.respondent_class, self.answers)
        return next((section for section in seen if self._grids(section)), None)

    @property
    def pages(self) -> list[str]:
        """The addresses of all pages in order."""
        first = self.chooses_at
        addresses = []
        for section in visible_sections(self.definition, self.respondent_class, self.answers):
            if section is first:
                addresses.append(self.departments)
            if not self._is_blank(section):
                addresses.append(self.address(section))
        return [*addresses, self.review]

    @property
    def open_page(self) -> str:
        """The first page of which nothing has been saved yet; at the end the review."""
        begun = {
            self.address(section)
            for section in self.sections
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

    def _grids(self, section: Section) -> list[DepartmentGrid]:
        questions = visible_questions(section, self.answers)
        return [one for one in questions if isinstance(one, DepartmentGrid)]

    def _is_blank(self, section: Section) -> bool:
        """Nothing is left of a page of grids when no department was chosen."""
        if self.chosen is None or len(self.chosen) > 0:
            return False
        return len(self._grids(section)) == len(visible_questions(section, self.answers))
