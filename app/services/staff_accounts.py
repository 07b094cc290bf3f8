"""One's own account: the first password by a one-time link, a new password, the second factor."""

import base64
import binascii
import dataclasses
import hashlib

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.accounts.rules import fault, password_faults
from app.domain.accounts.sessions import Stage
from app.domain.deduplication.sealing import SealBroken
from app.errors import InvalidInput
from app.errors.staff import LinkRefused
from app.services import audit, second_factor
from app.services.passwords import hash_password
from app.services.resources import Resources
from app.services.staff_sessions import NewSession, Session, begin_session
from app.services.staff_sign_in import forget_tries, hold
from app.store import staff as store
from app.store import staff_sessions as sessions
from app.store.staff import StaffRecord


def hash_link(token: str) -> bytes:
    """Give the name under which a one-time link is stored."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


async def find_invited(resources: Resources, token: str) -> StaffRecord:
    """Find whom a one-time link is for; looking uses nothing up. Raises LinkRefused."""
    async with resources.database.reading() as connection:
        account = await store.find_by_link(connection, hash_link(token), resources.now())
    if account is None:
        raise LinkRefused
    return account


async def accept_invitation(
    resources: Resources, token: str, *, password: str, repeated: str
) -> None:
    """Set the first password by a one-time link, which is used up.

    Raises LinkRefused, and InvalidInput with the faults of the password.
    """
    account = await find_invited(resources, token)
    _require_good_password(password, repeated, account.name)
    hashed = await hash_password(password)
    async with resources.database.writing() as connection:
        if not await store.use_link(connection, account.id, hash_link(token)):
            raise LinkRefused
        await store.set_password(connection, account.id, hashed)
        await forget_tries(connection, resources, account)
        await _record(connection, resources, account, "account.password-set")


def _require_good_password(password: str, repeated: str, name: str) -> None:
    faults = password_faults(password, name=name)
    if password != repeated:
        faults.append(fault("repeated", "passwords-differ"))
    if faults:
        raise InvalidInput(faults=faults)


async def change_password(
    resources: Resources, session: Session, *, password: str, repeated: str
) -> NewSession:
    """Change one's password: all sessions end, and this one goes on under a new token.

    Raises ProofNeeded, InvalidInput with all faults, and NotSignedIn.
    """
    session.require_fresh(resources.now())
    account = session.account
    _require_good_password(password, repeated, account.name)
    hashed = await hash_password(password)
    async with resources.database.writing() as connection:
        await hold(connection, session)
        await store.set_password(connection, account.id, hashed)
        await sessions.end_sessions(connection, account.id)
        begun = await begin_session(connection, resources, account.id, session.stage)
        await _record(connection, resources, account, "account.password-changed")
    return begun


@dataclasses.dataclass(frozen=True, slots=True)
class Enrolment:
    """A second factor on offer: the secret to scan or type, its QR code's text, and the same
    secret sealed for the form, so that nothing is stored before a code has proved it."""

    secret: str
    address: str
    sealed: str


def offer_second_factor(resources: Resources, session: Session) -> Enrolment:
    """Make a secret for an authenticator app."""
    secret = second_factor.new_secret()
    account = session.account
    sealed = second_factor.seal_secret(resources, account.id, secret, "enrolment")
    return Enrolment(
        secret,
        second_factor.enrolment_address(secret, account.name),
        base64.urlsafe_b64encode(sealed).decode(),
    )


def repeat_offer(resources: Resources, session: Session, sealed: str) -> Enrolment:
    """Make the same offer again from the form. Raises InvalidInput."""
    try:
        secret = second_factor.open_secret(
            resources, session.account.id, base64.urlsafe_b64decode(sealed), "enrolment"
        )
    except (SealBroken, binascii.Error, ValueError):
        raise InvalidInput from None
    address = second_factor.enrolment_address(secret, session.account.name)
    return Enrolment(secret, address, sealed)


async def set_second_factor(
    resources: Resources, session: Session, *, sealed: str, code: str
) -> tuple[NewSession, list[str]] | None:
    """Set up the second factor that a code proves; gives recovery codes, shown this once.

    None where the code is wrong. Other sessions end. Raises ProofNeeded, InvalidInput and
    NotSignedIn.
    """
    session.require_fresh(resources.now())
    secret = repeat_offer(resources, session, sealed).secret
    step = second_factor.matching_step(secret, code, resources.now())
    if step is None:
        return None
    account = session.account
    stored = second_factor.seal_secret(resources, account.id, secret, "totp")
    async with resources.database.writing() as connection:
        await hold(connection, session)
        await store.set_second_factor(connection, account.id, sealed_totp=stored, step=step)
        codes = await second_factor.make_recovery_codes(connection, resources, account.id)
        await sessions.end_sessions(connection, account.id)
        begun = await begin_session(connection, resources, account.id, Stage.FULL)
        await _record(connection, resources, account, "account.second-factor-set")
    return begun, codes


async def renew_recovery_codes(resources: Resources, session: Session) -> list[str]:
    """Replace one's recovery codes; the old ones stop working. Raises ProofNeeded, NotSignedIn."""
    session.require_fresh(resources.now())
    async with resources.database.writing() as connection:
        await hold(connection, session)
        codes = await second_factor.make_recovery_codes(connection, resources, session.account.id)
        await _record(connection, resources, session.account, "account.recovery-codes-renewed")
    return codes


async def count_recovery_codes(resources: Resources, session: Session) -> int:
    """Count the recovery codes that one has left."""
    async with resources.database.reading() as connection:
        return await store.count_recovery_codes(connection, session.account.id)


async def _record(
    connection: AsyncConnection, resources: Resources, account: StaffRecord, act: str
) -> None:
    await audit.record(
        connection, resources, by=account.name, act=act, object_=f"staff:{account.name}"
    )
