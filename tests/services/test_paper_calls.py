"""Calls: who gets which number, what becomes of it, and that the figures balance."""

import asyncio
from pathlib import Path

import pytest

from app.domain.paper.balance import FormResult
from app.domain.paper.calls import CallResult
from app.domain.paper.custody import FormState, Outcome
from app.domain.questionnaires.audience import Mode, Trust
from app.errors import InvalidInput, MinyiError
from app.errors.answering import WayInNotOffered
from app.errors.paper import (
    BatchClosed,
    BatchNotFound,
    CallRefused,
    CustodyRefused,
    EntryRefused,
    NoCallLeft,
)
from app.errors.waves import WaveClosed
from app.services.paper_batches import close_batch, fieldwork
from app.services.paper_calls import count_calls, end_call, open_call
from app.services.paper_custody import Scan, custody_of, record_scans
from app.services.paper_fieldwork import issue_batch
from app.services.resources import Resources
from app.services.waves import Wave
from app.store.audit import all_entries
from app.store.responses import stream_responses
from tests.support.clock import Clock
from tests.support.fieldwork import (
    ANN,
    BASE,
    BO,
    DI,
    also_by_phone,
    issue,
    key,
    move,
    open_base,
    serial,
)


@pytest.fixture
async def wave(resources: Resources, tmp_path: Path) -> Wave:
    """A call station with three call sheets."""
    wave = await open_base(resources, folder=also_by_phone(BASE, tmp_path))
    await issue_batch(resources, wave, batch="T1", point="p1", n=3, by=DI, mode=Mode.PHONE)
    return wave


async def call(resources: Resources, wave: Wave, by: str = ANN, number: int = 0) -> tuple[int, int]:
    """Open the next call, or that of a number; gives number and attempt."""
    named = serial(wave, number) if number else ""
    opened = await open_call(resources, wave, batch="T1", by=by, serial=named)
    return opened.sheet.serial.number, opened.attempt


async def end(
    resources: Resources,
    wave: Wave,
    number: int,
    result: CallResult,
    *,
    attempt: int = 1,
    by: str = ANN,
) -> bool:
    return await end_call(
        resources,
        wave,
        batch="T1",
        serial=serial(wave, number),
        attempt=attempt,
        result=result,
        by=by,
    )


async def test_an_interview_counts_once_as_an_answer_by_phone(
    resources: Resources, wave: Wave
) -> None:
    assert await call(resources, wave) == (1, 1)
    assert (await key(resources, wave, 1, ANN)).result is FormResult.COUNTED
    assert (await key(resources, wave, 1, ANN)).repeated
    async with resources.database.reading() as connection:
        [response] = [one async for one in stream_responses(connection, wave.id)]
    assert (response.mode, response.trust, response.point) == (Mode.PHONE, Trust.FIELDWORK, "p1")
    assert await count_calls(resources, wave) == {("T1", CallResult.COMPLETED): 1}
    last = (await custody_of(resources, wave, serial=serial(wave, 1)))[-1]
    assert (last.to_state, last.outcome, last.interviewer) == (
        FormState.KEYED,
        Outcome.COMPLETED,
        ANN,
    )
    with pytest.raises(EntryRefused):  # nothing said on the telephone is keyed twice
        await key(resources, wave, 1, BO)


async def test_new_numbers_come_first_then_whoever_waits_longest_for_a_call_back(
    resources: Resources, wave: Wave, clock: Clock
) -> None:
    for number in (1, 2):
        assert await call(resources, wave) == (number, 1)
        await end(resources, wave, number, CallResult.CALL_BACK)
        clock.advance(minutes=5)
    assert await call(resources, wave) == (3, 1)
    assert await call(resources, wave) == (3, 1), "one's own call that broke off goes on"
    assert await call(resources, wave, BO) == (1, 2)
    assert await call(resources, wave, DI) == (2, 2)
    with pytest.raises(NoCallLeft):
        await call(resources, wave, "eve")
    assert await call(resources, wave, "eve", number=2) == (2, 3), "named, it is taken over"
    with pytest.raises(CallRefused):
        await end(resources, wave, 2, CallResult.REFUSED, attempt=2, by=DI)
    await end(resources, wave, 2, CallResult.CALL_BACK, attempt=3, by="eve")
    assert await call(resources, wave, "eve") == (2, 4)


async def test_two_who_call_at_once_never_get_the_same_number(
    resources: Resources, wave: Wave
) -> None:
    found = await asyncio.gather(*(call(resources, wave, f"caller-{n}") for n in range(3)))
    assert sorted(found) == [(1, 1), (2, 1), (3, 1)]


async def test_every_outcome_settles_its_sheet_and_the_batch_closes_in_balance(
    resources: Resources, wave: Wave
) -> None:
    for number, result in enumerate(
        (CallResult.REFUSED, CallResult.NO_CONTACT, CallResult.LANGUAGE), start=1
    ):
        await call(resources, wave)
        assert not await end(resources, wave, number, result)
        assert await end(resources, wave, number, result), "told again, it is the same"
        with pytest.raises(CallRefused):
            await end(resources, wave, number, CallResult.INELIGIBLE)
        with pytest.raises(EntryRefused):
            await key(resources, wave, number, ANN)
    work = await fieldwork(resources, wave)
    assert (work.whole.refused, work.whole.blank, work.whole.distributed) == (1, 2, 3)
    assert work.outcomes[("p1", Outcome.NO_CONTACT)] == 1
    assert (await close_batch(resources, wave, batch="T1", by=DI)).balances
    with pytest.raises(BatchClosed):
        await call(resources, wave, number=1)
    async with resources.database.reading() as connection:
        acts = [one.done.act async for one in all_entries(connection)]
    assert acts.count("paper.call-begun") == acts.count("paper.call-ended") == 3


@pytest.mark.parametrize(
    ("number", "attempt", "by"), [(1, 1, BO), (1, 2, ANN), (2, 1, ANN), (1, 9, ANN)]
)
async def test_only_ones_own_call_is_ended(
    resources: Resources, wave: Wave, number: int, attempt: int, by: str
) -> None:
    await call(resources, wave)
    with pytest.raises(CallRefused):
        await end(resources, wave, number, CallResult.REFUSED, attempt=attempt, by=by)
    assert (await fieldwork(resources, wave)).whole.refused == 0


async def test_scans_leave_sheets_uncalled_or_take_outcomes_back_and_nothing_else(
    resources: Resources, wave: Wave
) -> None:
    await call(resources, wave)
    await end(resources, wave, 1, CallResult.REFUSED)
    for number, to in (
        (2, FormState.HANDED_OUT),
        (2, FormState.LOST),
        (1, FormState.HANDED_OUT),  # without a reason
    ):
        with pytest.raises(CustodyRefused):
            await record_scans(resources, wave, [Scan(serial(wave, number), to)], by=DI)
    await move(resources, wave, [1], FormState.HANDED_OUT, reason="a wrong key")
    await move(resources, wave, [2, 3], FormState.BLANK)
    assert await call(resources, wave, BO) == (1, 2)


async def test_a_call_station_works_in_its_dates_and_tells_of_calls_after_them(
    resources: Resources, wave: Wave, clock: Clock
) -> None:
    await call(resources, wave)
    clock.advance(days=30)
    with pytest.raises(WaveClosed):
        await call(resources, wave, BO)
    await end(resources, wave, 1, CallResult.REFUSED)


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"second_share": 0.5}, InvalidInput),
        ({"respondent_class": "online"}, WayInNotOffered),
        ({"n": 0}, InvalidInput),
    ],
)
async def test_call_sheets_that_cannot_be_are_not_issued(
    resources: Resources, wave: Wave, more: dict[str, object], error: type[MinyiError]
) -> None:
    given: dict[str, object] = {"batch": "T2", "point": "p1", "n": 1} | more
    with pytest.raises(error):
        await issue_batch(resources, wave, by=DI, mode=Mode.PHONE, **given)  # type: ignore[arg-type]


async def test_paper_forms_are_no_call_sheets(resources: Resources, wave: Wave) -> None:
    await issue(resources, wave)
    with pytest.raises(BatchNotFound):
        await open_call(resources, wave, batch="B1", by=ANN)
    with pytest.raises(CallRefused):
        await call(resources, wave, number=4)


async def test_a_survey_without_telephone_issues_no_call_sheets(resources: Resources) -> None:
    wave = await open_base(resources)
    with pytest.raises(WayInNotOffered):
        await issue_batch(resources, wave, batch="T1", point="p1", n=1, by=DI, mode=Mode.PHONE)
