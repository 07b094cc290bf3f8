"""Accounts of staff: who they are, what is theirs, passwords, second factors, one-time links."""

import dataclasses
import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.rights.rights import Scope
from app.domain.rights.roles import Role
from app.store.staff_sso import unlink
from app.store.upsert import insert_new
from app.tables import staff, staff_links, staff_recovery_codes, staff_scopes

_KINDS = {"point": "points", "batch": "batches", "department": "departments"}


@dataclasses.dataclass(frozen=True, slots=True)
class StaffRecord:
    """An account as stored; `state` is invited, active or disabled."""

    id: int
    name: str
    full_name: str
    role: Role
    state: str
    password_hash: str
    sealed_totp: bytes
    scope: Scope

    @property
    def is_active(self) -> bool:
        """Whether signing in is possible."""
        return self.state == "active"

    @property
    def has_second_factor(self) -> bool:
        """Whether a code is asked for after the password."""
        return bool(self.sealed_totp)


async def insert_staff(
    connection: AsyncConnection,
    *,
    name: str,
    full_name: str,
    role: Role,
    scope: Scope,
    now: datetime.datetime,
) -> int | None:
    """Make an account without a password; gives its id, None where the name is taken."""
    row = {
        "name": name,
        "full_name": full_name,
        "role": role,
        "state": "invited",
        "password_hash": "",
        "sealed_totp": b"",
        "totp_step": 0,
        "created_at": now,
    }
    if not await insert_new(connection, staff, row):
        return None
    found = await connection.execute(select(staff.c.id).where(staff.c.name == name))
    staff_id = int(found.scalar_one())
    await _insert_scope(connection, staff_id, scope)
    return staff_id


async def _insert_scope(connection: AsyncConnection, staff_id: int, scope: Scope) -> None:
    rows = [
        {"staff_id": staff_id, "kind": kind, "code": code}
        for kind, codes in _KINDS.items()
        for code in sorted(getattr(scope, codes))
    ]
    if rows:
        await connection.execute(insert(staff_scopes), rows)


async def find_by_name(
    connection: AsyncConnection, name: str, *, hold: bool = False
) -> StaffRecord | None:
    """Find an account; with `hold` nobody changes it before this transaction ends."""
    return await _one(connection, staff.c.name == name, hold)


async def find_by_id(
    connection: AsyncConnection, staff_id: int, *, hold: bool = False
) -> StaffRecord | None:
    """Find an account; with `hold` nobody changes it before this transaction ends."""
    return await _one(connection, staff.c.id == staff_id, hold)


async def find_by_link(
    connection: AsyncConnection, token_hash: bytes, now: datetime.datetime
) -> StaffRecord | None:
    """Find the account that a one-time link is for, unless the link is too old."""
    query = select(staff_links.c.staff_id).where(
        staff_links.c.token_hash == token_hash, staff_links.c.expires_at > now
    )
    staff_id = (await connection.execute(query)).scalar()
    return None if staff_id is None else await find_by_id(connection, staff_id)


async def _one(
    connection: AsyncConnection, condition: ColumnElement[bool], hold: bool
) -> StaffRecord | None:
    return next(iter(await _load(connection, condition, hold=hold)), None)


async def list_staff(connection: AsyncConnection) -> list[StaffRecord]:
    """List all accounts by name."""
    return await _load(connection, staff.c.id.is_not(None))


async def hold_administrators(connection: AsyncConnection) -> list[StaffRecord]:
    """List the active administrators and keep them from changing until this transaction ends."""
    condition = (staff.c.role == Role.ADMINISTRATOR) & (staff.c.state == "active")
    return await _load(connection, condition, hold=True)


async def _load(
    connection: AsyncConnection, condition: ColumnElement[bool], *, hold: bool = False
) -> list[StaffRecord]:
    query = select(staff).where(condition).order_by(staff.c.name)
    rows = (await connection.execute(query.with_for_update() if hold else query)).all()
    scopes = await _scopes(connection, [row.id for row in rows])
    return [
        StaffRecord(
            row.id,
            row.name,
            row.full_name,
            Role(row.role),
            row.state,
            row.password_hash,
            row.sealed_totp,
            scopes.get(row.id, Scope()),
        )
        for row in rows
    ]


async def _scopes(connection: AsyncConnection, ids: list[int]) -> Mapping[int, Scope]:
    found = await connection.execute(
        select(staff_scopes).where(staff_scopes.c.staff_id.in_(ids)).order_by(staff_scopes.c.code)
    )
    codes: dict[int, dict[str, set[str]]] = {}
    for row in found:
        own = codes.setdefault(row.staff_id, {name: set() for name in _KINDS.values()})
        own[_KINDS[row.kind]].add(row.code)
    return {
        staff_id: Scope(**{name: frozenset(found) for name, found in own.items()})
        for staff_id, own in codes.items()
    }


async def change_rights(
    connection: AsyncConnection, staff_id: int, *, role: Role, scope: Scope
) -> None:
    """Give another role and other objects."""
    await _update(connection, staff_id, {"role": role})
    await connection.execute(delete(staff_scopes).where(staff_scopes.c.staff_id == staff_id))
    await _insert_scope(connection, staff_id, scope)


async def set_password(connection: AsyncConnection, staff_id: int, password_hash: str) -> None:
    """Set the password; the account is active from now on."""
    await _update(connection, staff_id, {"password_hash": password_hash, "state": "active"})


async def disable(connection: AsyncConnection, staff_id: int) -> None:
    """Let nobody in by this account; its name stays taken, for the log's sake."""
    await _update(connection, staff_id, {"state": "disabled"})
    await remove_link(connection, staff_id)


async def forget_secrets(connection: AsyncConnection, staff_id: int) -> None:
    """Remove password, second factor, recovery codes and the person of the city's provider; a new
    one-time link must follow."""
    empty = {"state": "invited", "password_hash": "", "sealed_totp": b"", "totp_step": 0}
    await _update(connection, staff_id, empty)
    await replace_recovery_codes(connection, staff_id, ())
    await unlink(connection, staff_id)


async def set_second_factor(
    connection: AsyncConnection, staff_id: int, *, sealed_totp: bytes, step: int
) -> None:
    """Set the second factor's secret and the time step of the code that proved it."""
    await _update(connection, staff_id, {"sealed_totp": sealed_totp, "totp_step": step})


async def use_totp_step(connection: AsyncConnection, staff_id: int, step: int) -> bool:
    """Use up a time step; False where this one or a later one was used before."""
    changed = await connection.execute(
        update(staff).where(staff.c.id == staff_id, staff.c.totp_step < step).values(totp_step=step)
    )
    return changed.rowcount == 1


async def _update(connection: AsyncConnection, staff_id: int, values: Mapping[str, Any]) -> None:
    await connection.execute(update(staff).where(staff.c.id == staff_id).values(**values))


async def replace_recovery_codes(
    connection: AsyncConnection, staff_id: int, hashes: Iterable[bytes]
) -> None:
    """Keep these codes, by hash, and no others."""
    table = staff_recovery_codes
    await connection.execute(delete(table).where(table.c.staff_id == staff_id))
    rows = [{"staff_id": staff_id, "code_hash": one} for one in hashes]
    if rows:
        await connection.execute(insert(table), rows)


async def use_recovery_code(connection: AsyncConnection, staff_id: int, code_hash: bytes) -> bool:
    """Use up a recovery code; False where there is no such one left."""
    table = staff_recovery_codes
    used = await connection.execute(
        delete(table).where(table.c.staff_id == staff_id, table.c.code_hash == code_hash)
    )
    return used.rowcount == 1


async def count_recovery_codes(connection: AsyncConnection, staff_id: int) -> int:
    """Count the recovery codes left."""
    query = select(func.count()).where(staff_recovery_codes.c.staff_id == staff_id)
    return int((await connection.execute(query)).scalar_one())


async def replace_link(
    connection: AsyncConnection, staff_id: int, token_hash: bytes, expires_at: datetime.datetime
) -> None:
    """Make the account's only one-time link."""
    await remove_link(connection, staff_id)
    row = {"staff_id": staff_id, "token_hash": token_hash, "expires_at": expires_at}
    await connection.execute(insert(staff_links), row)


async def remove_link(connection: AsyncConnection, staff_id: int) -> None:
    """Take the one-time link back."""
    await connection.execute(delete(staff_links).where(staff_links.c.staff_id == staff_id))


async def use_link(connection: AsyncConnection, staff_id: int, token_hash: bytes) -> bool:
    """Use up a one-time link; False where somebody was faster."""
    used = await connection.execute(
        delete(staff_links).where(
            staff_links.c.staff_id == staff_id, staff_links.c.token_hash == token_hash
        )
    )
    return used.rowcount == 1
