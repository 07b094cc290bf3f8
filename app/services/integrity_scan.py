"""Looking for suspicious answers in a wave. Counts come out of it, never how anybody answered."""

import asyncio
import dataclasses
from collections.abc import Mapping, Sequence

from app.domain.deduplication.permits import FormPermit, permit_hash, response_id
from app.domain.integrity.ballots import Ballot, read_ballots
from app.domain.integrity.findings import Finding, Signal
from app.domain.integrity.scan import scan
from app.domain.rights.rights import Act, Actor, require_right
from app.errors.integrity import FindingNotFound
from app.services.resources import Resources
from app.services.waves import Wave
from app.store.integrity import stream_ballots
from app.store.paper_forms import list_forms


@dataclasses.dataclass(frozen=True, slots=True)
class Suspicion:
    """A finding as shown: which set, how many responses, how many would be usual."""

    key: str
    signal: Signal
    objects: Mapping[str, str]
    members: Sequence[bytes] = dataclasses.field(repr=False)
    usual: float | None
    strength: float

    @property
    def n(self) -> int:
        """How many responses the rule picks."""
        return len(self.members)


@dataclasses.dataclass(frozen=True, slots=True)
class Scanned:
    """Of how many responses, and what stood out, the strongest first."""

    responses: int
    suspicions: Sequence[Suspicion]


async def scan_wave(resources: Resources, actor: Actor, wave: Wave) -> Scanned:
    """Look for every signal among all responses but duplicates. Raises NotAllowed."""
    require_right(actor, Act.SEE_INTEGRITY)
    return await look_through(resources, wave)


async def find_suspicion(resources: Resources, wave: Wave, key: str) -> Suspicion:
    """Scan again and give the finding of this key. Raises FindingNotFound."""
    for one in (await look_through(resources, wave)).suspicions:
        if one.key == key:
            return one
    raise FindingNotFound


async def look_through(resources: Resources, wave: Wave) -> Scanned:
    """Scan for a caller who has checked the right."""
    interviewers = await _interviewers(resources, wave)
    ballots: list[Ballot] = []
    async with resources.database.reading() as connection:
        async for some in stream_ballots(connection, wave.id, interviewers):
            ballots += some
    key = resources.keys.key("integrity", wave.code)
    return await asyncio.to_thread(_scan, wave, ballots, key)


async def _interviewers(resources: Resources, wave: Wave) -> dict[bytes, str]:
    """Name the interviewer of each response on paper: a form is a permit, so its id is known."""
    async with resources.database.reading() as connection:
        forms = await list_forms(connection, wave.id)
    return {
        response_id(wave.code, permit_hash(resources.keys, wave.code, FormPermit(form.number))): (
            form.interviewer
        )
        for form in forms
        if form.interviewer
    }


def _scan(wave: Wave, ballots: Sequence[Ballot], key: bytes) -> Scanned:
    coded = read_ballots(wave.definition, ballots)
    return Scanned(len(coded), [_shown(one, coded.ids) for one in scan(coded, key=key)])


def _shown(finding: Finding, ids: Sequence[bytes]) -> Suspicion:
    return Suspicion(
        finding.key,
        finding.signal,
        finding.objects,
        [ids[place] for place in finding.members.tolist()],
        finding.usual,
        finding.strength,
    )
