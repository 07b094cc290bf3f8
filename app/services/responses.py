"""The one door through which answers come in, from the web, the API, paper or phone.

A citizen's answers come by `accept_response`, a keyed form's by `accept_form`. From here on only
`mode` and `trust` tell them apart. Validation happens before the transaction, which citizens who
come at the same time share; inside it the wave's state is held, so that nothing is stored after
it was closed, and the unique keys decide who was first (`response_batches.py`).
"""

import dataclasses
import datetime
import functools
from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.deduplication.decision import ResponseStatus
from app.domain.deduplication.permits import ConfidentialPermit, read_receipt_code, receipt_code
from app.domain.deduplication.sealing import NONCE_BYTES, seal
from app.errors import MinyiError, ReceiptNotFound
from app.services.permits import Admission, admit_to_answer
from app.services.resources import Resources
from app.services.response_batches import Acceptance, Submission, store_together
from app.services.waves import Wave, intake_of, list_waves, refusal_of
from app.store import responses as store
from app.store.randomness import random_bytes
from app.store.responses import ResponseRecord
from app.store.waves import hold_wave


@dataclasses.dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt proves; never an answer."""

    code: str
    wave: str
    received_on: datetime.date
    status: ResponseStatus


async def accept_response(
    resources: Resources, wave: Wave, permit_text: str, answers: Mapping[str, object]
) -> Acceptance:
    """Check the answers, spend the permit and store the response: all of it or nothing.

    Raises InvalidInput with all faults, PermitRefused, AlreadyTookPart where the permit was spent
    on other answers, and the intake errors.
    """
    admission = await admit_to_answer(resources, wave, permit_text)
    checker = wave.survey.checkers[admission.respondent_class]
    accepted = checker.check(answers, offered=admission.offer.codes)
    submission = Submission(admission, _record(resources, admission, accepted))
    # Answers given by name share a transaction with the roll, so no others may share it with them.
    named = isinstance(admission.permit, ConfidentialPermit)
    name = "named-responses" if named else "responses"
    together = functools.partial(_accept_together, resources)
    return await resources.commits.of(name, together).submit(submission)


async def _accept_together(
    resources: Resources, connection: AsyncConnection, submissions: Sequence[Submission]
) -> list[Acceptance | MinyiError]:
    """Store submissions to any waves, each where its wave takes answers at this moment."""
    outcomes: dict[int, Acceptance | MinyiError] = {}
    for wave_id in sorted({one.wave_id for one in submissions}):
        held = await hold_wave(connection, wave_id)
        mine = [n for n, one in enumerate(submissions) if one.wave_id == wave_id]
        taken = []
        for n in mine:
            refusal = refusal_of(intake_of(held, submissions[n].admission.mode, resources.now()))
            if refusal is None:
                taken.append(n)
            else:
                outcomes[n] = refusal
        stored = await store_together(connection, wave_id, [submissions[n] for n in taken])
        outcomes |= dict(zip(taken, stored, strict=True))
    return [outcomes[n] for n in range(len(submissions))]


async def accept_form(
    resources: Resources,
    connection: AsyncConnection,
    admission: Admission,
    accepted: Mapping[str, object],
) -> Acceptance:
    """Store what a paper form says and spend its number, inside the transaction of its keying.

    The keying service has checked custody and answers, and holds the wave's state and the form.
    """
    submission = Submission(admission, _record(resources, admission, accepted))
    [outcome] = await store_together(connection, admission.wave.id, [submission])
    if isinstance(outcome, MinyiError):
        raise outcome
    return outcome


def _record(
    resources: Resources, admission: Admission, accepted: Mapping[str, object]
) -> ResponseRecord:
    wave = admission.wave
    sheet = {"answers": accepted, "offered": admission.offer.codes}
    return ResponseRecord(
        response_id=admission.response_id,
        status=ResponseStatus.COUNTED,
        mode=admission.mode,
        trust=admission.trust,
        respondent_class=admission.respondent_class,
        received_on=wave.survey.local_date(resources.now()),
        own_unit=admission.own_unit,
        stratum=admission.stratum,
        point=admission.point,
        window=admission.window,
        answers=msgspec.json.encode(sheet).decode(),
        sealed_person=_sealed_person(resources, admission),
    )


def _sealed_person(resources: Resources, admission: Admission) -> bytes:
    """Seal who answered, at level `confidential`; nothing at all at every other level."""
    if not isinstance(admission.permit, ConfidentialPermit):
        return b""
    person = admission.permit.person_key.hex()
    plain = msgspec.json.encode({"person_key": person, "details": admission.permit.details})
    wave = admission.wave.code
    return seal(
        resources.keys.key("person", wave),
        random_bytes(NONCE_BYTES),
        plain,
        f"responses/{wave}/{admission.response_id.hex()}",
    )


async def find_receipt(resources: Resources, code: str) -> Receipt:
    """Say what a receipt proves. Raises ReceiptNotFound."""
    response_id = read_receipt_code(code)
    if response_id is None:
        raise ReceiptNotFound
    together = functools.partial(_find_together, resources)
    found = await resources.commits.of("receipts", together, reads_only=True).submit(response_id)
    if found is None:
        raise ReceiptNotFound
    return found


async def _find_together(
    resources: Resources, connection: AsyncConnection, ids: Sequence[bytes]
) -> list[Receipt | None]:
    """Look for what many ask about at once, in all waves."""
    waves = {wave.id: wave.code for wave in await list_waves(resources)}
    found = await store.find_receipts(connection, list(waves), ids)
    receipts = {
        id_: Receipt(receipt_code(id_), waves[one.wave_id], one.received_on, one.status)
        for id_, one in found.items()
    }
    return [receipts.get(id_) for id_ in ids]
