import asyncio

import pytest

from app.domain.deduplication.decision import ResponseStatus
from app.domain.paper.balance import FormResult
from app.domain.paper.custody import FormState, Outcome
from app.domain.questionnaires.audience import Mode, Trust
from app.errors import InvalidInput
from app.errors.answering import PermitRefused, WayInNotOffered
from app.errors.paper import (
    BatchClosed,
    BatchNotFound,
    BatchOutOfBalance,
    CustodyRefused,
    EntryRefused,
)
from app.errors.waves import NameTaken, WaveClosed
from app.services.identity import WayWanted, new_sign_in
from app.services.paper_batches import close_batch, fieldwork
from app.services.paper_custody import Scan, custody_of, record_scans
from app.services.paper_fieldwork import (
    add_interviewer,
    issue_batch,
    quota_progress,
    set_quotas,
)
from app.services.paper_slips import read_slip
from app.services.participation import count_participation
from app.services.permits import permit_after_sign_in
from app.services.resources import Resources
from app.services.responses import accept_response
from app.services.waves import Wave, close_wave
from app.store.permits import find_permit
from tests.support.fieldwork import (
    ANN,
    BO,
    DI,
    bring_back,
    issue,
    key,
    move,
    open_base,
    serial,
    sheet,
)

PHONE = "13812345678"


def codes(refused: pytest.ExceptionInfo[CustodyRefused]) -> list[str]:
    return [fault.code for fault in refused.value.faults]


async def test_ranges_follow_each_other_and_never_overlap(resources: Resources) -> None:
    wave = await open_base(resources)
    first = await issue(resources, wave, batch="B1", n=5)
    second = await issue(resources, wave, batch="B2", point="p3", n=3)
    assert (first.first, first.last, second.first, second.last) == (1, 5, 6, 8)
    assert second.stratum == "south"


async def test_two_who_issue_at_once_get_different_numbers(resources: Resources) -> None:
    wave = await open_base(resources)
    made = await asyncio.gather(
        *(issue_batch(resources, wave, batch=f"B{n}", point="p1", n=7, by=DI) for n in range(6))
    )
    assert sorted(batch.first for batch in made) == [1, 8, 15, 22, 29, 36]


async def test_a_batch_code_is_used_once(resources: Resources) -> None:
    wave = await open_base(resources)
    await issue(resources, wave)
    with pytest.raises(NameTaken):
        await issue_batch(resources, wave, batch="B1", point="p2", n=1, by=DI)
    assert (await fieldwork(resources, wave)).whole.issued == 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"point": "p9"},
        {"n": 0},
        {"n": 1_000_001},
        {"second_share": 1.1},
        {"batch": "B 1"},
        {"batch": "B" * 35},
        {"department": "D99"},
    ],
    ids=str,
)
async def test_a_batch_that_cannot_be_is_refused(
    resources: Resources, wrong: dict[str, object]
) -> None:
    wave = await open_base(resources)
    asked: dict[str, object] = {"batch": "B1", "point": "p1", "n": 5, "by": DI} | wrong
    with pytest.raises(InvalidInput):
        await issue_batch(resources, wave, **asked)  # type: ignore[arg-type]
    assert (await fieldwork(resources, wave)).batches == ()


async def test_only_a_class_that_answers_on_paper_gets_forms(resources: Resources) -> None:
    wave = await open_base(resources)
    with pytest.raises(WayInNotOffered):
        await issue_batch(
            resources, wave, batch="B1", point="p1", n=5, by=DI, respondent_class="online"
        )


async def test_a_form_goes_out_and_comes_back_and_the_log_tells(resources: Resources) -> None:
    wave = await open_base(resources)
    await issue(resources, wave)
    await bring_back(resources, wave, [1])
    log = await custody_of(resources, wave, serial=serial(wave, 1))
    assert [(one.from_state, one.to_state, one.interviewer, one.by) for one in log] == [
        (FormState.ISSUED, FormState.HANDED_OUT, "I1", DI),
        (FormState.HANDED_OUT, FormState.RETURNED, "I1", DI),
    ]


async def test_a_double_scan_changes_nothing(resources: Resources) -> None:
    wave = await open_base(resources)
    await issue(resources, wave)
    for _ in range(3):
        await move(resources, wave, [1, 2, 1], FormState.HANDED_OUT, interviewer="I1")
    assert len(await custody_of(resources, wave, serial=serial(wave, 1))) == 1


async def test_one_refused_scan_moves_no_form_and_all_faults_are_told(
    resources: Resources,
) -> None:
    wave = await open_base(resources)
    await issue(resources, wave)
    scans = [
        Scan(serial(wave, 1), FormState.HANDED_OUT, interviewer="I1"),
        Scan(serial(wave, 2), FormState.RETURNED, interviewer="I1"),
        Scan(serial(wave, 3), FormState.HANDED_OUT),
        Scan(serial(wave, 4), FormState.HANDED_OUT, interviewer="I9"),
        Scan(serial(wave, 77), FormState.LOST),
        Scan(serial(wave, 5), FormState.BLANK, Outcome.COMPLETED),
    ]
    with pytest.raises(CustodyRefused) as refused:
        await record_scans(resources, wave, scans, by=DI)
    assert codes(refused) == [
        "move-refused",
        "interviewer-missing",
        "interviewer-unknown",
        "form-not-found",
        "outcome-refused",
    ]
    assert (await fieldwork(resources, wave)).whole.in_stock == 5


async def test_forms_of_another_point_are_out_of_reach(resources: Resources) -> None:
    wave = await open_base(resources)
    await issue(resources, wave)
    await issue(resources, wave, batch="B2", point="p2")
    with pytest.raises(CustodyRefused) as refused:
        await record_scans(
            resources, wave, [Scan(serial(wave, 1), FormState.LOST)], by=DI, point="p2"
        )
    assert codes(refused) == ["other-point"]
    with pytest.raises(CustodyRefused) as stranger:
        await move(resources, wave, [1], FormState.HANDED_OUT, interviewer="I2")
    assert codes(stranger) == ["interviewer-unknown"]


async def test_a_keyed_form_cannot_be_lost_or_taken_back(resources: Resources) -> None:
    wave = await open_base(resources)
    await issue(resources, wave)
    await bring_back(resources, wave, [1])
    await key(resources, wave, 1, ANN)
    for state in (FormState.LOST, FormState.SPOILED, FormState.RETURNED, FormState.ISSUED):
        with pytest.raises(CustodyRefused):
            await move(resources, wave, [1], state, reason="by mistake")


async def test_a_batch_closes_only_when_every_form_is_accounted_for(resources: Resources) -> None:
    wave = await open_base(resources)
    batch = await issue(resources, wave, second_share=0.0)
    await bring_back(resources, wave, [1, 2])
    await move(resources, wave, [3], FormState.HANDED_OUT, interviewer="I1")
    await key(resources, wave, 1, ANN)
    with pytest.raises(BatchOutOfBalance) as refused:
        await close_batch(resources, wave, batch="B1", by=DI)
    assert [(fault.field, fault.message[0]) for fault in refused.value.faults] == [
        ("in_stock", "2"),
        ("in_field", "1"),
        ("to_key", "1"),
    ]
    await move(resources, wave, [2], FormState.SPOILED)
    await move(resources, wave, [3], FormState.REFUSED)
    await move(resources, wave, [4], FormState.LOST)
    await move(resources, wave, [5], FormState.BLANK)
    found = await close_batch(resources, wave, batch="B1", by=DI)
    assert (found.issued, found.distributed, found.returned, found.valid) == (5, 3, 2, 1)
    assert (found.spoiled, found.refused, found.lost, found.blank) == (1, 1, 1, 1)
    lost = sheet(resources, wave, batch, 4).admission.permit_hash
    async with resources.database.reading() as connection:
        permit = await find_permit(connection, wave.id, lost)
    assert permit is not None
    assert permit.state == "revoked"


async def test_a_closed_batch_is_closed_for_scans_and_keys(resources: Resources) -> None:
    wave = await open_base(resources)
    await issue(resources, wave, n=2, second_share=0.0)
    await bring_back(resources, wave, [1])
    await move(resources, wave, [2], FormState.LOST)
    await key(resources, wave, 1, ANN)
    await close_batch(resources, wave, batch="B1", by=DI)
    with pytest.raises(CustodyRefused) as found_again:
        await move(resources, wave, [2], FormState.RETURNED, interviewer="I1")
    assert codes(found_again) == ["batch-closed"]
    with pytest.raises(EntryRefused):
        await key(resources, wave, 1, BO)
    with pytest.raises(BatchClosed):
        await close_batch(resources, wave, batch="B1", by=DI)
    with pytest.raises(BatchNotFound):
        await close_batch(resources, wave, batch="B7", by=DI)


async def test_a_form_waiting_for_its_second_entry_keeps_the_batch_open(
    resources: Resources,
) -> None:
    wave = await open_base(resources)
    await issue(resources, wave, n=1)
    await bring_back(resources, wave, [1])
    await key(resources, wave, 1, ANN)
    with pytest.raises(BatchOutOfBalance):
        await close_batch(resources, wave, batch="B1", by=DI)
    await key(resources, wave, 1, BO)
    assert (await close_batch(resources, wave, batch="B1", by=DI)).valid == 1


async def test_whoever_answered_online_before_is_filed_as_duplicate(resources: Resources) -> None:
    wave = await open_base(resources)
    await issue(resources, wave, n=2, second_share=0.0)
    await draw(resources, wave)
    await bring_back(resources, wave, [1, 2])
    assert not await slip(resources, wave, 1, PHONE)
    assert await slip(resources, wave, 2, "13912345678")
    assert (await key(resources, wave, 1, ANN)).result is FormResult.DUPLICATE
    assert (await key(resources, wave, 2, ANN)).result is FormResult.COUNTED
    participation = await count_participation(resources, wave)
    assert (participation.counted, participation.duplicate, participation.returned) == (1, 1, 2)
    assert (await fieldwork(resources, wave)).whole.duplicate == 1
    statuses = {one.status: one.n for one in participation.responses}
    assert statuses == {ResponseStatus.COUNTED: 1, ResponseStatus.DUPLICATE: 1}


async def test_two_forms_of_one_person_count_once(resources: Resources) -> None:
    wave = await open_base(resources)
    await issue(resources, wave, n=2, second_share=0.0)
    await bring_back(resources, wave, [1, 2])
    assert await slip(resources, wave, 1, PHONE)
    assert not await slip(resources, wave, 2, f" {PHONE[:3]}-{PHONE[3:]}")
    results = [(await key(resources, wave, n, ANN)).result for n in (1, 2)]
    assert results == [FormResult.COUNTED, FormResult.DUPLICATE]


async def test_a_slip_is_read_once_and_before_keying(resources: Resources) -> None:
    wave = await open_base(resources)
    await issue(resources, wave, n=2, second_share=0.0)
    await bring_back(resources, wave, [1])
    await slip(resources, wave, 1, PHONE)
    for number in (1, 2):
        with pytest.raises(CustodyRefused) as refused:
            await slip(resources, wave, number, "13912345678")
        assert codes(refused) == ["slip-read" if number == 1 else "not-returned"]
    with pytest.raises(InvalidInput) as wrong:
        await slip(resources, wave, 1, "not a phone")
    assert "not a phone" not in str(wrong.value.faults)


async def draw(resources: Resources, wave: Wave) -> None:
    way = WayWanted("online", Trust.VERIFIED)
    sign_in = new_sign_in(resources, wave, way, check="phone", person=PHONE, details={})
    await permit_after_sign_in(resources, wave, sign_in)


async def slip(resources: Resources, wave: Wave, number: int, phone: str) -> bool:
    return await read_slip(
        resources, wave, serial=serial(wave, number), check="phone", value=phone, by=DI
    )


async def test_knowing_a_serial_is_no_right_to_answer_online(resources: Resources) -> None:
    wave = await open_base(resources)
    batch = await issue(resources, wave)
    form = sheet(resources, wave, batch, 1)
    for text in (str(form.serial), f"i{form.serial}", form.admission.permit_hash.hex()):
        with pytest.raises(PermitRefused):
            await accept_response(resources, wave, text, {"sex": "female"})


async def test_nothing_is_issued_for_a_closed_wave(resources: Resources) -> None:
    wave = await open_base(resources)
    await close_wave(resources, wave, by="tester")
    with pytest.raises(WaveClosed):
        await issue(resources, wave)


async def test_quota_cells_fill_with_counted_forms(resources: Resources) -> None:
    wave = await open_base(resources)
    await issue(resources, wave, n=3, second_share=0.0)
    await set_quotas(
        resources, wave, point="p1", targets={"more=n, sex=female": 2, "sex=male": 1}, by=DI
    )
    await bring_back(resources, wave, [1, 2, 3])
    await key(resources, wave, 1, ANN)
    await key(resources, wave, 2, ANN, sex="2")
    await key(resources, wave, 3, ANN, sex="?")
    found = {one.cell: (one.counted, one.target) for one in await quota_progress(resources, wave)}
    assert found == {"sex=female,more=n": (1, 2), "sex=male": (1, 1)}


@pytest.mark.parametrize("cell", ["", "sex", "sex=other", "whole=7", "sex=male,sex=female", "x=1"])
async def test_a_quota_is_about_options_of_the_questionnaire(
    resources: Resources, cell: str
) -> None:
    wave = await open_base(resources)
    with pytest.raises(InvalidInput):
        await set_quotas(resources, wave, point="p1", targets={cell: 5}, by=DI)
    assert await quota_progress(resources, wave) == []


async def test_interviewers_belong_to_a_point_and_have_one_code(resources: Resources) -> None:
    wave = await open_base(resources)
    await add_interviewer(resources, wave, interviewer="I1", point="p1", name="王芳", by=DI)
    with pytest.raises(NameTaken):
        await add_interviewer(resources, wave, interviewer="I1", point="p2", name="李明", by=DI)
    with pytest.raises(InvalidInput):
        await add_interviewer(resources, wave, interviewer="I2", point="p9", name="李明", by=DI)


async def test_distributed_invitations_and_forms_are_not_mixed_up(resources: Resources) -> None:
    wave = await open_base(resources)
    await issue(resources, wave, n=1)
    await move(resources, wave, [1], FormState.LOST)
    await close_batch(resources, wave, batch="B1", by=DI)
    participation = await count_participation(resources, wave)
    assert (participation.distributed, participation.revoked) == (0, 0)
    assert Mode.PAPER not in {one.mode for one in participation.responses}
