"""Answers on their way: kept per page, so that a citizen can come back with the same permit.

A draft is sealed with a key made from the permit and the server's secret: neither the database nor
the server alone can read what somebody has not yet sent.
"""

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.deduplication.sealing import NONCE_BYTES, SealBroken, seal, unseal
from app.domain.questionnaires.audience import Mode
from app.domain.waves.life_cycle import Intake
from app.errors import MinyiError
from app.errors.answering import AlreadyTookPart
from app.services.permits import Admission
from app.services.resources import Resources
from app.services.waves import intake_of, refusal_of
from app.store import drafts as store
from app.store.drafts import DraftRecord
from app.store.randomness import random_bytes
from app.store.waves import hold_wave


@dataclasses.dataclass(frozen=True, slots=True)
class _Save:
    """A draft to be kept, and where it belongs."""

    wave_id: int
    mode: Mode
    record: DraftRecord


def load_draft(resources: Resources, admission: Admission, permit_text: str) -> dict[str, Any]:
    """Give the answers saved so far; none where there are none, or not for this permit."""
    if admission.sealed_draft is None:
        return {}
    try:
        plain = unseal(
            _key(resources, admission, permit_text), admission.sealed_draft, _context(admission)
        )
    except SealBroken:
        return {}
    answers: dict[str, Any] = msgspec.json.decode(plain)
    return answers


async def save_draft(
    resources: Resources, admission: Admission, permit_text: str, answers: Mapping[str, object]
) -> None:
    """Keep the answers given so far, and none once the wave is closed.

    Raises AlreadyTookPart where the permit has been spent, and the intake errors.
    """
    revisable = admission.wave.definition.audience.collection.revisable
    if admission.receipt is not None and not revisable:
        raise AlreadyTookPart
    sealed = seal(
        _key(resources, admission, permit_text),
        random_bytes(NONCE_BYTES),
        msgspec.json.encode(answers),
        _context(admission),
    )
    today = admission.wave.survey.local_date(resources.now())
    record = DraftRecord(admission.response_id, sealed, today)
    save_all = functools.partial(_save_all, resources)
    drafts = resources.commits.of("drafts", save_all)
    await drafts.submit(_Save(admission.wave.id, admission.mode, record))


async def _save_all(
    resources: Resources, connection: AsyncConnection, saves: Sequence[_Save]
) -> list[MinyiError | None]:
    """Keep drafts of several permits in one transaction; of two of one permit the later."""
    found: dict[tuple[int, Mode], Intake] = {}
    for wave_id in sorted({one.wave_id for one in saves}):
        held = await hold_wave(connection, wave_id)
        mine = [one for one in saves if one.wave_id == wave_id]
        for mode in {one.mode for one in mine}:
            found[wave_id, mode] = intake_of(held, mode, resources.now())
        taken = [one.record for one in mine if found[wave_id, one.mode] is Intake.OPEN]
        newest = {record.response_id: record for record in taken}
        await store.save_drafts(connection, wave_id, newest.values())
    return [refusal_of(found[one.wave_id, one.mode]) for one in saves]


def _key(resources: Resources, admission: Admission, permit_text: str) -> bytes:
    return resources.keys.mac("draft", admission.wave.code, permit_text.encode())


def _context(admission: Admission) -> str:
    return f"drafts/{admission.wave.code}/{admission.response_id.hex()}"
