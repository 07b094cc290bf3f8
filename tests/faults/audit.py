"""What is stored, held against what citizens know: nothing lost, nothing double, nothing torn."""

import json
from dataclasses import dataclass

from sqlalchemy import text

from app.domain.deduplication.permits import (
    ConfidentialPermit,
    MintedPermit,
    Permit,
    permit_hash,
    read_permit,
    receipt_code,
    response_id,
)
from app.services.participation import check_counts, count_participation
from app.services.resources import Resources
from app.services.waves import Wave
from app.store.responses import stream_responses
from tests.faults.citizens import Citizens, Memory


@dataclass(frozen=True, slots=True)
class Findings:
    """What is wrong, by permit or receipt. All empty: nothing is."""

    lost: tuple[str, ...] = ()
    """Acknowledged and not stored."""
    double: tuple[str, ...] = ()
    """Stored more than once for one permit, or for none that was sent, or under two receipts."""
    torn: tuple[str, ...] = ()
    """Stored otherwise than sent, or without what belongs to it: permit spent, person on the roll,
    participation counted."""


async def examine(resources: Resources, wave: Wave, memory: Memory) -> Findings:
    """Look at every answer."""
    permits = {permit: _read(resources, wave, permit) for permit in memory.sent}
    receipts = {permit: _receipt(resources, wave, read) for permit, read in permits.items()}
    async with resources.database.snapshot() as connection:
        stored = [row async for row in stream_responses(connection, wave.id)]
        spent = set(await connection.scalars(_SPENT, {"wave": wave.id}))
        on_roll = set(await connection.scalars(_ON_ROLL, {"wave": wave.id}))
    answers = {receipt_code(row.response_id): row.answers for row in stored}
    lost = [p for p in memory.acknowledged if receipts[p] not in answers]
    wrong = [p for p, given in memory.acknowledged.items() if given != receipts[p]]
    strangers = answers.keys() - set(receipts.values())
    torn = []
    for permit, read in permits.items():
        sheet = answers.get(receipts[permit])
        if sheet is not None and _canonical(sheet) != _plain(memory.sent[permit]):
            torn.append(permit)
        whole = {sheet is not None, *_traces(resources, wave, read, spent, on_roll)}
        if len(whole) > 1:
            torn.append(permit)
    counted = await count_participation(resources, wave)
    if not counted.returned == counted.counted == len(stored):
        torn.append(f"participation {counted.returned}, stored {len(stored)}")
    torn += [str(one) for each in await check_counts(resources) for one in each.differences]
    double = [*wrong, *strangers, *memory.contradicted]
    return Findings(tuple(lost), tuple(double), tuple(torn))


_SPENT = text("SELECT permit_hash FROM permits WHERE wave_id = :wave AND state = 'spent'")
_ON_ROLL = text("SELECT person_key FROM roll WHERE wave_id = :wave AND trust = 'confidential'")


def _read(resources: Resources, wave: Wave, permit: str) -> Permit:
    read = read_permit(resources.keys, wave.code, permit)
    assert read is not None
    return read


def _receipt(resources: Resources, wave: Wave, permit: Permit) -> str:
    """Say which receipt a permit leads to, stored or not."""
    return receipt_code(response_id(wave.code, permit_hash(resources.keys, wave.code, permit)))


def _traces(
    resources: Resources, wave: Wave, permit: Permit, spent: set[bytes], on_roll: set[bytes]
) -> list[bool]:
    """Say of each trace that an answer by this permit leaves elsewhere whether it is there."""
    match permit:
        case MintedPermit():
            return [permit_hash(resources.keys, wave.code, permit) in spent]
        case ConfidentialPermit():
            return [permit.person_key in on_roll]
    return []


def _canonical(sheet: str) -> str:
    return _plain(json.loads(sheet)["answers"])


def _plain(answers: object) -> str:
    return json.dumps(answers, sort_keys=True, ensure_ascii=False)


async def try_all_again(port: int, memory: Memory) -> None:
    """Send everything once more, as after a lost reply, and remember what does not fit.

    What was acknowledged must give the same receipt and 200; what was in doubt that, or 201 now.
    """
    everyone = Citizens([port], list(memory.sent), memory=memory)
    async with everyone.answering():
        await everyone.have_all_answered()
    assert memory.acknowledged.keys() == memory.sent.keys(), memory.replies
