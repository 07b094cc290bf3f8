"""What the two sides of storage share, and in which transactions they are written."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, event, select

from app.domain.questionnaires.audience import Trust
from app.services.drafts import save_draft
from app.services.permits import (
    Recipient,
    admit,
    issue_open_permit,
    mint_invitations,
    permit_after_sign_in,
)
from app.services.resources import Resources
from app.services.responses import accept_response
from app.services.waves import Wave, close_wave
from app.store.database import Database
from app.tables import metadata
from tests.house.test_schema import RESPONSE_SIDE, ROLL_SIDE
from tests.support.people import sign_in
from tests.support.surveys import answers, open_town

PERSONS = 12


async def campaign(resources: Resources, wave: Wave, *, identified: bool) -> None:
    """Citizens by every route save drafts and answer; identified ones only if asked for."""
    letters = await mint_invitations(
        resources, wave, recipients=[Recipient("residents")] * PERSONS, batch="b"
    )
    permits = [letter.permit for letter in letters[:-1]]
    permits.append(await issue_open_permit(resources, wave, respondent_class="residents"))
    for number in range(PERSONS):
        person = sign_in(resources, wave, number)
        permits.append(await permit_after_sign_in(resources, wave, person))
    if identified:
        for number in range(PERSONS, 2 * PERSONS):
            person = sign_in(resources, wave, number, Trust.CONFIDENTIAL)
            permits.append(await permit_after_sign_in(resources, wave, person))
    for permit in permits:
        await save_draft(resources, await admit(resources, wave, permit), permit, answers())
        await accept_response(resources, wave, permit, answers())
    await save_draft(
        resources, await admit(resources, wave, letters[-1].permit), letters[-1].permit, answers()
    )


async def values(database: Database, tables: set[str], *, without: set[str]) -> set[bytes]:
    """Collect every value of some columns, as bytes, with what anybody can derive from it."""
    found: set[bytes] = set()
    async with database.reading() as connection:
        for name in tables:
            columns = [c for c in metadata.tables[name].columns if c.name not in without]
            for row in await connection.execute(select(*columns)):
                for value in row:
                    raw = value if isinstance(value, bytes) else str(value).encode()
                    found |= derived(raw) if len(raw) >= 8 else set()
    return found


def derived(raw: bytes) -> set[bytes]:
    """What an attacker without the key makes of a value: pieces, spellings and plain hashes."""
    pieces = {raw} | {raw[i : i + 16] for i in range(len(raw) - 15)}
    hashes = {
        hashlib.new(kind, prefix + part).digest()
        for part in (raw, raw[:16], raw[-16:])
        for kind in ("sha256", "sha1", "md5")
        for prefix in (b"", b"town", b"town/", b"minyi/response/town/")
    }
    shortened = {one[:16] for one in hashes}
    return pieces | hashes | shortened | {one.hex().encode() for one in {raw} | hashes}


CLASSES = {"wave_id", "respondent_class", "trust"}


async def shared(resources: Resources) -> set[bytes]:
    roll_side = await values(resources.database, ROLL_SIDE, without=CLASSES)
    response_side = await values(resources.database, RESPONSE_SIDE, without=CLASSES)
    assert roll_side
    assert response_side
    return roll_side & response_side


async def test_the_two_sides_share_no_value(resources: Resources) -> None:
    wave = await open_town(resources)
    await campaign(resources, wave, identified=True)
    assert await shared(resources) == set(), "while the wave is open"
    await close_wave(resources, wave, by="tester")
    assert await shared(resources) == set(), "after the close"


async def test_a_value_on_both_sides_would_be_found(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were the memo not encrypted, a hash of it would be the permit's name."""
    monkeypatch.setattr(
        "app.services.permits.writing.minted_hash",
        lambda _keys, _wave, secret: hashlib.sha256(secret).digest(),
    )
    monkeypatch.setattr(
        "app.services.permits.seal", lambda _key, nonce, plain, _context: plain.ljust(44, b"\0")
    )
    monkeypatch.setattr("app.services.permits.unseal", lambda _key, sealed, _context: sealed[:16])
    wave = await open_town(resources)
    await permit_after_sign_in(resources, wave, sign_in(resources, wave, 1))
    assert await shared(resources)


async def test_after_the_close_nothing_can_open_what_was_drawn(resources: Resources) -> None:
    wave = await open_town(resources)
    await campaign(resources, wave, identified=True)
    await close_wave(resources, wave, by="tester")
    async with resources.database.reading() as connection:
        memos = set((await connection.execute(select(metadata.tables["roll"].c.memo))).scalars())
        for table in ("pool", "drafts"):
            assert (await connection.execute(select(metadata.tables[table]))).all() == []
    assert len(memos) == 1, "all alike"


@contextmanager
def written_together(database: Database) -> Iterator[list[set[str]]]:
    """Note which tables each transaction writes."""
    transactions: list[set[str]] = []
    open_now: dict[Connection, set[str]] = {}

    def on_execute(connection, _cursor, statement, *_rest):  # type: ignore[no-untyped-def]
        found = re.match(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)", statement)
        if found:
            open_now.setdefault(connection, set()).add(found[1])

    def on_end(connection: Connection) -> None:
        transactions.append(open_now.pop(connection, set()))

    engine = database.engine.sync_engine
    listeners = (("after_cursor_execute", on_execute), ("commit", on_end), ("rollback", on_end))
    for name, listener in listeners:
        event.listen(engine, name, listener)
    yield transactions
    for name, listener in listeners:
        event.remove(engine, name, listener)


async def both_sides_at_once(resources: Resources, *, identified: bool) -> list[set[str]]:
    with written_together(resources.database) as transactions:
        wave = await open_town(resources)
        await campaign(resources, wave, identified=identified)
        await close_wave(resources, wave, by="tester")
    seen = set().union(*transactions)
    assert seen >= {"roll", "pool", "permits", "responses", "drafts"}, "all of it was noted"
    return [one for one in transactions if one & ROLL_SIDE and one & RESPONSE_SIDE]


async def test_no_transaction_writes_both_sides(resources: Resources) -> None:
    """PostgreSQL's hidden `xmin` would join what it wrote."""
    assert await both_sides_at_once(resources, identified=False) == []


async def test_only_answers_given_by_name_are_written_with_the_roll(resources: Resources) -> None:
    found = await both_sides_at_once(resources, identified=True)
    assert len(found) == PERSONS
    by_name = {"roll", "roll_counts", "responses", "response_counts", "drafts"}
    assert all(one <= by_name for one in found)


def test_the_roll_s_counter_knows_no_class() -> None:
    """It would tell of which class the new one is among the rows rewritten with it."""
    columns = {column.name for column in metadata.tables["roll_counts"].columns}
    assert columns == {"wave_id", "slot", "trust", "n"}
