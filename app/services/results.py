"""What the public results pages stand on: published releases, and nothing else.

A wave without a published release has no results, whatever is stored: that is the embargo.
"""

import dataclasses
from collections.abc import Iterable, Mapping

from app.domain.questionnaires.analysis import EarlierFigures
from app.domain.questionnaires.text import Language, Text
from app.domain.releases.document import Period, Release
from app.domain.releases.table import index_table
from app.errors.waves import NotReleased, WaveNotFound
from app.services.releases import list_releases, published_releases, read_release
from app.services.resources import Resources
from app.services.waves import Wave, find_wave, list_waves
from app.store.keyed_files import csv_bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Results:
    """One release with its neighbours, all oldest first.

    `releases` are those of the same wave (and period, where it is continuous), `earlier` the
    newest of each earlier wave or period of the same survey.
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
    try:
        found = await find_wave(resources, wave)
    except WaveNotFound:
        raise NotReleased from None
    own = await _releases_of(resources, found)
    chosen = [one for one in own if sequence in (None, one.header.sequence)]
    if not chosen:
        raise NotReleased
    release = chosen[-1]
    period = release.figures.period
    return Results(
        release=release,
        releases=tuple(one for one in own if one.figures.period == period),
        earlier=tuple(_earlier(await _of_survey(resources, found), period)),
    )


async def _releases_of(resources: Resources, wave: Wave) -> list[Release]:
    return [read_release(one.payload) for one in await list_releases(resources, wave)]


async def _of_survey(resources: Resources, wave: Wave) -> list[Release]:
    """Give the releases of all waves of a survey."""
    code = wave.definition.survey.code
    return [
        release
        for one in await list_waves(resources)
        if one.definition.survey.code == code
        for release in await _releases_of(resources, one)
    ]


def _earlier(releases: Iterable[Release], period: Period) -> list[Release]:
    """Take the newest release of every wave or period that ended before this one began."""
    newest = {
        (one.figures.wave, one.figures.period.last): one
        for one in releases
        if one.figures.period.last < period.first
    }
    return sorted(newest.values(), key=lambda one: one.figures.period.last)


@dataclasses.dataclass(frozen=True, slots=True)
class Labels:
    """What the wave's definition adds to a release: words for codes, figures of earlier years."""

    strata: Mapping[str, Text]
    questions: Mapping[str, Text]
    earlier: tuple[EarlierFigures, ...]


async def labels_of(resources: Resources, wave: str) -> Labels:
    """Look up what strata and margins are called, and what was published before."""
    definition = (await find_wave(resources, wave)).definition
    return Labels(
        strata={one.code: one.name for one in definition.sample.strata},
        questions={one.code: one.text for one in definition.questionnaire.questions()},
        earlier=tuple(definition.index.earlier) if definition.index else (),
    )


async def list_results(resources: Resources) -> list[Release]:
    """Give the newest release of every wave that has one, the latest collection first."""
    newest = {one.figures.wave: one for one in await published_releases(resources)}
    return sorted(newest.values(), key=lambda one: one.figures.period.last, reverse=True)


def indices_csv(release: Release, language: Language) -> bytes:
    """Give all indices of a release as a table that spreadsheets open rightly and safely."""
    return csv_bytes(index_table(release, language))
