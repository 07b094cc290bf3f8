"""Publishing releases and finding those published. What is published never changes.

A release is published by another person than the one who prepared it. Its place in the chain of
its wave is taken by a unique key, so that of two who publish at once one is refused.
"""

import asyncio
import datetime
import functools
import re
from collections.abc import Mapping, Sequence

from app.domain.accounts.rules import fault
from app.domain.clients.events import EventKind
from app.domain.releases.chain import FOLLOWS, Link, add_release, last_of_period
from app.domain.releases.document import Figures, Release, State
from app.domain.releases.signing import sign
from app.domain.rights.rights import Act, Actor, is_same_person, require_right
from app.domain.waves.life_cycle import WaveState
from app.errors import InvalidInput
from app.errors.releases import ReleaseNotFound, ReleaseRefused
from app.errors.staff import SecondPersonNeeded
from app.errors.waves import WaveNotFound
from app.services import audit
from app.services.events import record_event
from app.services.resources import Resources
from app.services.signing_keys import current_private_key
from app.services.waves import Wave, find_wave
from app.store import releases as store
from app.store.integrity import last_change
from app.store.releases import PreparedRecord, ReleaseRecord
from app.store.waves import change_state

LONGEST_REASON = 500
SEQUENCE = re.compile(r"[1-9][0-9]{0,8}")
"""Without leading zeros: one document, one name."""

_EVENTS: Mapping[str, EventKind] = {
    "provisional": EventKind.RELEASE_PUBLISHED,
    "final": EventKind.RELEASE_PUBLISHED,
    "corrected": EventKind.RELEASE_CORRECTED,
}


async def publish_release(
    resources: Resources,
    actor: Actor,
    wave: Wave,
    *,
    prepared: int,
    state: State,
    why: str = "",
) -> ReleaseRecord:
    """Sign prepared figures and publish them as a release of this state.

    `why` is the reason of a correction. Raises NotAllowed, SecondPersonNeeded, ReleaseNotFound,
    InvalidInput on field `why`, and ReleaseRefused where the state can't follow or the figures were
    prepared before the last release.
    """
    require_right(actor, Act.PUBLISH_RELEASES)
    why = _checked_reason(state, why)
    found = await _publishable(resources, actor, wave, prepared)
    chain = await chain_of(resources, wave)
    if found.after_sequence != len(chain):
        raise ReleaseRefused("Another release has been published since: prepare the figures again")
    at = resources.now().replace(microsecond=0)
    figures = Figures.model_validate_json(found.figures)
    link = await asyncio.to_thread(add_release, chain, figures, state=state, at=at, why=why)
    record = ReleaseRecord(
        wave_id=wave.id,
        sequence=link.release.header.sequence,
        state=state,
        prepared_id=found.id,
        digest=bytes.fromhex(link.digest),
        payload=link.payload,
        jws=sign(link.payload, await current_private_key(resources)),
        published_by=actor.name,
        published_at=at,
    )
    await _store(resources, wave, record, link.release, found.prepared_at)
    return record


def _checked_reason(state: State, why: str) -> str:
    why = why.strip()
    if state == "corrected" and not why:
        raise InvalidInput(faults=[fault("why", "why-missing")])
    if len(why) > LONGEST_REASON or not why.isprintable():
        raise InvalidInput(faults=[fault("why", "reason-invalid")])
    return why


async def _publishable(
    resources: Resources, actor: Actor, wave: Wave, number: int
) -> PreparedRecord:
    async with resources.database.reading() as connection:
        found = await store.find_prepared(connection, wave.id, number)
    if found is None:
        raise ReleaseNotFound
    if is_same_person(found.prepared_by, actor.name):
        raise SecondPersonNeeded
    return found


async def _store(
    resources: Resources,
    wave: Wave,
    record: ReleaseRecord,
    release: Release,
    prepared_at: datetime.datetime,
) -> None:
    async with resources.database.writing() as connection:
        if not await store.insert_release(connection, record):
            raise ReleaseRefused("Another release has just been published")
        if wave.state is WaveState.CLOSED:
            await change_state(
                connection,
                wave_id=wave.id,
                old=WaveState.CLOSED,
                new=WaveState.RELEASED,
                now=resources.now(),
                by=record.published_by,
                reason=release.header.release,
            )
        changed = await last_change(connection, wave.id)
        if changed is not None and changed > prepared_at:
            raise ReleaseRefused("What counts has changed since: prepare the figures again")
        await record_event(resources, connection, _EVENTS[record.state], *_news(record, release))
        await audit.record(
            connection,
            resources,
            by=record.published_by,
            act=f"release.{record.state}",
            object_=f"release:{release.header.release}",
            prepared=str(record.prepared_id),
            digest=record.digest.hex(),
        )
    resources.waves.forget()


def _news(record: ReleaseRecord, release: Release) -> tuple[str, dict[str, object]]:
    """Give what the feed of events says: which release of what, and its digest."""
    header, figures = release.header, release.figures
    data: dict[str, object] = {
        "wave": figures.wave,
        "survey": figures.survey.code,
        "state": header.state,
        "period": figures.period.model_dump(mode="json"),
        "digest": record.digest.hex(),
    }
    return header.release, data


async def list_releases(resources: Resources, wave: Wave) -> list[ReleaseRecord]:
    """List the releases of a wave, oldest first."""
    async with resources.database.reading() as connection:
        return await store.list_releases(connection, wave.id)


async def chain_of(resources: Resources, wave: Wave) -> list[Link]:
    """Give the releases of a wave as the chain that the next one is added to."""
    return [
        Link(read_release(one.payload), one.payload) for one in await list_releases(resources, wave)
    ]


def states_possible(chain: Sequence[Link], figures: Figures) -> tuple[State, ...]:
    """List as what figures can be published now. Raises ReleaseRefused where the days overlap."""
    before = last_of_period(chain, figures)
    return FOLLOWS[before.header.state if before else None]


async def find_release(resources: Resources, name: str) -> ReleaseRecord:
    """Find a release by its name, `wave.sequence`. Raises ReleaseNotFound."""
    code, _, number = name.rpartition(".")
    if not SEQUENCE.fullmatch(number):
        raise ReleaseNotFound
    kept = resources.releases.find(code, int(number))
    if kept is not None:
        return kept
    try:
        wave = await find_wave(resources, code)
    except WaveNotFound:
        raise ReleaseNotFound from None
    return await _find(resources, wave, int(number))


async def _find(resources: Resources, wave: Wave, sequence: int) -> ReleaseRecord:
    async with resources.database.reading() as connection:
        found = await store.find_release(connection, wave.id, sequence)
    if found is None:
        raise ReleaseNotFound
    resources.releases.keep(wave.code, found)
    return found


async def newest_release(resources: Resources, wave: Wave) -> ReleaseRecord:
    """Give the release of a wave that counts now. Raises ReleaseNotFound."""
    async with resources.database.reading() as connection:
        sequence = await store.newest_sequence(connection, wave.id)
    kept = resources.releases.find(wave.code, sequence)
    return kept or await _find(resources, wave, sequence)


async def published_releases(resources: Resources) -> list[Release]:
    """Give all releases of all waves, those of a wave in their order."""
    async with resources.database.reading() as connection:
        return [read_release(one.payload) for one in await store.list_all_releases(connection)]


@functools.lru_cache(maxsize=32)
def read_release(payload: bytes) -> Release:
    """Read a release that is stored. It never changes, so it is read once."""
    return Release.model_validate_json(payload)
