import pytest

from app.domain.deduplication.decision import ResponseStatus
from app.errors import InvalidInput
from app.errors.answering import AlreadyTookPart, PermitRefused
from app.errors.waves import WaveClosed, WaveNotOpen
from app.services.participation import count_participation
from app.services.permits import Recipient, issue_open_permit, mint_invitations
from app.services.resources import Resources
from app.services.responses import accept_response, find_receipt
from app.services.waves import close_wave
from tests.support.clock import Clock
from tests.support.surveys import answers, open_town


async def test_an_answer_is_stored_once_and_its_receipt_found(resources: Resources) -> None:
    wave = await open_town(resources)
    permit = await issue_open_permit(resources, wave, respondent_class="residents")
    first = await accept_response(resources, wave, permit, answers())
    again = await accept_response(resources, wave, permit, answers())
    assert again.receipt == first.receipt
    assert (first.repeated, again.repeated) == (False, True)
    assert (await count_participation(resources, wave)).returned == 1
    receipt = await find_receipt(resources, first.receipt.lower())
    assert (receipt.wave, receipt.status) == ("town", ResponseStatus.COUNTED)


async def test_other_answers_on_a_spent_permit_are_refused(resources: Resources) -> None:
    wave = await open_town(resources)
    permit = await issue_open_permit(resources, wave, respondent_class="residents")
    await accept_response(resources, wave, permit, answers("satisfied"))
    with pytest.raises(AlreadyTookPart):
        await accept_response(resources, wave, permit, answers("dissatisfied"))


async def test_a_letter_and_its_typed_code_are_one_permit(resources: Resources) -> None:
    wave = await open_town(resources)
    [letter] = await mint_invitations(
        resources, wave, recipients=[Recipient("residents")], batch="b1"
    )
    by_link = await accept_response(resources, wave, letter.permit, answers())
    by_code = await accept_response(resources, wave, letter.typed_code.lower(), answers())
    assert by_link.receipt == by_code.receipt


async def test_nobody_rates_their_own_unit(resources: Resources) -> None:
    wave = await open_town(resources)
    [letter] = await mint_invitations(
        resources, wave, recipients=[Recipient("organs", own_unit="D02")], batch="b1"
    )
    with pytest.raises(InvalidInput) as refused:
        await accept_response(resources, wave, letter.permit, answers("satisfied", "D02"))
    assert [fault.code for fault in refused.value.faults] == ["not-offered"]
    await accept_response(resources, wave, letter.permit, answers("satisfied", "D01", "D03"))


async def test_a_permit_of_another_wave_is_refused(resources: Resources) -> None:
    wave = await open_town(resources)
    other = await open_town(resources, code="other")
    permit = await issue_open_permit(resources, wave, respondent_class="residents")
    with pytest.raises(PermitRefused):
        await accept_response(resources, other, permit, answers())


async def test_nothing_is_taken_before_the_first_or_after_the_last_second(
    resources: Resources, clock: Clock
) -> None:
    wave = await open_town(resources)
    permit = await issue_open_permit(resources, wave, respondent_class="residents")
    opens, closes = wave.dates["web"].opens_at, wave.dates["web"].closes_at
    clock.now = opens
    clock.advance(seconds=-1)
    with pytest.raises(WaveNotOpen):
        await accept_response(resources, wave, permit, answers())
    clock.now = closes
    with pytest.raises(WaveClosed):
        await accept_response(resources, wave, permit, answers())
    clock.advance(seconds=-1)
    assert not (await accept_response(resources, wave, permit, answers())).repeated


async def test_a_wave_loaded_before_it_was_closed_takes_nothing_after(
    resources: Resources,
) -> None:
    """The state that counts is the one in the database inside the transaction."""
    wave = await open_town(resources)
    permit = await issue_open_permit(resources, wave, respondent_class="residents")
    await close_wave(resources, wave, by="tester")
    with pytest.raises(WaveClosed):
        await accept_response(resources, wave, permit, answers())
    assert (await count_participation(resources, wave)).returned == 0
