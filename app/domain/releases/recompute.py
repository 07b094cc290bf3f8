"""Recompute a release from an export of its wave and hold it against what was published."""

from collections.abc import Iterator, Sequence

from app.domain.releases.canonical import canonical_document
from app.domain.releases.chain import Link, same_period
from app.domain.releases.disclosure import control
from app.domain.releases.document import Figures, Release
from app.domain.releases.export import Header
from app.domain.releases.figures import compute
from app.domain.releases.response_rows import Batches
from app.errors import Fault
from app.errors.releases import ReleaseUnverified


def recompute(header: Header, batches: Batches, link: Link, known: Sequence[Link]) -> None:
    """Compute the figures of a release again, disclosure control included; byte for byte.

    `known` are verified releases: all earlier ones of the wave, and the one compared with. Raises
    ReleaseUnverified with a fault for every table that differs.
    """
    published = link.release.figures
    if header.version != published.survey.version:
        raise ReleaseUnverified("The export is of another definition than the release")
    figures = _compute(header, batches, _compared_with(published, known))
    again = control(figures, _earlier(link.release, known))
    if canonical_document(again) != canonical_document(published):
        raise ReleaseUnverified(
            "The export gives other figures than were published",
            faults=list(_differences(published, again)),
        )


def _compute(header: Header, batches: Batches, previous: Release | None) -> Figures:
    try:
        return compute(header.survey(), header.facts(), batches, header.counts(), previous=previous)
    except (KeyError, ValueError):
        raise ReleaseUnverified("The export's responses are not of its survey") from None


def _compared_with(published: Figures, known: Sequence[Link]) -> Release | None:
    name = published.compared_with
    if name is None:
        return None
    for one in known:
        if one.release.header.release == name:
            return one.release
    raise ReleaseUnverified(f"The release compared with is needed too: {name}")


def _earlier(release: Release, known: Sequence[Link]) -> list[Figures]:
    before = [
        one
        for one in known
        if one.release.figures.wave == release.figures.wave
        and one.release.header.sequence < release.header.sequence
    ]
    if len(before) != release.header.sequence - 1:
        raise ReleaseUnverified("All earlier releases of the wave are needed too")
    return [one.release.figures for one in same_period(before, release.figures)]


def _differences(published: Figures, again: Figures) -> Iterator[Fault]:
    """Name the tables that differ; where `responses` does, the export is of another moment."""
    for name in Figures.model_fields:
        if getattr(published, name) != getattr(again, name):
            yield Fault(f"figures.{name}", "differs", "is not what the export gives")
