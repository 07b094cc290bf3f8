"""The log of staff acts: entered in the same transaction as the act, and proved to be whole."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.audit.chain import Act, Entry, Finding, Head, SealKeys, verify
from app.domain.rights import rights
from app.domain.rights.rights import Actor, require_right
from app.errors import Fault
from app.errors.staff import AuditLogBroken
from app.services.resources import Resources
from app.store import audit as store
from app.store.staff import list_staff

PAGE_LENGTH = 50
NEWEST = 2**31 - 1


def seal_keys(resources: Resources) -> SealKeys:
    """Give the keys that make an entry and a head genuine."""
    return SealKeys(resources.keys.key("audit"), resources.keys.key("audit-head"))


async def record(
    connection: AsyncConnection,
    resources: Resources,
    *,
    by: str,
    act: str,
    object_: str,
    **details: str,
) -> None:
    """Enter what somebody does; call it last in the transaction that does it."""
    done = Act(resources.now(), by, act, object_, details)
    await store.append(connection, seal_keys(resources), done)


async def list_entries(
    resources: Resources,
    actor: Actor,
    *,
    by: str = "",
    act: str = "",
    object_: str = "",
    before: int = NEWEST,
) -> list[Entry]:
    """List the newest entries that match, a page of them. Raises NotAllowed."""
    require_right(actor, rights.Act.READ_AUDIT_LOG)
    async with resources.database.reading() as connection:
        return await store.latest_entries(
            connection, actor=by, act=act, object_=object_, before=before, n=PAGE_LENGTH
        )


async def show_head(resources: Resources, actor: Actor) -> Head:
    """Give the last entry's number and hash, to be noted elsewhere. Raises NotAllowed."""
    require_right(actor, rights.Act.READ_AUDIT_LOG)
    async with resources.database.reading() as connection:
        return await store.find_head(connection)


async def verify_log(
    resources: Resources, anchors: Mapping[int, bytes]
) -> tuple[Head, list[Entry]]:
    """Check every entry and give the log; `anchors` are hashes noted elsewhere, by number.

    Raises AuditLogBroken with a fault for every entry that was altered, removed, moved, inserted
    or cut off.
    """
    async with resources.database.reading() as connection:
        head = await store.find_head(connection)
        entries = [one async for one in store.all_entries(connection)]
        anybody = bool(await list_staff(connection))
    found = list(verify(entries, head, seal_keys(resources), anchors))
    if anybody and not entries and head.number == 0:
        found.append(Finding(1, "is missing: there are accounts, and nobody made them"))
    if found:
        raise AuditLogBroken(
            faults=[Fault(f"entry {one.number}", "audit-log-broken", one.what) for one in found]
        )
    return head, entries
