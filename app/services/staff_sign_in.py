"""Signing in: password, then a code where there is a second factor; proving identity once more.

A wrong name, a wrong password and a disabled account look the same and take the same time. Tries
are limited by the name typed (see `domain/accounts/tries.py`), besides the limit by sender that
routes set.
"""

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.accounts.rules import clean_name, name_faults
from app.domain.accounts.sessions import Stage, stage_after_first_factor
from app.errors.requests import TooManyAttempts
from app.errors.staff import NotSignedIn, SignInRefused
from app.services import audit
from app.services.passwords import is_password
from app.services.resources import Resources
from app.services.second_factor import use_code
from app.services.staff_sessions import NewSession, Session, begin_session
from app.store import staff as store
from app.store import staff_sessions as sessions
from app.store.staff import StaffRecord


async def sign_in(resources: Resources, *, name: str, password: str) -> NewSession:
    """Begin a session with name and password; its stage says what must come before the console.

    Raises SignInRefused and TooManyAttempts.
    """
    name = clean_name(name)
    tries = tries_key(resources, name)
    await take_try(resources, tries)
    async with resources.database.reading() as connection:
        account = None if name_faults(name) else await store.find_by_name(connection, name)
    right = await is_password(account.password_hash if account else "", password)
    if account is None or not right or not account.is_active:
        raise SignInRefused
    async with resources.database.writing() as connection:
        now = await store.find_by_id(connection, account.id, hold=True)
        if now is None or not now.is_active or now.password_hash != account.password_hash:
            raise SignInRefused
        await sessions.forget_tries(connection, tries)
        stage = stage_after_first_factor(now.role, has_second_factor=now.has_second_factor)
        begun = await begin_session(connection, resources, now.id, stage)
        if stage is Stage.FULL:
            await record_sign_in(connection, resources, now, "password")
    return begun


async def give_code(resources: Resources, session: Session, code: str) -> NewSession:
    """Finish signing in with a code of the second factor or a recovery code, under a new token.

    Raises SignInRefused, TooManyAttempts, and NotSignedIn where the session ended meanwhile.
    """
    tries = tries_key(resources, f"code of {session.account.id}")
    await take_try(resources, tries)
    async with resources.database.writing() as connection:
        account = await hold(connection, session)
        used = await use_code(connection, resources, account, code)
        if not used:
            raise SignInRefused
        await sessions.forget_tries(connection, tries)
        if not await sessions.end_session(connection, session.record.token_hash):
            raise NotSignedIn
        first = session.record.first_factor
        begun = await begin_session(
            connection,
            resources,
            account.id,
            Stage.FULL,
            first_factor=first,
            proved_at=session.record.proved_at,
        )
        await record_sign_in(connection, resources, account, f"{first}, {used}")
    return begun


async def prove_identity(
    resources: Resources, session: Session, *, password: str, code: str = ""
) -> None:
    """Prove once more who one is, before a dangerous act: password, and code where there is one.

    Raises SignInRefused, TooManyAttempts and NotSignedIn.
    """
    tries = tries_key(resources, session.account.name)
    await take_try(resources, tries)
    if not await is_password(session.account.password_hash, password):
        raise SignInRefused
    async with resources.database.writing() as connection:
        account = await hold(connection, session)
        if account.password_hash != session.account.password_hash:
            raise SignInRefused
        if account.has_second_factor and not await use_code(connection, resources, account, code):
            raise SignInRefused
        await sessions.forget_tries(connection, tries)
        await sessions.note_proved(connection, session.record.token_hash, resources.now())


async def hold(connection: AsyncConnection, session: Session) -> StaffRecord:
    """Hold the account of a session. Raises NotSignedIn where either was ended meanwhile."""
    account = await store.find_by_id(connection, session.account.id, hold=True)
    found = await sessions.find_session(connection, session.record.token_hash)
    if account is None or not account.is_active or found is None:
        raise NotSignedIn
    return account


def tries_key(resources: Resources, name: str) -> bytes:
    """Name what tries are counted by, unreadably."""
    return resources.keys.mac("staff-tries", "", name.encode("utf-8", "surrogatepass"))


async def take_try(resources: Resources, tries: bytes) -> None:
    """Count a try before it is judged. Raises TooManyAttempts."""
    async with resources.database.writing() as connection:
        if not await sessions.take_try(connection, tries, resources.now()):
            raise TooManyAttempts


async def forget_tries(
    connection: AsyncConnection, resources: Resources, account: StaffRecord
) -> None:
    """Let somebody whose account was reset try at once."""
    for name in (account.name, f"code of {account.id}"):
        await sessions.forget_tries(connection, tries_key(resources, name))


async def record_sign_in(
    connection: AsyncConnection, resources: Resources, account: StaffRecord, factors: str
) -> None:
    """Enter into the log that somebody has signed in, and with what."""
    await audit.record(
        connection,
        resources,
        by=account.name,
        act="session.began",
        object_=f"staff:{account.name}",
        factors=factors,
    )
