"""How far paper fieldwork is, and closing a batch when every form is accounted for."""

import dataclasses
from collections.abc import Sequence

from app.domain.paper.balance import Balance, BatchState, balance, batch_state
from app.domain.paper.custody import Outcome
from app.errors import Fault
from app.errors.paper import BatchClosed, BatchNotFound, BatchOutOfBalance
from app.services import audit
from app.services.paper_sheets import PERMIT_BATCH
from app.services.resources import Resources
from app.services.waves import Wave
from app.store.paper_fieldwork import BatchRecord, hold_batch, list_batches, mark_closed
from app.store.paper_forms import count_forms, count_outcomes, list_forms
from app.store.permits import revoke_batch

Batch = BatchRecord
"""A range of forms issued to one survey point, as pages know it."""


@dataclasses.dataclass(frozen=True, slots=True)
class BatchStatus:
    """A batch, where its forms are, and how far it is."""

    record: BatchRecord
    balance: Balance
    state: BatchState


@dataclasses.dataclass(frozen=True, slots=True)
class Fieldwork:
    """The figures of all batches; `outcomes` counts contacts by survey point and outcome."""

    batches: tuple[BatchStatus, ...]
    outcomes: dict[tuple[str, Outcome], int]

    def of_point(self, point: str) -> Balance:
        """Add up the batches of one survey point."""
        return total([one for one in self.batches if one.record.point == point])

    @property
    def whole(self) -> Balance:
        """Add up all batches."""
        return total(self.batches)


def total(batches: Sequence[BatchStatus]) -> Balance:
    """Add up balances, figure by figure."""
    names = [field.name for field in dataclasses.fields(Balance)]
    return Balance(**{n: sum(getattr(one.balance, n) for one in batches) for n in names})


async def fieldwork(resources: Resources, wave: Wave) -> Fieldwork:
    """Give the figures of paper fieldwork; the one place that counts forms."""
    async with resources.database.reading() as connection:
        records = await list_batches(connection, wave.id)
        counts = await count_forms(connection, wave.id)
        outcomes = await count_outcomes(connection, wave.id)
    statuses = []
    for code, record in records.items():
        found = balance(record.issued, counts.get(code, []))
        state = batch_state(found, closed=record.closed_at is not None)
        statuses.append(BatchStatus(record, found, state))
    by_point = {(point, Outcome(code)): n for (point, code), n in outcomes.items()}
    return Fieldwork(tuple(statuses), by_point)


async def find_batch(
    resources: Resources, wave: Wave, code: str, *, point: str = ""
) -> BatchRecord:
    """Find a batch; `point` says whose it must be. Raises BatchNotFound."""
    async with resources.database.reading() as connection:
        record = (await list_batches(connection, wave.id)).get(code)
    if record is None or (point and record.point != point):
        raise BatchNotFound
    return record


async def close_batch(resources: Resources, wave: Wave, *, batch: str, by: str) -> Balance:
    """Close a batch: its forms move no more and their unspent numbers are void for good.

    Raises BatchNotFound, BatchClosed, and BatchOutOfBalance with the figures that are not settled.
    """
    async with resources.database.writing() as connection:
        record = await hold_batch(connection, wave.id, batch)
        await list_forms(connection, wave.id, batch, hold=True)
        if record is None:
            raise BatchNotFound
        if record.closed_at is not None:
            raise BatchClosed
        counts = await count_forms(connection, wave.id)
        found = balance(record.issued, counts.get(batch, []))
        if not found.balances:
            raise BatchOutOfBalance(faults=_unsettled(found))
        await mark_closed(connection, wave.id, batch, by=by, at=resources.now())
        await revoke_batch(connection, wave.id, PERMIT_BATCH + batch)
        await audit.record(
            connection,
            resources,
            by=by,
            act="paper.batch-closed",
            object_=f"batch:{batch}",
            wave=wave.code,
            distributed=str(found.distributed),
            returned=str(found.returned),
            valid=str(found.valid),
        )
    return found


def _unsettled(found: Balance) -> list[Fault]:
    places = {
        "in_stock": "not handed out, and not given back",
        "in_field": "with interviewers",
        "to_key": "returned and not keyed",
        "to_settle": "waiting for a second entry or a decision",
    }
    faults = [
        Fault(name, "unsettled", f"{getattr(found, name)} forms are {said}")
        for name, said in places.items()
        if getattr(found, name)
    ]
    return faults or [Fault("issued", "missing", f"{found.issued - found.settled} forms are gone")]
