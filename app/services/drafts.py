"""Answers on their way: kept per page, so that a citizen can come back with the same permit.

A draft is sealed with a key made from the permit and the server's secret: neither the database nor
the server alone can read what somebody has not yet sent.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from app.domain.deduplication.sealing import NONCE_BYTES, SealBroken, seal, unseal
from app.errors import AlreadyTookPart
from app.services.permits import Admission
from app.services.resources import Resources
from app.services.waves import require_intake
from app.store import drafts as store
from app.store.randomness import random_bytes
from app.store.waves import hold_state


async def load_draft(
    resources: Resources, admission: Admission, permit_text: str
) -> dict[str, Any]:
    """Give the answers saved so far; none where there are none, or not for this permit."""
    async with resources.database.reading() as connection:
        sealed = await store.load_draft(connection, admission.wave.id, admission.response_id)
    if sealed is None:
        return {}
    try:
        plain = unseal(_key(resources, admission, permit_text), sealed, _context(admission))
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
    wave = admission.wave
    async with resources.database.writing() as connection:
        state = await hold_state(connection, wave.id)
        require_intake(wave.intake_in(state, admission.mode, resources.now()))
        await store.save_draft(
            connection,
            wave_id=wave.id,
            response_id=admission.response_id,
            sealed_answers=sealed,
            today=wave.survey.local_date(resources.now()),
        )


def _key(resources: Resources, admission: Admission, permit_text: str) -> bytes:
    return resources.keys.mac("draft", admission.wave.code, permit_text.encode())


def _context(admission: Admission) -> str:
    return f"drafts/{admission.wave.code}/{admission.response_id.hex()}"
