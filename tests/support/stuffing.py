"""Responses put straight into storage: a wave of two weeks with one stuffed day."""

import dataclasses
import datetime
from collections import Counter
from collections.abc import Sequence

import msgspec

from app.domain.deduplication.decision import ResponseStatus
from app.domain.questionnaires.audience import Mode, Trust
from app.services.resources import Resources
from app.services.waves import Wave
from app.store.responses import ResponseRecord, count, insert_responses, kind_of
from tests.support.surveys import OPENED, answers

DAYS, USUAL, ATTACK = 14, 8, 90


def response(number: int, day: int, *, level: str = "satisfied", **more: object) -> ResponseRecord:
    """A resident's answer of the day so many days after the opening."""
    sheet = {"answers": answers(level), "offered": ["D01", "D02", "D03"]}
    plain = ResponseRecord(
        response_id=number.to_bytes(16),
        status=ResponseStatus.COUNTED,
        mode=Mode.WEB,
        trust=Trust.OPEN,
        respondent_class="residents",
        received_on=OPENED + datetime.timedelta(days=day),
        own_unit="",
        stratum="",
        window="",
        answers=msgspec.json.encode(sheet).decode(),
        sealed_person=b"",
    )
    return dataclasses.replace(plain, **more)  # type: ignore[arg-type]


async def store(resources: Resources, wave: Wave, records: Sequence[ResponseRecord]) -> None:
    """Store responses of an open wave."""
    async with resources.database.writing() as connection:
        assert len(await insert_responses(connection, wave.id, records)) == len(records)
        await count(connection, wave.id, Counter(kind_of(one) for one in records))


async def stuff(resources: Resources, wave: Wave) -> None:
    """Store two weeks in which the tenth day brings eleven times the usual, and a duplicate."""
    per_day = [USUAL + day % 2 for day in range(DAYS)]
    per_day[9] = ATTACK
    days = [day for day, n in enumerate(per_day) for _ in range(n)]
    duplicate = response(len(days), 9, status=ResponseStatus.DUPLICATE)
    await store(resources, wave, [*(response(n, day) for n, day in enumerate(days)), duplicate])
