"""Setting suspicious answers aside, and back: one person proposes a finding, another decides.

A case is a rule and the objects it names; its members are computed anew when it is decided, so
nobody picks single answers. Nothing here shows an index, and whoever has prepared figures decides
nothing. What is found after a release needs a corrected one, which shows both figures.
"""

import dataclasses
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.integrity.findings import key_of
from app.domain.integrity.review import (
    ASIDE,
    UNDECIDED,
    CaseState,
    Move,
    Step,
    next_state,
    require_second_person,
    state_of,
)
from app.domain.integrity.scan import PARAMETERS
from app.domain.rights.rights import Act, Actor, require_right
from app.domain.waves.life_cycle import WaveState
from app.errors.integrity import CaseNotFound, CaseRefused
from app.services import audit
from app.services.integrity_scan import find_suspicion
from app.services.resources import Resources
from app.services.wave_control import require_reason
from app.services.waves import Wave
from app.store import integrity as store
from app.store.integrity import CaseRecord
from app.store.releases import list_preparers
from app.store.waves import hold_state


@dataclasses.dataclass(frozen=True, slots=True)
class Case:
    """A case with its state."""

    record: CaseRecord
    state: CaseState

    @property
    def number(self) -> int:
        """Its number within the wave."""
        return self.record.number

    @property
    def key(self) -> str:
        """The key of the finding it is about."""
        return key_of(self.record.signal, self.record.objects)

    @property
    def steps(self) -> Sequence[Step]:
        """Its story, oldest first."""
        return self.record.steps

    @property
    def may_be_decided(self) -> bool:
        """True while somebody waits for a decision."""
        return self.state in UNDECIDED


async def list_cases(resources: Resources, actor: Actor, wave: Wave) -> list[Case]:
    """List the cases of a wave, newest first. Raises NotAllowed."""
    require_right(actor, Act.SEE_INTEGRITY)
    async with resources.database.reading() as connection:
        records = await store.list_cases(connection, wave.id)
    return [_case(one) for one in reversed(records)]


async def find_case(resources: Resources, actor: Actor, wave: Wave, number: int) -> Case:
    """Find a case by its number. Raises NotAllowed and CaseNotFound."""
    return _named(await list_cases(resources, actor, wave), number)


def _case(record: CaseRecord) -> Case:
    state = state_of(record.steps)
    assert state is not None  # noqa: S101 – a case is stored with its first step
    return Case(record, state)


def _named(cases: Sequence[Case], number: int) -> Case:
    for one in cases:
        if one.number == number:
            return one
    raise CaseNotFound


async def propose_setting_aside(
    resources: Resources, actor: Actor, wave: Wave, *, key: str, reason: str
) -> Case:
    """Make a case of a finding. Raises NotAllowed, InvalidInput, FindingNotFound, CaseRefused."""
    require_right(actor, Act.REVIEW_INTEGRITY)
    reason = require_reason(reason)
    found = await find_suspicion(resources, wave, key)
    async with _desk(resources, actor, wave) as desk:
        if any(one.key == key and one.may_be_decided for one in desk.cases):
            raise CaseRefused("The same has been proposed and waits for a decision")
        record = CaseRecord(
            len(desk.cases) + 1, found.signal, found.objects, PARAMETERS[found.signal]
        )
        if not await store.insert_case(desk.connection, wave.id, record):
            raise CaseRefused("Somebody else has just proposed something")
        await desk.add(record, Move.PROPOSE, reason, found.n)
    return await find_case(resources, actor, wave, record.number)


async def propose_restoring(
    resources: Resources, actor: Actor, wave: Wave, *, number: int, reason: str
) -> Case:
    """Propose that what was set aside counts again.

    Raises NotAllowed, InvalidInput, CaseNotFound, CaseRefused.
    """
    require_right(actor, Act.REVIEW_INTEGRITY)
    reason = require_reason(reason)
    async with _desk(resources, actor, wave) as desk:
        record = _named(desk.cases, number).record
        n = (await store.count_set_aside(desk.connection, wave.id)).get(number, 0)
        await desk.add(record, Move.PROPOSE, reason, n)
    return await find_case(resources, actor, wave, number)


async def decide(
    resources: Resources, actor: Actor, wave: Wave, *, number: int, agree: bool, reason: str
) -> Case:
    """Agree to what is proposed, or refuse it.

    To agree sets the members aside, or has them count again, in the transaction of the decision.
    Raises NotAllowed, InvalidInput, CaseNotFound, CaseRefused, SecondPersonNeeded, and
    FindingNotFound where the signal no longer stands out.
    """
    require_right(actor, Act.CHANGE_WHAT_COUNTS)
    reason = require_reason(reason)
    case = await find_case(resources, actor, wave, number)
    members: Sequence[bytes] = ()
    if agree and case.state is CaseState.PROPOSED:
        members = (await find_suspicion(resources, wave, case.key)).members
    async with _desk(resources, actor, wave) as desk:
        case = _named(desk.cases, number)
        require_second_person(case.steps, actor.name)
        await _require_unknowing(desk)
        move = Move.AGREE if agree else Move.REFUSE
        next_state(case.state, move)
        changed = await _change(desk, case, members) if agree else 0
        n = len(members) or case.steps[-1].n
        await desk.add(case.record, move, reason, n, changed=str(changed))
    return await find_case(resources, actor, wave, number)


@dataclasses.dataclass(frozen=True, slots=True)
class _Desk:
    """A transaction in which one person does something about one wave's cases."""

    connection: AsyncConnection
    resources: Resources
    actor: Actor
    wave: Wave
    cases: Sequence[Case]

    async def add(
        self, record: CaseRecord, move: Move, reason: str, n: int, **details: str
    ) -> None:
        """Add a step that may follow, and the entry of the audit log. Raises CaseRefused."""
        next_state(state_of(record.steps), move)
        by, now = self.actor.name, self.resources.now()
        step = Step(len(record.steps) + 1, move, by, now, reason, n)
        if not await store.insert_step(self.connection, self.wave.id, record.number, step):
            raise CaseRefused("Somebody else has just decided")
        await audit.record(
            self.connection,
            self.resources,
            by=by,
            act=f"integrity.{move}",
            object_=f"wave:{self.wave.code}",
            case=str(record.number),
            signal=record.signal,
            n=str(n),
            **details,
        )


@asynccontextmanager
async def _desk(resources: Resources, actor: Actor, wave: Wave) -> AsyncIterator[_Desk]:
    """Keep the wave from being released, and others from deciding; list the cases."""
    async with resources.database.writing() as connection:
        state = await hold_state(connection, wave.id)
        if state is WaveState.DRAFT:
            raise CaseRefused("The wave has not begun")
        cases = [_case(one) for one in await store.hold_cases(connection, wave.id)]
        yield _Desk(connection, resources, actor, wave, cases)


async def _require_unknowing(desk: _Desk) -> None:
    """Refuse a decision to those who have seen figures of the wave."""
    if desk.actor.name in await list_preparers(desk.connection, desk.wave.id):
        raise CaseRefused("Whoever has prepared figures knows what a decision does to them")


async def _change(desk: _Desk, case: Case, members: Sequence[bytes]) -> int:
    """Do what was proposed; gives for how many responses it made a difference."""
    if case.state is CaseState.PROPOSED:
        return await store.set_aside(desk.connection, desk.wave.id, case.number, members)
    others = [one.number for one in desk.cases if one.state in ASIDE and one.number != case.number]
    return await store.restore(desk.connection, desk.wave.id, case.number, others)
