"""Definitions made ready for use, once per version: parsed, with a checker per respondent class."""

import datetime
import zoneinfo

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.questionnaires.answers import AnswerChecker
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.departments import Department
from app.domain.questionnaires.labels import Labels
from app.domain.questionnaires.text import LANGUAGES
from app.domain.questionnaires.versions import definition_from_canonical
from app.store.waves import load_definition


class Survey:
    """A definition with what is computed from it once."""

    def __init__(self, definition: SurveyDefinition) -> None:
        self.definition = definition
        self.zone = zoneinfo.ZoneInfo(definition.audience.collection.timezone)
        self.checkers = {
            one.code: AnswerChecker(definition, one.code) for one in definition.audience.classes
        }
        self.labels = {language: Labels(definition, language) for language in LANGUAGES}
        self.departments = {one.code: one for one in definition.departments.departments}
        self.windows: dict[str, Department] = {
            window.code: department
            for department in definition.departments.departments
            for window in department.windows
        }

    def local_date(self, now: datetime.datetime) -> datetime.date:
        """Give the calendar day of the survey's own time zone."""
        return now.astimezone(self.zone).date()


class SurveyCache:
    """Surveys by the hash of their definition. A version never changes, so nothing expires."""

    def __init__(self) -> None:
        self._by_hash: dict[str, Survey] = {}

    def known(self, digest: str) -> Survey | None:
        """Give the survey with this hash, if it is in memory."""
        return self._by_hash.get(digest)

    async def get(self, connection: AsyncConnection, digest: str) -> Survey:
        """Give the survey with this hash, from memory or from the database."""
        if digest not in self._by_hash:
            canonical = await load_definition(connection, digest)
            self._by_hash[digest] = Survey(definition_from_canonical(canonical.encode()))
        return self._by_hash[digest]
