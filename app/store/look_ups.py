"""What storage knows of permits, asked for by many at once: a few statements for all of them."""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby

from sqlalchemy import BindParameter, LargeBinary, bindparam, cast, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.deduplication.permits import response_id
from app.store.permits import PermitRecord, find_by_typed_codes, find_permits
from app.tables import drafts, responses

_WAVE: BindParameter[int] = bindparam("of_wave")
_THESE: BindParameter[Sequence[bytes]] = bindparam("these", expanding=True)
_COME_OF = union_all(
    select(responses.c.response_id, cast(null(), LargeBinary).label("sealed")).where(
        responses.c.wave_id == _WAVE, responses.c.response_id.in_(_THESE)
    ),
    select(drafts.c.response_id, drafts.c.sealed_answers).where(
        drafts.c.wave_id == _WAVE, drafts.c.response_id.in_(_THESE)
    ),
)


@dataclasses.dataclass(frozen=True, slots=True)
class LookUp:
    """A question about one permit.

    `hash` is the permit's, or where `typed` that of the code which stands for it. `minted`: the
    permit itself is looked for. `sitting`: also what has come of it, as a page wants to know.
    """

    wave_id: int
    wave: str
    hash: bytes
    typed: bool
    minted: bool
    sitting: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """The answer. `spent` and `draft` are told for a sitting only."""

    permit: PermitRecord | None
    spent: bool
    draft: bytes | None


async def look_up(connection: AsyncConnection, asked: Sequence[LookUp]) -> list[Known]:
    """Answer the questions, in their order."""
    known: dict[LookUp, Known] = {}
    for wave_id, some in groupby(sorted(asked, key=_wave), key=_wave):
        known |= await _in_wave(connection, wave_id, list(some))
    return [known[one] for one in asked]


def _wave(one: LookUp) -> int:
    return one.wave_id


async def _in_wave(
    connection: AsyncConnection, wave_id: int, asked: Sequence[LookUp]
) -> Mapping[LookUp, Known]:
    codes = {one.hash for one in asked if one.typed}
    meant = await find_by_typed_codes(connection, wave_id, codes)
    names = {one: meant.get(one.hash, b"") if one.typed else one.hash for one in asked}
    minted = {names[one] for one in asked if one.minted}
    permits = await find_permits(connection, wave_id, minted)
    ids = {one: response_id(one.wave, names[one]) for one in asked if one.sitting}
    stored, saved = await _come_of(connection, wave_id, set(ids.values()))
    stored |= {i for one, i in ids.items() if _is_spent(permits.get(names[one]))}
    return {
        one: Known(permits.get(names[one]), ids.get(one) in stored, saved.get(ids.get(one, b"")))
        for one in asked
    }


async def _come_of(
    connection: AsyncConnection, wave_id: int, ids: Collection[bytes]
) -> tuple[set[bytes], dict[bytes, bytes]]:
    """Say which responses are stored, and give the sealed drafts: one question for both."""
    if not ids:
        return set(), {}
    found = (await connection.execute(_COME_OF, {"of_wave": wave_id, "these": [*ids]})).all()
    saved = {row.response_id: row.sealed for row in found if row.sealed is not None}
    return {row.response_id for row in found if row.sealed is None}, saved


def _is_spent(permit: PermitRecord | None) -> bool:
    return permit is not None and permit.state == "spent"
