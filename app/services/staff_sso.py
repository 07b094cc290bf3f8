"""What a person of the city's provider may do here: sign in, be linked, prove identity.

An account is found by issuer and subject alone, which its owner linked while signed in. Names and
e-mail addresses at the provider are not looked at: a directory may give them to somebody else. A
confirmation works once. The provider stands for the password, never for a second factor unless the
settings trust it with that.
"""

import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.accounts.sessions import FRESH, FirstFactor, Stage, stage_after_first_factor
from app.errors import NotFound
from app.errors.answering import IdentityCheckFailed
from app.errors.staff import SignInRefused, SsoRefused, SsoTaken
from app.services import audit
from app.services.resources import Resources
from app.services.second_factor import use_code
from app.services.staff_sessions import NewSession, Session, begin_session
from app.services.staff_sign_in import hold, record_sign_in, take_try, tries_key
from app.services.staff_sso_trip import Confirmed, Purpose, read_confirmed
from app.store import staff as accounts
from app.store import staff_sessions as sessions
from app.store import staff_sso as store
from app.store.staff import StaffRecord


async def sign_in(resources: Resources, sealed: str) -> NewSession:
    """Begin a session; its stage says what must come before the console.

    Dangerous acts ask for a new proof where the log-in at the provider is an old one. Raises
    IdentityCheckFailed and SsoRefused.
    """
    confirmed = _confirmed_for(resources, sealed, Purpose.SIGN_IN)
    async with resources.database.writing() as connection:
        account = await _use(connection, confirmed)
        stage = stage_after_first_factor(
            account.role,
            has_second_factor=account.has_second_factor,
            multi_factor=confirmed.multi_factor,
        )
        begun = await begin_session(
            connection,
            resources,
            account.id,
            stage,
            first_factor=FirstFactor.SSO,
            proved_at=confirmed.proved_at or resources.now() - FRESH,
        )
        if stage is Stage.FULL:
            factors = "sso, multi-factor" if confirmed.multi_factor else "sso"
            await record_sign_in(connection, resources, account, factors)
    return begun


def _confirmed_for(
    resources: Resources, sealed: str, purpose: Purpose, session: Session | None = None
) -> Confirmed:
    """Open a confirmation, if it is for this purpose and for the session that asked for it."""
    confirmed = read_confirmed(resources, sealed)
    own = session.record.token_hash if session else b""
    if confirmed.trip.purpose is not purpose or confirmed.trip.session != own:
        raise IdentityCheckFailed
    return confirmed


async def _use(connection: AsyncConnection, confirmed: Confirmed) -> StaffRecord:
    """Use up a confirmation and give the account that it opens. Raises SsoRefused."""
    staff_id = await store.find_linked(connection, confirmed.person)
    if staff_id is None:
        raise SsoRefused
    account = await accounts.find_by_id(connection, staff_id, hold=True)
    used = await store.use_confirmation(connection, staff_id, confirmed.at)
    if account is None or not account.is_active or not used:
        raise SsoRefused
    return account


async def prove_identity(
    resources: Resources, session: Session, sealed: str, *, code: str = ""
) -> str:
    """Prove once more who one is; gives the page that asked for it.

    Where the account has a second factor its code is needed, unless the provider has asked for
    one. Raises IdentityCheckFailed, SsoRefused, also for the person of another account,
    SignInRefused, TooManyAttempts and NotSignedIn.
    """
    confirmed = _confirmed_for(resources, sealed, Purpose.PROVE, session)
    tries = tries_key(resources, f"code of {session.account.id}")
    await take_try(resources, tries)
    async with resources.database.writing() as connection:
        await hold(connection, session)
        account = await _use(connection, confirmed)
        if account.id != session.account.id:
            raise SsoRefused
        asks_code = account.has_second_factor and not confirmed.multi_factor
        if asks_code and not await use_code(connection, resources, account, code):
            raise SignInRefused
        await sessions.forget_tries(connection, tries)
        await sessions.note_proved(connection, session.record.token_hash, resources.now())
    return confirmed.trip.back


async def link(resources: Resources, session: Session, sealed: str) -> None:
    """Link one's account to the person whom the provider vouches for, and to no other.

    Raises ProofNeeded, IdentityCheckFailed, SsoTaken and NotSignedIn.
    """
    session.require_fresh(resources.now())
    confirmed = _confirmed_for(resources, sealed, Purpose.LINK, session)
    async with resources.database.writing() as connection:
        account = await hold(connection, session)
        if not await store.link(
            connection, account.id, confirmed.person, confirmed_at=confirmed.at
        ):
            raise SsoTaken
        await _record(connection, resources, account, "account.sso-linked")


async def unlink(resources: Resources, session: Session) -> NewSession:
    """Take the link away: all sessions end, and this one goes on under a new token.

    Raises ProofNeeded, NotFound where there is no link, and NotSignedIn.
    """
    session.require_fresh(resources.now())
    async with resources.database.writing() as connection:
        account = await hold(connection, session)
        if not await store.unlink(connection, account.id):
            raise NotFound
        await sessions.end_sessions(connection, account.id)
        begun = await begin_session(connection, resources, account.id, session.stage)
        await _record(connection, resources, account, "account.sso-unlinked")
    return begun


async def linked_since(resources: Resources, session: Session) -> datetime.datetime | None:
    """Say since when one's account is linked, None where it is not."""
    async with resources.database.reading() as connection:
        return await store.linked_since(connection, session.account.id)


async def _record(
    connection: AsyncConnection, resources: Resources, account: StaffRecord, act: str
) -> None:
    await audit.record(
        connection, resources, by=account.name, act=act, object_=f"staff:{account.name}"
    )
