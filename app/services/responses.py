"""The one door through which answers come in, from the web, the API, paper or phone.

A citizen's answers come by `accept_response`, a keyed form's by `accept_form`. From here on only
`mode` and `trust` tell them apart. Validation happens before the transaction; inside it the unique
keys decide who was first, and the wave's state is held so that nothing is stored after it was
closed.
"""

import dataclasses
import datetime
from collections.abc import Mapping

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.deduplication.decision import ResponseStatus, Verdict, decide
from app.domain.deduplication.permits import (
    ConfidentialPermit,
    FormPermit,
    MintedPermit,
    read_receipt_code,
    receipt_code,
)
from app.domain.deduplication.sealing import NONCE_BYTES, seal
from app.errors import AlreadyTookPart, PermitRefused, ReceiptNotFound
from app.services.permits import Admission, admit
from app.services.resources import Resources
from app.services.waves import Wave, require_intake
from app.store import responses as store
from app.store import roll
from app.store.drafts import delete_draft
from app.store.permits import spend
from app.store.randomness import random_bytes
from app.store.responses import ResponseRecord
from app.store.waves import hold_state, list_waves


@dataclasses.dataclass(frozen=True, slots=True)
class Acceptance:
    """An answer durably stored. `repeated`: it had been stored before and is the same."""

    receipt: str
    status: ResponseStatus
    received_on: datetime.date
    repeated: bool


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
    admission = await admit(resources, wave, permit_text)
    checker = wave.survey.checkers[admission.respondent_class]
    accepted = checker.check(answers, offered=admission.offer.codes)
    record = _record(resources, admission, accepted)
    async with resources.database.writing() as connection:
        state = await hold_state(connection, wave.id)
        require_intake(wave.intake_in(state, admission.mode, resources.now()))
        acceptance = await _store(connection, admission, record)
        await delete_draft(connection, wave.id, record.response_id)
    return acceptance


async def accept_form(
    resources: Resources,
    connection: AsyncConnection,
    admission: Admission,
    accepted: Mapping[str, object],
) -> Acceptance:
    """Store what a paper form says and spend its number, inside the transaction of its keying.

    The keying service has checked custody and answers, and holds the wave's state and the form.
    """
    return await _store(connection, admission, _record(resources, admission, accepted))


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


async def _store(
    connection: AsyncConnection, admission: Admission, record: ResponseRecord
) -> Acceptance:
    """Insert, let the keys decide, and act on the decision."""
    wave = admission.wave
    inserted = await store.insert_response(connection, wave.id, record)
    earlier = None
    if not inserted:
        earlier = await store.find_response(connection, wave.id, record.response_id)
    verdict = decide(
        permit_spent=not inserted,
        same_answers=earlier is not None and earlier.answers == record.answers,
        revisable=wave.definition.audience.collection.revisable,
        person_took_part=inserted and not await _first_of_person(connection, admission),
    )
    match verdict:
        case Verdict.REFUSE:
            raise AlreadyTookPart
        case Verdict.REPLACE if earlier is not None:
            await store.replace_answers(connection, wave.id, record)
            earlier = dataclasses.replace(record, status=earlier.status)
        case Verdict.FILE_AS_DUPLICATE:
            record = dataclasses.replace(record, status=ResponseStatus.DUPLICATE)
            await store.set_status(connection, wave.id, record.response_id, record.status)
    if inserted and isinstance(admission.permit, MintedPermit | FormPermit):
        await _spend(connection, admission)
    stored = earlier or record
    return Acceptance(
        receipt=receipt_code(record.response_id),
        status=stored.status,
        received_on=stored.received_on,
        repeated=verdict is Verdict.RETURN_RECEIPT,
    )


async def _first_of_person(connection: AsyncConnection, admission: Admission) -> bool:
    """Enter an identified respondent on the roll; other levels were there before, or never are.

    On paper a slip may have told, before the form was keyed.
    """
    if isinstance(admission.permit, FormPermit):
        return not admission.took_part_elsewhere
    if not isinstance(admission.permit, ConfidentialPermit):
        return True
    return await roll.claim(
        connection,
        wave_id=admission.wave.id,
        person_key=admission.permit.person_key,
        trust=admission.trust,
        respondent_class=admission.respondent_class,
        memo=random_bytes(roll.MEMO_BYTES),
    )


async def _spend(connection: AsyncConnection, admission: Admission) -> None:
    """A permit revoked in the meantime takes the response back with it."""
    if not await spend(connection, admission.wave.id, admission.permit_hash):
        raise PermitRefused


async def find_receipt(resources: Resources, code: str) -> Receipt:
    """Say what a receipt proves. Raises ReceiptNotFound."""
    response_id = read_receipt_code(code)
    if response_id is None:
        raise ReceiptNotFound
    async with resources.database.reading() as connection:
        waves = {record.id: record.code for record in await list_waves(connection)}
        found = await store.find_receipt(connection, list(waves), response_id)
    if found is None:
        raise ReceiptNotFound
    return Receipt(receipt_code(response_id), waves[found.wave_id], found.received_on, found.status)
