"""What the public results pages stand on: published releases, and nothing else.

A wave without a published release has no results, whatever is stored: that is the embargo.
"""

import dataclasses
from collections.abc import Mapping

from app.domain.questionnaires.text import Language, Text
from app.domain.releases.document import Release
from app.domain.releases.table import index_table
from app.errors import NotReleased
from app.services.releases import published_releases
from app.services.resources import Resources
from app.services.waves import find_wave
from app.store.keyed_files import csv_bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Results:
    """One release of a wave, with its neighbours.

    `releases` are all of the wave, `earlier` the newest of each earlier wave of the same survey;
    both oldest first.
    """

    release: Release
    releases: tuple[Release, ...]
    earlier: tuple[Release, ...]

    @property
    def newest(self) -> Release:
        """The release that counts now."""
        return self.releases[-1]


async def find_results(resources: Resources, wave: str, sequence: int | None = None) -> Results:
    """Find a release of a wave, the newest by default. Raises NotReleased."""
    published = await published_releases(resources)
    own = [one for one in published if one.figures.wave == wave]
    found = [one for one in own if sequence in (None, one.header.sequence)]
    if not found:
        raise NotReleased
    release = found[-1]
    return Results(release, tuple(own), tuple(_earlier(published, release)))


def _earlier(published: list[Release], release: Release) -> list[Release]:
    """Take the newest release of every wave of this survey that ended before."""
    figures = release.figures
    newest = {
        one.figures.wave: one
        for one in published
        if one.figures.survey.code == figures.survey.code
        and one.figures.period.last < figures.period.first
    }
    return sorted(newest.values(), key=lambda one: one.figures.period.last)


@dataclasses.dataclass(frozen=True, slots=True)
class Labels:
    """Words of the wave's definition for codes that a release holds without their names."""

    strata: Mapping[str, Text]
    questions: Mapping[str, Text]


async def labels_of(resources: Resources, wave: str) -> Labels:
    """Look up what strata and margins are called."""
    definition = (await find_wave(resources, wave)).definition
    return Labels(
        strata={one.code: one.name for one in definition.sample.strata},
        questions={one.code: one.text for one in definition.questionnaire.questions()},
    )


async def list_results(resources: Resources) -> list[Release]:
    """Give the newest release of every wave that has one, the latest collection first."""
    newest = {one.figures.wave: one for one in await published_releases(resources)}
    return sorted(newest.values(), key=lambda one: one.figures.period.last, reverse=True)


def indices_csv(release: Release, language: Language) -> bytes:
    """Give all indices of a release as a table that spreadsheets open rightly and safely."""
    return csv_bytes(index_table(release, language))
