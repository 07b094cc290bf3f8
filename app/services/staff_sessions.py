"""Sessions of staff: opaque to the browser, kept on the server, gone at once when ended.

Rights and state are read from the account with every request, never from the session.
"""

import dataclasses
import datetime
import hashlib

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.accounts.sessions import (
    LONGEST,
    SEEN_AGAIN_AFTER,
    FirstFactor,
    Stage,
    is_alive,
    is_fresh,
)
from app.domain.rights.rights import Actor
from app.errors import NotFound
from app.errors.staff import NotSignedIn, ProofNeeded
from app.services import audit
from app.services.resources import Resources
from app.store import staff
from app.store import staff_sessions as store
from app.store.randomness import random_bytes
from app.store.staff import StaffRecord
from app.store.staff_sessions import SessionRecord

TOKEN_BYTES = 32


@dataclasses.dataclass(frozen=True, slots=True)
class Session:
    """A session that stands, and whose it is."""

    account: StaffRecord
    record: SessionRecord

    @property
    def actor(self) -> Actor:
        """Who acts, with the rights as they are now."""
        return Actor(self.account.name, self.account.role, self.account.scope)

    @property
    def stage(self) -> Stage:
        """How far the sign-in has come."""
        return self.record.stage

    def require_fresh(self, now: datetime.datetime) -> None:
        """Raise ProofNeeded unless identity was proved lately enough for a dangerous act."""
        if not is_fresh(self.record.proved_at, now):
            raise ProofNeeded


@dataclasses.dataclass(frozen=True, slots=True)
class NewSession:
    """A session just begun; the token goes to the browser and nowhere else."""

    token: str
    stage: Stage


async def begin_session(
    connection: AsyncConnection,
    resources: Resources,
    staff_id: int,
    stage: Stage,
    *,
    first_factor: FirstFactor = FirstFactor.PASSWORD,
    proved_at: datetime.datetime | None = None,
) -> NewSession:
    """Begin a session, and sweep out those that ended by themselves.

    Without `proved_at` identity was proved just now.
    """
    now = resources.now()
    token = random_bytes(TOKEN_BYTES).hex()
    await store.forget_old_sessions(connection, now - LONGEST)
    await store.insert_session(
        connection,
        token_hash=_hash(token),
        staff_id=staff_id,
        stage=stage,
        first_factor=first_factor,
        proved_at=proved_at or now,
        now=now,
    )
    return NewSession(token, stage)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


async def find_session(resources: Resources, token: str) -> Session:
    """Find the session of a token, and note once a minute that it is in use.

    Raises NotSignedIn where it has ended, by itself or by somebody, or the account is disabled.
    """
    now = resources.now()
    async with resources.database.reading() as connection:
        record = await store.find_session(connection, _hash(token))
        account = await staff.find_by_id(connection, record.staff_id) if record else None
    if record is None or account is None or not account.is_active:
        raise NotSignedIn
    if not is_alive(record.stage, record.started_at, record.seen_at, now):
        raise NotSignedIn
    if now >= record.seen_at + SEEN_AGAIN_AFTER:
        async with resources.database.writing() as connection:
            await store.note_seen(connection, record.token_hash, now)
    return Session(account, record)


async def sign_out(resources: Resources, session: Session) -> None:
    """End the session."""
    async with resources.database.writing() as connection:
        await store.end_session(connection, session.record.token_hash)
        await _record_end(connection, resources, session, "this")


async def list_sessions(resources: Resources, session: Session) -> list[SessionRecord]:
    """List one's own sessions that stand, newest first."""
    now = resources.now()
    async with resources.database.reading() as connection:
        found = await store.list_sessions(connection, session.account.id)
    return [one for one in found if is_alive(one.stage, one.started_at, one.seen_at, now)]


async def end_own_session(resources: Resources, session: Session, token_hash: bytes) -> None:
    """End one of one's own sessions. Raises NotFound, also for somebody else's."""
    async with resources.database.writing() as connection:
        found = await store.find_session(connection, token_hash)
        if found is None or found.staff_id != session.account.id:
            raise NotFound
        await store.end_session(connection, token_hash)
        await _record_end(connection, resources, session, "one")


async def end_own_sessions(resources: Resources, session: Session) -> None:
    """End all of one's own sessions, this one too."""
    async with resources.database.writing() as connection:
        await store.end_sessions(connection, session.account.id)
        await _record_end(connection, resources, session, "all")


async def _record_end(
    connection: AsyncConnection, resources: Resources, session: Session, which: str
) -> None:
    name = session.account.name
    await audit.record(
        connection,
        resources,
        by=name,
        act="session.ended",
        object_=f"staff:{name}",
        sessions=which,
    )
