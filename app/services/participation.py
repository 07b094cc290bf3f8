"""How many took part: the figures that may be seen while a wave is open, and no others.

They come from counters (`store/counts.py`), so that asking costs the same at ten answers and at
ten million.
"""

import dataclasses
from functools import partial

from app.domain.deduplication.decision import ResponseStatus
from app.domain.questionnaires.audience import Trust
from app.services.participation_cache import Participation
from app.services.resources import Resources
from app.services.waves import Wave, list_waves
from app.store.counts import Difference, differences
from app.store.participation import ResponseCount, count_responses
from app.store.permits import PermitCount, count_permits
from app.store.roll import count_roll


async def count_participation(resources: Resources, wave: Wave) -> Participation:
    """Count who took part in a wave."""
    async with resources.database.reading() as connection:
        responses = await count_responses(connection, wave.id)
        permits = await count_permits(connection, wave.id)
        drawn = (await count_roll(connection, wave.id)).get(Trust.VERIFIED, 0)
    return Participation(
        returned=_total(responses),
        counted=_total(responses, status=ResponseStatus.COUNTED),
        duplicate=_total(responses, status=ResponseStatus.DUPLICATE),
        set_aside=_total(responses, status=ResponseStatus.SET_ASIDE),
        distributed=_total(permits, trust=Trust.INVITED)
        - _total(permits, trust=Trust.INVITED, state="revoked"),
        revoked=_total(permits, trust=Trust.INVITED, state="revoked"),
        drawn=drawn,
        drawn_not_answered=drawn - _total(responses, trust=Trust.VERIFIED),
        responses=tuple(responses),
    )


async def look_at_participation(resources: Resources, wave: Wave) -> Participation:
    """Give the counts of at most a second ago: for whoever watches, not for whoever decides."""
    return await resources.participation.of(wave.id).get(
        partial(count_participation, resources, wave)
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Balance:
    """A wave's participation, and where its counters differ from the rows that they count."""

    wave: str
    participation: Participation
    differences: tuple[Difference, ...]


async def check_counts(resources: Resources) -> list[Balance]:
    """Count all rows of all waves again and compare; takes as long as reading them does."""
    return [await _balance(resources, wave) for wave in await list_waves(resources)]


async def _balance(resources: Resources, wave: Wave) -> Balance:
    async with resources.database.snapshot() as connection:
        found = await differences(connection, wave.id)
    return Balance(wave.code, await count_participation(resources, wave), tuple(found))


def _total(counts: list[ResponseCount] | list[PermitCount], **like: str) -> int:
    return sum(
        one.n for one in counts if all(getattr(one, name) == value for name, value in like.items())
    )
