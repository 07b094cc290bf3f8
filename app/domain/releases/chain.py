"""The chain of a wave's releases: provisional → final → corrected, and the way to verify it.

A release is signed as compact JWS (signing.py) whose payload is the canonical document
(canonical.py). It names the release before it by the SHA-256 of that one's payload, so that none
can be left out, exchanged or put in between by anybody, the city included. The sequence counts the
releases of a wave; the states follow each other within a period of it.
"""

import datetime
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from app.domain.releases import signing
from app.domain.releases.canonical import canonical_document
from app.domain.releases.changed import describe_changes
from app.domain.releases.document import (
    Correction,
    Figures,
    Header,
    Predecessor,
    Release,
    State,
)
from app.errors import Fault
from app.errors.releases import ReleaseRefused, ReleaseUnverified

FOLLOWS: Mapping[State | None, tuple[State, ...]] = {
    None: ("provisional", "final"),
    "provisional": ("final",),
    "final": ("corrected",),
    "corrected": ("corrected",),
}
"""Which state may follow the last release of the same period; None: there is none yet."""


STATES: tuple[State, ...] = ("provisional", "final", "corrected")


@dataclass(frozen=True, slots=True)
class Link:
    """A release with its payload, the bytes that were signed."""

    release: Release
    payload: bytes

    @property
    def digest(self) -> str:
        """The SHA-256 of the payload, hexadecimal: what the next release names."""
        return hashlib.sha256(self.payload).hexdigest()


def read_link(payload: bytes) -> Link:
    """Read a payload. Raises ReleaseUnverified where it is no release in canonical form."""
    try:
        release = Release.model_validate_json(payload)
    except ValidationError:
        raise ReleaseUnverified("This is no release that this version can read") from None
    if canonical_document(release) != payload:
        raise ReleaseUnverified("The release is not in canonical form")
    return Link(release, payload)


def same_period(links: Sequence[Link], figures: Figures) -> list[Link]:
    """Give the releases of the same days.

    Raises ReleaseRefused where the days of another overlap: the difference of the two would show
    the days between.
    """
    first, last = figures.period.first, figures.period.last
    found = []
    for link in links:
        period = link.release.figures.period
        if (period.first, period.last) == (first, last):
            found.append(link)
        elif period.first <= last and first <= period.last:
            raise ReleaseRefused("The days overlap with those of another release")
    return found


def last_of_period(links: Sequence[Link], figures: Figures) -> Release | None:
    """Give the release that figures of these days come after. Raises as `same_period`."""
    same = same_period(links, figures)
    return same[-1].release if same else None


def add_release(
    chain: Sequence[Link], figures: Figures, *, state: State, at: datetime.datetime, why: str = ""
) -> Link:
    """Add figures to the chain of their wave, as the release of this state.

    `why` is the reason of a correction. Raises ReleaseRefused where the state can't follow.
    """
    before = last_of_period(chain, figures)
    if state not in FOLLOWS[before.header.state if before else None]:
        raise ReleaseRefused("A release of this state can't follow the one before it")
    sequence = len(chain) + 1
    header = Header(
        release=f"{figures.wave}.{sequence}",
        sequence=sequence,
        state=state,
        published_at=at,
        previous=_predecessor(chain),
        correction=_correction(before, figures, why) if state == "corrected" and before else None,
    )
    release = Release(header=header, figures=figures)
    return Link(release, canonical_document(release))


def _predecessor(chain: Sequence[Link]) -> Predecessor | None:
    if not chain:
        return None
    return Predecessor(release=chain[-1].release.header.release, digest=chain[-1].digest)


def _correction(before: Release, figures: Figures, why: str) -> Correction:
    changed = describe_changes(before.figures, figures)
    return Correction(corrects=before.header.release, changed=changed, why=why)


def verify_chain(signed: Sequence[str], keys: Mapping[str, bytes]) -> list[Link]:
    """Verify signatures and links of one wave's releases and give them in their order.

    `signed` are compact JWS in any order, from the wave's first to any later release without a gap;
    one alone is verified by itself, as far as its signature and form go. `keys` are raw public
    keys by key id. Raises SignatureRefused, or ReleaseUnverified with everything that is wrong.
    """
    links = [read_link(signing.verify(one, keys)) for one in signed]
    links.sort(key=lambda link: link.release.header.sequence)
    faults = list(_faults(links))
    if faults:
        raise ReleaseUnverified(faults=faults)
    return links


def _faults(links: Sequence[Link]) -> Iterator[Fault]:
    alone = len(links) == 1
    for place, link in enumerate(links):
        header = link.release.header
        if link.release.figures.wave != links[0].release.figures.wave:
            yield Fault(header.release, "other-wave", "belongs to another wave")
        elif header.release != f"{link.release.figures.wave}.{header.sequence}":
            yield Fault(header.release, "misnamed", "has another number in its name")
        elif (header.sequence == 1) != (header.previous is None):
            yield Fault(header.release, "first", "is not the first, or names no predecessor")
        elif alone:
            continue
        elif header.sequence != place + 1:
            yield Fault(header.release, "gap", "does not follow the one before it")
        elif header.previous != _predecessor(links[:place]):
            yield Fault(header.release, "other-predecessor", "names another predecessor")
        else:
            yield from _state_faults(links[:place], link)


def _state_faults(before: Sequence[Link], link: Link) -> Iterator[Fault]:
    header = link.release.header
    try:
        again = add_release(
            before,
            link.release.figures,
            state=header.state,
            at=header.published_at,
            why=header.correction.why if header.correction else "",
        )
    except ReleaseRefused as refused:
        yield Fault(header.release, refused.code, refused.detail)
    else:
        if again.payload != link.payload:
            yield Fault(header.release, "other-correction", "says something else than what changed")
