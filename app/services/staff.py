"""Administration of accounts: invite, list, change rights, reset, disable.

Whatever takes rights away ends the account's sessions in the same transaction.
"""

import dataclasses

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.accounts import rules
from app.domain.accounts.sessions import LINK_GOOD_FOR
from app.domain.rights.rights import Act, Actor, Scope, require_right
from app.domain.rights.roles import Role
from app.errors import Fault, InvalidInput
from app.errors.staff import LastAdministrator, StaffNotFound
from app.errors.waves import NameTaken
from app.services import audit
from app.services.resources import Resources
from app.services.staff_accounts import hash_link
from app.services.staff_sign_in import forget_tries
from app.store import staff as store
from app.store import staff_sessions as sessions
from app.store.randomness import random_bytes
from app.store.staff import StaffRecord

LINK_BYTES = 32


@dataclasses.dataclass(frozen=True, slots=True)
class Rights:
    """A role as named in a form or command, and the objects that are somebody's own."""

    role: str
    scope: Scope


async def invite(
    resources: Resources, actor: Actor, *, name: str, full_name: str, rights: Rights
) -> str:
    """Make an account and give its one-time link, good for three days.

    Raises NotAllowed, InvalidInput with all faults, and NameTaken.
    """
    require_right(actor, Act.CHANGE_STAFF)
    name, full_name = rules.clean_name(name), full_name.strip()
    faults = rules.name_faults(name) + rules.full_name_faults(full_name)
    role = _role(rights, faults)
    async with resources.database.writing() as connection:
        staff_id = await store.insert_staff(
            connection,
            name=name,
            full_name=full_name,
            role=role,
            scope=rights.scope,
            now=resources.now(),
        )
        if staff_id is None:
            raise NameTaken
        link = await _new_link(connection, resources, staff_id)
        await _record(
            connection, resources, actor, "staff.invited", name, **_described(role, rights.scope)
        )
    return link


def _role(rights: Rights, faults: list[Fault]) -> Role:
    """Read the role; raises InvalidInput with these and its own faults."""
    if rights.role not in list(Role):
        faults.append(rules.fault("role", "role-unknown"))
    for field in ("points", "batches", "departments"):
        faults += rules.codes_faults(field, getattr(rights.scope, field))
    if faults:
        raise InvalidInput(faults=faults)
    return Role(rights.role)


def _described(role: Role, scope: Scope) -> dict[str, str]:
    own = {
        field: " ".join(sorted(getattr(scope, field)))
        for field in ("points", "batches", "departments")
    }
    return {"role": role} | {field: codes for field, codes in own.items() if codes}


async def _new_link(connection: AsyncConnection, resources: Resources, staff_id: int) -> str:
    token = random_bytes(LINK_BYTES).hex()
    expires_at = resources.now() + LINK_GOOD_FOR
    await store.replace_link(connection, staff_id, hash_link(token), expires_at)
    return f"{resources.settings.public_url.rstrip('/')}/console/welcome/{token}"


async def list_staff(resources: Resources, actor: Actor) -> list[StaffRecord]:
    """List all accounts by name. Raises NotAllowed."""
    require_right(actor, Act.SEE_STAFF)
    async with resources.database.reading() as connection:
        return await store.list_staff(connection)


async def find_staff(resources: Resources, actor: Actor, name: str) -> StaffRecord:
    """Find an account. Raises NotAllowed and StaffNotFound."""
    require_right(actor, Act.SEE_STAFF)
    async with resources.database.reading() as connection:
        return await _find(connection, name)


async def _find(connection: AsyncConnection, name: str, *, hold: bool = False) -> StaffRecord:
    known = not rules.name_faults(name)
    account = await store.find_by_name(connection, name, hold=hold) if known else None
    if account is None:
        raise StaffNotFound
    return account


async def change_rights(resources: Resources, actor: Actor, *, name: str, rights: Rights) -> None:
    """Give somebody another role or other objects; their sessions end.

    Raises NotAllowed, InvalidInput with all faults, StaffNotFound and LastAdministrator.
    """
    require_right(actor, Act.CHANGE_STAFF)
    role = _role(rights, [])
    async with resources.database.writing() as connection:
        account = await _hold(connection, name, stays=role is Role.ADMINISTRATOR)
        await store.change_rights(connection, account.id, role=role, scope=rights.scope)
        await sessions.end_sessions(connection, account.id)
        before = {"role-before": account.role}
        after = _described(role, rights.scope)
        await _record(connection, resources, actor, "staff.rights-changed", name, **before, **after)


async def disable(resources: Resources, actor: Actor, *, name: str) -> None:
    """Let somebody in no more; their sessions end, their one-time link too.

    Raises NotAllowed, StaffNotFound and LastAdministrator.
    """
    require_right(actor, Act.CHANGE_STAFF)
    async with resources.database.writing() as connection:
        account = await _hold(connection, name, stays=False)
        await store.disable(connection, account.id)
        await sessions.end_sessions(connection, account.id)
        await _record(connection, resources, actor, "staff.disabled", name)


async def reset(resources: Resources, actor: Actor, *, name: str) -> str:
    """Remove somebody's password and second factor and give a new one-time link.

    For whoever lost either, and for letting a disabled account in again. Raises NotAllowed,
    StaffNotFound and, within the console, LastAdministrator.
    """
    require_right(actor, Act.CHANGE_STAFF)
    async with resources.database.writing() as connection:
        account = await _hold(connection, name, stays=is_command_line(actor))
        await store.forget_secrets(connection, account.id)
        await sessions.end_sessions(connection, account.id)
        await forget_tries(connection, resources, account)
        link = await _new_link(connection, resources, account.id)
        await _record(connection, resources, actor, "staff.reset", name)
    return link


def is_command_line(actor: Actor) -> bool:
    """Say whether somebody acts at the server's command line, where nobody can be locked out."""
    return actor.name.startswith("cli:")


async def _hold(connection: AsyncConnection, name: str, *, stays: bool) -> StaffRecord:
    """Hold an account for a change; unless it `stays` an active administrator, others must be.

    All administrators are held: of two who remove one another at once, one must wait, and stays.
    """
    administrators = await store.hold_administrators(connection)
    account = await _find(connection, name, hold=True)
    if not stays and [one.id for one in administrators] == [account.id]:
        raise LastAdministrator
    return account


async def _record(
    connection: AsyncConnection,
    resources: Resources,
    actor: Actor,
    act: str,
    name: str,
    **details: str,
) -> None:
    await audit.record(
        connection, resources, by=actor.name, act=act, object_=f"staff:{name}", **details
    )
