"""Responses stored together: unique keys find the facts, `decide` judges, each gets its outcome.

Two answers with one permit may stand in one batch: they are judged in the order in which they
came, as if each had had a transaction of its own.
"""

import dataclasses
import datetime
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.deduplication.decision import ResponseStatus, Verdict, decide
from app.domain.deduplication.permits import (
    ConfidentialPermit,
    FormPermit,
    MintedPermit,
    receipt_code,
)
from app.errors import MinyiError
from app.errors.answering import AlreadyTookPart, PermitRefused
from app.errors.operations import StorageUnavailable
from app.services.permits import Admission
from app.store import responses as store
from app.store import roll
from app.store.drafts import delete_drafts
from app.store.permits import spend
from app.store.randomness import random_bytes
from app.store.responses import ResponseRecord


@dataclasses.dataclass(frozen=True, slots=True)
class Acceptance:
    """An answer durably stored. `repeated`: it had been stored before and is the same."""

    receipt: str
    status: ResponseStatus
    received_on: datetime.date
    repeated: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Submission:
    """Checked answers, with the permit that allows them."""

    admission: Admission
    record: ResponseRecord

    @property
    def id(self) -> bytes:
        """The id of the one response that the permit allows."""
        return self.record.response_id

    @property
    def wave_id(self) -> int:
        """The wave it belongs to."""
        return self.admission.wave.id


async def store_together(
    connection: AsyncConnection, wave_id: int, submissions: Sequence[Submission]
) -> list[Acceptance | MinyiError]:
    """Store submissions to one wave; gives for each, in their order, a receipt or a refusal."""
    if not submissions:
        return []
    first: dict[bytes, Submission] = {}
    for one in submissions:
        first.setdefault(one.id, one)
    new = await store.insert_responses(connection, wave_id, [one.record for one in first.values()])
    before = await store.find_responses(connection, wave_id, first.keys() - new)
    if len(new) + len(before) != len(first):
        raise StorageUnavailable  # taken back meanwhile, by another process
    void = await _spend(connection, wave_id, [first[id_] for id_ in new])
    judge = _Judge(before, void, await _known_persons(connection, wave_id, first, new - void))
    outcomes = [judge.decide_on(one) for one in submissions]
    for record in judge.amended():
        await store.replace_response(connection, wave_id, record)
    await store.take_back(connection, wave_id, void)
    await delete_drafts(connection, wave_id, judge.kept)
    await store.count(connection, wave_id, judge.changes())
    return outcomes


async def _spend(
    connection: AsyncConnection, wave_id: int, fresh: Collection[Submission]
) -> set[bytes]:
    """Spend what was minted; gives the ids of those whose permit was revoked in the meantime."""
    minted = {
        one.admission.permit_hash: one.id
        for one in fresh
        if isinstance(one.admission.permit, MintedPermit | FormPermit)
    }
    spent = await spend(connection, wave_id, minted.keys())
    return {id_ for permit, id_ in minted.items() if permit not in spent}


async def _known_persons(
    connection: AsyncConnection,
    wave_id: int,
    first: Mapping[bytes, Submission],
    new: Collection[bytes],
) -> set[bytes]:
    """Give the ids of fresh responses whose person took part by another route.

    Identified respondents are entered on the roll now; other levels were there before, or never
    are. On paper a slip may have told, before the form was keyed.
    """
    claims = {}
    known = set()
    for id_ in new:
        admission = first[id_].admission
        if isinstance(admission.permit, ConfidentialPermit):
            claims[id_] = roll.Claim(
                admission.permit.person_key,
                admission.trust,
                admission.respondent_class,
                random_bytes(roll.MEMO_BYTES),
            )
        elif admission.took_part_elsewhere:
            known.add(id_)
    if claims:
        entered = await roll.claim_all(connection, wave_id, list(claims.values()))
        known |= {id_ for id_, claim in claims.items() if claim.person_key not in entered}
    return known


class _Judge:
    """Decides on a batch one by one, and keeps what each response has become."""

    def __init__(
        self,
        before: Mapping[bytes, ResponseRecord],
        void: Collection[bytes],
        known_persons: Collection[bytes],
    ) -> None:
        self._before = before
        self._void = void
        self._known_persons = known_persons
        self._inserted: dict[bytes, ResponseRecord] = {}
        self.kept = dict(before)

    def decide_on(self, one: Submission) -> Acceptance | MinyiError:
        """Give the outcome of one submission."""
        if one.id in self._void:
            return PermitRefused()
        earlier = self.kept.get(one.id)
        verdict = decide(
            permit_spent=earlier is not None,
            same_answers=earlier is not None and earlier.answers == one.record.answers,
            revisable=one.admission.wave.definition.audience.collection.revisable,
            person_took_part=one.id in self._known_persons,
        )
        match verdict:
            case Verdict.REFUSE:
                return AlreadyTookPart()
            case Verdict.ACCEPT:
                self._inserted[one.id] = self.kept[one.id] = one.record
            case Verdict.FILE_AS_DUPLICATE:
                self._inserted[one.id] = one.record
                filed = dataclasses.replace(one.record, status=ResponseStatus.DUPLICATE)
                self.kept[one.id] = filed
            case Verdict.REPLACE if earlier is not None:
                self.kept[one.id] = dataclasses.replace(one.record, status=earlier.status)
        kept = self.kept[one.id]
        return Acceptance(
            receipt=receipt_code(one.id),
            status=kept.status,
            received_on=kept.received_on,
            repeated=verdict is Verdict.RETURN_RECEIPT,
        )

    def amended(self) -> list[ResponseRecord]:
        """List, in the order of ids, what differs from what has been written."""
        written = {**self._before, **self._inserted}
        return [one for id_, one in sorted(self.kept.items()) if one is not written[id_]]

    def changes(self) -> Counter[tuple[object, ...]]:
        """Give what has changed in the counts."""
        changes = Counter(store.kind_of(one) for one in self.kept.values())
        changes.subtract(store.kind_of(one) for one in self._before.values())
        return changes
