"""Cases of suspicious answers, and what a decision does to the responses it is about."""

import dataclasses
import datetime
import json
from collections.abc import AsyncIterator, Mapping, Sequence

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.deduplication.decision import ResponseStatus
from app.domain.integrity.ballots import Ballot
from app.domain.integrity.findings import Signal
from app.domain.integrity.review import Move, Step
from app.store.responses import change_status
from app.store.upsert import insert_new
from app.tables import integrity_cases, integrity_members, integrity_steps, responses

ROWS_AT_ONCE = 2000


@dataclasses.dataclass(frozen=True, slots=True)
class CaseRecord:
    """The rule of a case, and its story, oldest step first."""

    number: int
    signal: Signal
    objects: Mapping[str, str]
    parameters: Mapping[str, float]
    steps: Sequence[Step] = ()


async def stream_ballots(
    connection: AsyncConnection, wave_id: int, interviewers: Mapping[bytes, str]
) -> AsyncIterator[list[Ballot]]:
    """Give all responses but duplicates, some thousand at a time, by id.

    Those set aside are among them, so that a rule picks the same whatever has been decided.
    """
    r = responses.c
    columns = (
        *(r.response_id, r.respondent_class, r.mode, r.trust, r.own_unit, r.window, r.point),
        *(r.received_on, r.answers),
    )
    found = await connection.stream(
        select(*columns)
        .where(r.wave_id == wave_id, r.status != ResponseStatus.DUPLICATE)
        .order_by(r.response_id)
    )
    async for rows in found.partitions(ROWS_AT_ONCE):
        portion = []
        for identity, *facts, day, answers in rows:
            told = (*facts, day.isoformat(), interviewers.get(identity, ""))
            portion.append(Ballot(identity, told, answers))
        yield portion


async def list_cases(connection: AsyncConnection, wave_id: int) -> list[CaseRecord]:
    """List the cases of a wave with their steps, by number."""
    return await _load(connection, wave_id, hold=False)


async def hold_cases(connection: AsyncConnection, wave_id: int) -> list[CaseRecord]:
    """List them and keep everybody else from deciding until this transaction ends."""
    return await _load(connection, wave_id, hold=True)


async def _load(connection: AsyncConnection, wave_id: int, *, hold: bool) -> list[CaseRecord]:
    cases = select(integrity_cases).where(integrity_cases.c.wave_id == wave_id)
    cases = cases.order_by(integrity_cases.c.number)
    found = (await connection.execute(cases.with_for_update() if hold else cases)).all()
    steps: dict[int, list[Step]] = {row.number: [] for row in found}
    story = await connection.execute(
        select(integrity_steps)
        .where(integrity_steps.c.wave_id == wave_id)
        .order_by(integrity_steps.c.case_number, integrity_steps.c.number)
    )
    for row in story:
        steps.setdefault(row.case_number, []).append(
            Step(row.number, Move(row.move), row.by, row.at, row.reason, row.n)
        )
    return [
        CaseRecord(
            row.number,
            Signal(row.signal),
            json.loads(row.objects),
            json.loads(row.parameters),
            steps[row.number],
        )
        for row in found
    ]


async def insert_case(connection: AsyncConnection, wave_id: int, case: CaseRecord) -> bool:
    """Store the rule of a case; False where its number is taken."""
    row = {
        "wave_id": wave_id,
        "number": case.number,
        "signal": case.signal,
        "objects": json.dumps(dict(case.objects), sort_keys=True, ensure_ascii=False),
        "parameters": json.dumps(dict(case.parameters), sort_keys=True),
    }
    return await insert_new(connection, integrity_cases, row)


async def insert_step(connection: AsyncConnection, wave_id: int, case: int, step: Step) -> bool:
    """Add a step; False where somebody else has just added one."""
    row = {"wave_id": wave_id, "case_number": case, **dataclasses.asdict(step)}
    return await insert_new(connection, integrity_steps, row)


async def set_aside(
    connection: AsyncConnection, wave_id: int, case: int, members: Sequence[bytes]
) -> int:
    """Note the members of a case and count them no more; gives how many counted until now."""
    rows = [
        {"wave_id": wave_id, "case_number": case, "response_id": identity}
        for identity in sorted(members)
    ]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        await connection.execute(insert(integrity_members), rows[start : start + ROWS_AT_ONCE])
    return await change_status(
        connection,
        wave_id,
        ResponseStatus.COUNTED,
        ResponseStatus.SET_ASIDE,
        responses.c.response_id.in_(_members(wave_id, [case])),
    )


async def restore(
    connection: AsyncConnection, wave_id: int, case: int, others: Sequence[int]
) -> int:
    """Count the members of a case again, but for those of other cases that are set aside."""
    return await change_status(
        connection,
        wave_id,
        ResponseStatus.SET_ASIDE,
        ResponseStatus.COUNTED,
        responses.c.response_id.in_(_members(wave_id, [case])),
        responses.c.response_id.not_in(_members(wave_id, others)),
    )


def _members(wave_id: int, cases: Sequence[int]):  # type: ignore[no-untyped-def]
    return select(integrity_members.c.response_id).where(
        integrity_members.c.wave_id == wave_id, integrity_members.c.case_number.in_(cases)
    )


async def last_change(connection: AsyncConnection, wave_id: int) -> datetime.datetime | None:
    """Say when somebody last agreed to change what counts in a wave; None: never."""
    steps = integrity_steps.c
    last = select(steps.at).where(steps.wave_id == wave_id, steps.move == Move.AGREE)
    found = await connection.execute(last.order_by(steps.at.desc()).limit(1))
    return found.scalar_one_or_none()


async def count_set_aside(connection: AsyncConnection, wave_id: int) -> dict[int, int]:
    """Count the members that each case has set aside, by number of the case."""
    found = await connection.execute(
        select(integrity_members.c.case_number, func.count().label("n"))
        .where(integrity_members.c.wave_id == wave_id)
        .group_by(integrity_members.c.case_number)
    )
    return {row.case_number: row.n for row in found}
