import asyncio
import json

import pytest

from app.domain.deduplication.decision import ResponseStatus
from app.domain.paper.balance import FormResult
from app.domain.paper.custody import FormState
from app.domain.questionnaires.audience import Mode, Trust
from app.errors import InvalidInput
from app.errors.paper import (
    EntryHidden,
    EntryRefused,
    FormNotFound,
    NothingToAdjudicate,
    SamePerson,
)
from app.errors.waves import TransitionRefused, WaveClosed
from app.services.paper_adjudication import adjudicate, list_disputes, open_dispute
from app.services.paper_batches import close_batch
from app.services.paper_keying import KeyedSheet, key_form, key_forms, own_entry, sheet_to_key
from app.services.participation import count_participation
from app.services.resources import Resources
from app.services.waves import Wave, close_wave
from app.store.paper_entries import entries_of
from app.store.permits import find_permit
from app.store.responses import ResponseRecord, stream_responses
from tests.support.clock import Clock
from tests.support.fieldwork import (
    ANN,
    BO,
    CHEN,
    DI,
    MARKS,
    bring_back,
    issue,
    key,
    move,
    open_base,
    serial,
    sheet,
)


async def responses(resources: Resources, wave: Wave) -> list[ResponseRecord]:
    async with resources.database.reading() as connection:
        return [one async for one in stream_responses(connection, wave.id)]


def codes(refused: pytest.ExceptionInfo[EntryRefused]) -> list[str]:
    return [fault.code for fault in refused.value.faults]


async def test_two_equal_entries_make_a_response_of_the_survey_point(resources: Resources) -> None:
    wave = await open_base(resources)
    batch = await issue(resources, wave)
    await bring_back(resources, wave, [1, 2])
    first = await key(resources, wave, 1, ANN)
    assert (first.ordinal, first.result) == (1, FormResult.PENDING)
    assert await responses(resources, wave) == []
    second = await key(resources, wave, 1, BO)
    assert (second.ordinal, second.result) == (2, FormResult.COUNTED)
    [response] = await responses(resources, wave)
    assert (response.mode, response.trust) == (Mode.PAPER, Trust.FIELDWORK)
    assert (response.point, response.stratum) == ("p1", "north")
    form = sheet(resources, wave, batch, 1)
    assert response.response_id == form.admission.response_id
    async with resources.database.reading() as connection:
        permit = await find_permit(connection, wave.id, form.admission.permit_hash)
    assert permit is not None
    assert permit.state == "spent"
    assert (await count_participation(resources, wave)).counted == 1


async def test_the_rating_counts_for_the_departments_printed_on_this_form(
    resources: Resources,
) -> None:
    wave = await open_base(resources)
    batch = await issue(resources, wave, n=40, second_share=0.0)
    await bring_back(resources, wave, range(1, 41))  # type: ignore[arg-type]
    offers = set()
    for number in range(1, 41):
        await key(resources, wave, number, ANN)
        offers.add(sheet(resources, wave, batch, number).departments)
    assert len(offers) > 5
    stored = [json.loads(one.answers) for one in await responses(resources, wave)]
    assert {tuple(one["offered"]) for one in stored} == offers
    for one in stored:
        first, second = one["offered"]
        assert one["answers"]["grid"] == {
            first: {"speed": "a", "care": "b"},
            second: {"speed": "dont_know", "care": "e"},
        }


async def test_second_keyer_must_differ(resources: Resources) -> None:
    wave = await open_base(resources)
    await issue(resources, wave)
    await bring_back(resources, wave, [1])
    await key(resources, wave, 1, ANN)
    again = await key(resources, wave, 1, " Ann ")
    assert (again.ordinal, again.repeated, again.result) == (1, True, FormResult.PENDING)


async def test_an_entry_is_never_changed_after_it_was_sent(resources: Resources) -> None:
    wave = await open_base(resources)
    await issue(resources, wave)
    await bring_back(resources, wave, [1])
    await key(resources, wave, 1, ANN)
    with pytest.raises(EntryRefused) as refused:
        await key(resources, wave, 1, ANN, sex="2")
    assert codes(refused) == ["entry-frozen"]
    assert (await own_entry(resources, wave, serial=serial(wave, 1), by=ANN)).marks == MARKS


async def test_a_form_takes_no_third_entry(resources: Resources) -> None:
    wave = await open_base(resources)
    await issue(resources, wave)
    await bring_back(resources, wave, [1])
    await key(resources, wave, 1, ANN)
    await key(resources, wave, 1, BO)
    with pytest.raises(EntryRefused) as refused:
        await key(resources, wave, 1, CHEN)
    assert codes(refused) == ["already-keyed"]
    assert len(await responses(resources, wave)) == 1


async def test_nobody_sees_what_another_keyed(resources: Resources) -> None:
    wave = await open_base(resources)
    await issue(resources, wave)
    await bring_back(resources, wave, [1])
    await key(resources, wave, 1, ANN)
    with pytest.raises(EntryHidden):
        await own_entry(resources, wave, serial=serial(wave, 1), by=BO)
    with pytest.raises(FormNotFound):
        await own_entry(resources, wave, serial=serial(wave, 2), by=ANN)
    form = await sheet_to_key(resources, wave, serial=serial(wave, 1), by=BO)
    assert not hasattr(form, "marks")
    with pytest.raises(EntryRefused):
        await sheet_to_key(resources, wave, serial=serial(wave, 1), by=ANN)


async def test_a_third_person_decides_where_two_differ(resources: Resources) -> None:
    wave = await open_base(resources)
    await issue(resources, wave)
    await bring_back(resources, wave, [1])
    await key(resources, wave, 1, ANN, sex="2")
    second = await key(resources, wave, 1, BO, grid__1__care="?")
    assert second.result is FormResult.PENDING
    [dispute] = await list_disputes(resources, wave)
    assert (dispute.serial, dispute.fields) == (serial(wave, 1), 2)
    _, found = await open_dispute(resources, wave, serial=serial(wave, 1), by=CHEN)
    assert {one.field: (one.first, one.second) for one in found} == {
        "sex": ("2", "1"),
        "grid.1.care": ("2", "?"),
    }
    decisions = {"sex": "1", "grid.1.care": "3"}
    result = await adjudicate(resources, wave, serial=serial(wave, 1), decisions=decisions, by=CHEN)
    assert result is FormResult.COUNTED
    [response] = await responses(resources, wave)
    assert '"sex":"female"' in response.answers
    assert '"care":"c"' in response.answers
    async with resources.database.reading() as connection:
        kept = (await entries_of(connection, wave.id, [1]))[1]
    assert [one.marks["sex"] for one in kept] == ["2", "1"]
    with pytest.raises(NothingToAdjudicate):
        await adjudicate(resources, wave, serial=serial(wave, 1), decisions=decisions, by=CHEN)


@pytest.mark.parametrize("keyer", [ANN, BO, "BO "])
async def test_nobody_adjudicates_their_own_form(resources: Resources, keyer: str) -> None:
    wave = await open_base(resources)
    await issue(resources, wave)
    await bring_back(resources, wave, [1])
    await key(resources, wave, 1, ANN)
    await key(resources, wave, 1, BO, sex="2")
    with pytest.raises(SamePerson):
        await open_dispute(resources, wave, serial=serial(wave, 1), by=keyer)
    with pytest.raises(SamePerson):
        await adjudicate(resources, wave, serial=serial(wave, 1), decisions={"sex": "1"}, by=keyer)
    assert await responses(resources, wave) == []


async def test_a_decision_covers_all_fields_in_dispute_and_no_other(resources: Resources) -> None:
    wave = await open_base(resources)
    await issue(resources, wave)
    await bring_back(resources, wave, [1])
    await key(resources, wave, 1, ANN)
    await key(resources, wave, 1, BO, sex="2", whole="8")
    with pytest.raises(InvalidInput) as refused:
        await adjudicate(
            resources, wave, serial=serial(wave, 1), decisions={"sex": "1", "more": "1"}, by=CHEN
        )
    assert {(f.field, f.code) for f in refused.value.faults} == {
        ("whole", "undecided"),
        ("fields", "not-in-dispute"),
    }


async def test_the_paper_is_the_truth_and_what_cannot_count_is_a_warning(
    resources: Resources,
) -> None:
    """A number out of range, a skipped question answered, a required rating left blank."""
    wave = await open_base(resources)
    await issue(resources, wave, second_share=0.0)
    await bring_back(resources, wave, [1])
    cells = {"sex": "*", "topics": "3", "visits": "250", "grid.1.speed": "1", "more": "?"}
    keyed = await key_form(resources, wave, KeyedSheet(serial(wave, 1), cells), by=ANN)
    assert keyed.result is FormResult.COUNTED
    assert {fault.code for fault in keyed.warnings} == {"hidden", "required"}
    [response] = await responses(resources, wave)
    assert "250" not in response.answers
    assert (await own_entry(resources, wave, serial=serial(wave, 1), by=ANN)).marks == cells


async def test_a_form_without_any_answer_is_void_and_its_number_unspent(
    resources: Resources,
) -> None:
    wave = await open_base(resources)
    await issue(resources, wave, second_share=0.0)
    await bring_back(resources, wave, [1])
    keyed = await key_form(resources, wave, KeyedSheet(serial(wave, 1), {"sex": "?"}), by=ANN)
    assert keyed.result is FormResult.VOID
    assert await responses(resources, wave) == []


@pytest.mark.parametrize(
    ("number", "code"), [(2, "not-returned"), (99, "form-not-found")], ids=["stock", "out of range"]
)
async def test_only_returned_forms_are_keyed(resources: Resources, number: int, code: str) -> None:
    wave = await open_base(resources)
    await issue(resources, wave)
    await bring_back(resources, wave, [1])
    with pytest.raises(EntryRefused) as refused:
        await key(resources, wave, number, ANN)
    assert codes(refused) == [code]


@pytest.mark.parametrize(
    "bad", ["", "12", "001-000001-9", "１２３", "001-000001-0x", "9" * 500, "001-000010-5\x00"]
)
async def test_a_misread_serial_is_refused_unechoed(resources: Resources, bad: str) -> None:
    wave = await open_base(resources)
    await issue(resources, wave)
    with pytest.raises(InvalidInput) as refused:
        await key_form(resources, wave, KeyedSheet(bad, MARKS), by=ANN)
    assert [fault.code for fault in refused.value.faults] == ["serial-misread"]
    assert not bad or bad not in refused.value.faults[0].message


async def test_a_form_of_another_wave_or_point_is_refused(resources: Resources) -> None:
    wave = await open_base(resources)
    other = await open_base(resources, code="other")
    await issue(resources, wave)
    await bring_back(resources, wave, [1])
    with pytest.raises(InvalidInput) as refused:
        await key_form(resources, other, KeyedSheet(serial(wave, 1), MARKS), by=ANN)
    assert refused.value.faults[0].code == "other-wave"
    with pytest.raises(EntryRefused) as elsewhere:
        await key_form(resources, wave, KeyedSheet(serial(wave, 1), MARKS), by=ANN, point="p2")
    assert codes(elsewhere) == ["other-point"]


async def test_one_bad_sheet_keeps_all_out_unless_the_good_part_is_wanted(
    resources: Resources,
) -> None:
    wave = await open_base(resources)
    await issue(resources, wave)
    await bring_back(resources, wave, [1, 2])
    sheets = [
        KeyedSheet(serial(wave, 1), MARKS),
        KeyedSheet(serial(wave, 2), MARKS | {"sex": "7", "visits": "many", "nothing": "1"}),
    ]
    with pytest.raises(EntryRefused) as refused:
        await key_forms(resources, wave, sheets, by=ANN, source="file")
    assert sorted(codes(refused)) == ["not-a-number", "not-printed", "unknown-field"]
    with pytest.raises(FormNotFound):
        await own_entry(resources, wave, serial=serial(wave, 1), by=ANN)
    outcome = await key_forms(resources, wave, sheets, by=ANN, source="file", accept_good_part=True)
    assert [one.serial for one in outcome.keyed] == [serial(wave, 1)]
    assert len(outcome.faults) == 3


async def test_what_came_back_is_keyed_after_the_last_day_but_not_after_close(
    resources: Resources, clock: Clock
) -> None:
    wave = await open_base(resources)
    await issue(resources, wave, second_share=0.0)
    await bring_back(resources, wave, [1])
    await move(resources, wave, [2, 3, 4, 5], FormState.BLANK)
    clock.advance(days=60)
    assert (await key(resources, wave, 1, ANN)).result is FormResult.COUNTED
    with pytest.raises(TransitionRefused):
        await close_wave(resources, wave, by="tester")
    await close_batch(resources, wave, batch="B1", by=DI)
    await close_wave(resources, wave, by="tester")
    with pytest.raises(WaveClosed):
        await key(resources, wave, 2, ANN)


async def test_counted_forms_are_counted_once_however_often_they_are_sent(
    resources: Resources,
) -> None:
    wave = await open_base(resources)
    await issue(resources, wave, second_share=0.0)
    await bring_back(resources, wave, [1])
    for _ in range(3):
        assert (await key(resources, wave, 1, ANN)).result is FormResult.COUNTED
    assert [one.status for one in await responses(resources, wave)] == [ResponseStatus.COUNTED]


async def test_two_who_key_at_once_are_first_and_second(resources: Resources) -> None:
    """Both race for the first entry, and each sends everything twice."""
    wave = await open_base(resources)
    await issue(resources, wave, n=4)
    await bring_back(resources, wave, [1, 2, 3, 4])
    keyed = await asyncio.gather(
        *(key(resources, wave, number, by) for by in (ANN, BO, ANN, BO) for number in range(1, 5))
    )
    fresh = [one for one in keyed if not one.repeated]
    assert sorted((one.serial, one.ordinal) for one in fresh) == [
        (serial(wave, number), ordinal) for number in range(1, 5) for ordinal in (1, 2)
    ]
    assert (await count_participation(resources, wave)).counted == 4
    assert len(await responses(resources, wave)) == 4


async def test_of_two_decisions_at_once_one_counts(resources: Resources) -> None:
    wave = await open_base(resources)
    await issue(resources, wave)
    await bring_back(resources, wave, [1])
    await key(resources, wave, 1, ANN)
    await key(resources, wave, 1, BO, sex="2")

    async def decide(by: str, mark: str) -> FormResult:
        return await adjudicate(
            resources, wave, serial=serial(wave, 1), decisions={"sex": mark}, by=by
        )

    done = await asyncio.gather(decide(CHEN, "1"), decide(DI, "2"), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["FormResult", "NothingToAdjudicate"]
    assert len(await responses(resources, wave)) == 1


async def test_a_share_of_the_forms_is_keyed_twice(resources: Resources) -> None:
    wave = await open_base(resources)
    batch = await issue(resources, wave, n=60, second_share=0.3)
    await bring_back(resources, wave, list(range(1, 61)))
    results = [(await key(resources, wave, number, ANN)).result for number in range(1, 61)]
    twice = [sheet(resources, wave, batch, n).entries_wanted == 2 for n in range(1, 61)]
    assert [result is FormResult.PENDING for result in results] == twice
    assert 5 < sum(twice) < 35
