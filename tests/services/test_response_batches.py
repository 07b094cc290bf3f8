"""Answers that share a transaction are judged as if each had had its own."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import event

from app.domain.deduplication.decision import ResponseStatus
from app.domain.questionnaires.audience import Trust
from app.errors import MinyiError
from app.errors.answering import AlreadyTookPart, PermitRefused
from app.errors.waves import WaveClosed
from app.services import responses
from app.services.participation import count_participation
from app.services.permits import (
    Recipient,
    admit,
    issue_open_permit,
    mint_invitations,
    permit_after_sign_in,
    revoke_batch,
)
from app.services.resources import Resources
from app.services.response_batches import Acceptance, Submission, store_together
from app.services.responses import accept_response
from app.services.waves import Wave, close_wave
from app.store.database import Database
from app.store.responses import stream_responses
from tests.support.people import sign_in
from tests.support.surveys import TOWN, answers, open_town


@contextmanager
def commits(database: Database) -> Iterator[list[int]]:
    """Note the commits of transactions that insert responses."""
    found: list[int] = []
    storing = False

    def on_execute(_connection, _cursor, statement: str, *_rest: object) -> None:  # type: ignore[no-untyped-def]
        nonlocal storing
        storing = storing or statement.startswith("INSERT INTO responses")

    def on_commit(_connection: object) -> None:
        nonlocal storing
        found.extend([1] * storing)
        storing = False

    engine = database.engine.sync_engine
    event.listen(engine, "after_cursor_execute", on_execute)
    event.listen(engine, "commit", on_commit)
    yield found
    event.remove(engine, "after_cursor_execute", on_execute)
    event.remove(engine, "commit", on_commit)


async def at_once(
    resources: Resources, *sent: tuple[Wave, str, dict[str, object]]
) -> list[Acceptance | BaseException]:
    """Send answers at the same time; they are stored by one transaction."""
    with commits(resources.database) as found:
        got = await asyncio.gather(
            *(accept_response(resources, *one) for one in sent), return_exceptions=True
        )
    assert len(found) == 1
    return got


async def a_permit(resources: Resources, wave: Wave) -> str:
    return await issue_open_permit(resources, wave, respondent_class="residents")


async def test_the_same_twice_is_stored_once(resources: Resources) -> None:
    wave = await open_town(resources)
    permit = await a_permit(resources, wave)
    one, other = await at_once(resources, (wave, permit, answers()), (wave, permit, answers()))
    assert isinstance(one, Acceptance)
    assert isinstance(other, Acceptance)
    assert (one.repeated, other.repeated) == (False, True)
    assert one.receipt == other.receipt
    assert (await count_participation(resources, wave)).returned == 1


async def test_of_two_different_the_first_counts(resources: Resources) -> None:
    wave = await open_town(resources)
    [letter] = await mint_invitations(
        resources, wave, recipients=[Recipient("residents")], batch="b"
    )
    sent = [(wave, letter.permit, answers(level)) for level in ("satisfied", "neutral")]
    one, other = await at_once(resources, *sent)
    assert isinstance(one, Acceptance)
    assert isinstance(other, AlreadyTookPart)
    assert '"satisfied"' in await stored_answers(resources, wave)
    assert (await count_participation(resources, wave)).counted == 1


async def test_where_answers_may_be_revised_the_last_counts(
    resources: Resources, tmp_path: Path
) -> None:
    folder = shutil.copytree(TOWN, tmp_path / "revisable")
    audience = folder / "audience.yaml"
    text = audience.read_text().replace("collection:\n", "collection:\n  revisable: true\n")
    audience.write_text(text)
    wave = await open_town(resources, folder=folder)
    permit = await a_permit(resources, wave)
    levels = ("satisfied", "neutral", "neutral", "dissatisfied")
    got = await at_once(resources, *((wave, permit, answers(level)) for level in levels))
    assert [one.repeated for one in got if isinstance(one, Acceptance)] == [0, 0, 1, 0]
    assert '"dissatisfied"' in await stored_answers(resources, wave)
    found = await count_participation(resources, wave)
    assert (found.returned, found.counted) == (1, 1)


async def stored_answers(resources: Resources, wave: Wave) -> str:
    async with resources.database.reading() as connection:
        [stored] = [one async for one in stream_responses(connection, wave.id)]
    return stored.answers


async def test_a_permit_revoked_meanwhile_takes_its_response_back(resources: Resources) -> None:
    wave = await open_town(resources)
    submissions = []
    for batch in ("kept", "lost"):
        [letter] = await mint_invitations(
            resources, wave, recipients=[Recipient("residents")], batch=batch
        )
        admission = await admit(resources, wave, letter.permit)
        record = responses._record(resources, admission, answers())
        submissions.append(Submission(admission, record))
    await revoke_batch(resources, wave, batch="lost")
    async with resources.database.writing() as connection:
        kept, lost = await store_together(connection, wave.id, submissions)
    assert isinstance(kept, Acceptance)
    assert isinstance(lost, PermitRefused)
    found = await count_participation(resources, wave)
    assert (found.returned, found.distributed, found.revoked) == (1, 1, 1)


async def test_each_wave_is_asked_whether_it_takes_answers(resources: Resources) -> None:
    closed, wave = await open_town(resources, code="closed"), await open_town(resources)
    permits = [await a_permit(resources, one) for one in (closed, wave)]
    await close_wave(resources, closed, by="tester")
    refused, stored = await at_once(
        resources, (closed, permits[0], answers()), (wave, permits[1], answers())
    )
    assert isinstance(refused, WaveClosed)
    assert isinstance(stored, Acceptance)


async def test_a_person_who_came_by_two_routes_is_filed_with_the_others_counted(
    resources: Resources,
) -> None:
    wave = await open_town(resources)
    await permit_after_sign_in(resources, wave, sign_in(resources, wave, 1))  # drawn, not used
    persons = [sign_in(resources, wave, n, Trust.CONFIDENTIAL) for n in (2, 3)]
    permits = [await permit_after_sign_in(resources, wave, one) for one in persons]
    await permit_after_sign_in(resources, wave, sign_in(resources, wave, 3))  # by another route
    first, filed = await at_once(resources, *((wave, permit, answers()) for permit in permits))
    assert not isinstance(first, MinyiError | BaseException)
    assert not isinstance(filed, MinyiError | BaseException)
    assert (first.status, filed.status) == (ResponseStatus.COUNTED, ResponseStatus.DUPLICATE)
    found = await count_participation(resources, wave)
    assert (found.counted, found.duplicate, found.drawn) == (1, 1, 2)
