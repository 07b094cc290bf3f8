"""The one door through which answers come in, from the web, the API, paper or phone.

A citizen's answers come by `accept_response`, a keyed form's by `accept_form`. From here on only
`mode` and `trust` tell them apart. Citizens who come at the same time share a transaction. In it
minted permits are looked up, and their answers checked, since what a permit allows says what may be
answered; every other permit says that by itself, and its answers are checked before. The wave's
state is held, so that nothing is stored after it was closed, and the unique keys decide who was
first (`response_batches.py`).
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
from app.errors import MinyiError
from app.errors.answering import ReceiptNotFound
from app.services.permits import Admission, Shown, admit_by_itself, admit_minted, read_shown
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


@dataclasses.dataclass(frozen=True, slots=True)
class _Answered:
    """Answers with a minted permit, neither looked up nor checked yet."""

    shown: Shown
    answers: Mapping[str, object]


async def accept_response(
    resources: Resources, wave: Wave, permit_text: str, answers: Mapping[str, object]
) -> Acceptance:
    """Check the answers, spend the permit and store the response: all of it or nothing.

    Raises InvalidInput with all faults, PermitRefused, AlreadyTookPart where the permit was spent
    on other answers, and the intake errors.
    """
    shown = read_shown(resources, wave, permit_text)
    together = functools.partial(_accept_together, resources)
    if shown.is_minted:
        return await resources.commits.of("responses", together).submit(_Answered(shown, answers))
    submission = _checked(resources, admit_by_itself(resources, shown), answers)
    # Answers given by name share a transaction with the roll, so no others may share it with them.
    named = isinstance(shown.permit, ConfidentialPermit)
    name = "named-responses" if named else "responses"
    return await resources.commits.of(name, together).submit(submission)


def _checked(
    resources: Resources, admission: Admission, answers: Mapping[str, object]
) -> Submission:
    """Check answers against the definition. Raises InvalidInput with all faults."""
    checker = admission.wave.survey.checkers[admission.respondent_class]
    accepted = checker.check(answers, offered=admission.offer.codes)
    return Submission(admission, _record(resources, admission, accepted))


async def _accept_together(
    resources: Resources, connection: AsyncConnection, given: Sequence[Submission | _Answered]
) -> list[Acceptance | MinyiError]:
    """Store answers to any waves, each where its wave takes answers at this moment."""
    outcomes: dict[int, Acceptance | MinyiError] = {}
    submissions: dict[int, Submission] = {}
    for n, one in enumerate(await _submissions(resources, connection, given)):
        if isinstance(one, Submission):
            submissions[n] = one
        else:
            outcomes[n] = one
    for wave_id in sorted({one.wave_id for one in submissions.values()}):
        held = await hold_wave(connection, wave_id)
        taken = []
        for n, one in submissions.items():
            if one.wave_id != wave_id:
                continue
            refusal = refusal_of(intake_of(held, one.admission.mode, resources.now()))
            if refusal is None:
                taken.append(n)
            else:
                outcomes[n] = refusal
        stored = await store_together(connection, wave_id, [submissions[n] for n in taken])
        outcomes |= dict(zip(taken, stored, strict=True))
    return [outcomes[n] for n in range(len(given))]


async def _submissions(
    resources: Resources, connection: AsyncConnection, given: Sequence[Submission | _Answered]
) -> list[Submission | MinyiError]:
    """Look minted permits up, and check what came with them; the rest has been checked."""
    waiting = [one for one in given if isinstance(one, _Answered)]
    admitted = iter(await admit_minted(resources, connection, [one.shown for one in waiting]))
    return [
        one if isinstance(one, Submission) else _judged(resources, next(admitted), one.answers)
        for one in given
    ]


def _judged(
    resources: Resources, admission: Admission | MinyiError, answers: Mapping[str, object]
) -> Submission | MinyiError:
    if isinstance(admission, MinyiError):
        return admission
    try:
        return _checked(resources, admission, answers)
    except MinyiError as refusal:
        return refusal


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
