import dataclasses

import pytest

from app.domain.questionnaires.audience import Trust
from app.errors import InvalidInput
from app.errors.answering import (
    AlreadyTookPart,
    IdentityCheckFailed,
    NoPermitsLeft,
    NotEligible,
    WayInNotOffered,
)
from app.errors.waves import WaveClosed
from app.services.identity import (
    WayWanted,
    checks_offered,
    open_sign_in,
    seal_sign_in,
    sign_in_by_national_id,
)
from app.services.permits import admit, permit_after_sign_in
from app.services.resources import Resources
from app.services.responses import accept_response
from app.services.waves import Wave, close_wave
from app.store import roll
from tests.support.clock import Clock
from tests.support.identity import CONFIDENTIAL, LI, VERIFIED, WANG, ZHAO
from tests.support.surveys import answers, open_town


async def permit_of(resources: Resources, wave: Wave, number: str) -> str:
    sign_in = sign_in_by_national_id(resources, wave, VERIFIED, national_id=number)
    return await permit_after_sign_in(resources, wave, sign_in)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("110101199003078031", "checksum"),  # last character of LI changed
        ("11010119900307803", "format"),  # 17 digits
        ("1101011990O307803X", "format"),  # a letter
        ("990101199003078033", "format"),  # no such province; check character right
        ("110101199002300022", "format"),  # 30 February; check character right
        ("110101209001010038", "format"),  # born in 2090; check character right
        ("", "format"),
    ],
)
async def test_a_wrong_identity_number_is_refused_and_never_repeated(
    resources: Resources, number: str, code: str
) -> None:
    wave = await open_town(resources)
    with pytest.raises(InvalidInput) as refused:
        sign_in_by_national_id(resources, wave, VERIFIED, national_id=number)
    [fault] = refused.value.faults
    assert (fault.field, fault.code) == ("national_id", code)
    assert not number or number not in f"{refused.value!r} {fault!r}"


async def test_one_person_is_one_however_the_number_is_typed(resources: Resources) -> None:
    wave = await open_town(resources)
    typed = [LI, LI.lower(), "110101 19900307 803X", "１１０１０１１９９００３０７８０３Ｘ"]
    keys = {
        sign_in_by_national_id(resources, wave, VERIFIED, national_id=one).person_key
        for one in typed
    }
    assert len(keys) == 1


async def test_the_same_sign_in_repeats_its_draw_for_minutes_and_then_no_more(
    resources: Resources, clock: Clock
) -> None:
    wave = await open_town(resources)
    sign_in = sign_in_by_national_id(resources, wave, VERIFIED, national_id=LI)
    sealed = seal_sign_in(resources, wave, sign_in)
    first = await permit_after_sign_in(resources, wave, open_sign_in(resources, wave, sealed))
    clock.advance(minutes=9, seconds=59)
    again = await permit_after_sign_in(resources, wave, open_sign_in(resources, wave, sealed))
    assert again == first
    clock.advance(seconds=1)
    with pytest.raises(IdentityCheckFailed):
        open_sign_in(resources, wave, sealed)


async def test_a_second_sign_in_of_the_same_person_draws_nothing(resources: Resources) -> None:
    wave = await open_town(resources, permits=5)
    await permit_of(resources, wave, LI)
    with pytest.raises(AlreadyTookPart):
        await permit_of(resources, wave, LI)
    async with resources.database.reading() as connection:
        assert (await roll.count_pool(connection, wave.id))["residents"] == 4


async def test_the_permit_drawn_answers_once(resources: Resources) -> None:
    wave = await open_town(resources)
    permit = await permit_of(resources, wave, LI)
    assert (await admit(resources, wave, permit)).trust is Trust.VERIFIED
    await accept_response(resources, wave, permit, answers("satisfied"))
    with pytest.raises(AlreadyTookPart):
        await accept_response(resources, wave, permit, answers("dissatisfied"))


async def test_who_answered_by_name_cannot_also_draw(resources: Resources) -> None:
    wave = await open_town(resources)
    sign_in = sign_in_by_national_id(resources, wave, CONFIDENTIAL, national_id=LI, name="李明")
    permit = await permit_after_sign_in(resources, wave, sign_in)
    await accept_response(resources, wave, permit, answers())
    with pytest.raises(AlreadyTookPart):
        await permit_of(resources, wave, LI)


async def test_an_empty_pool_is_told(resources: Resources) -> None:
    wave = await open_town(resources, permits=1)
    await permit_of(resources, wave, LI)
    with pytest.raises(NoPermitsLeft):
        await permit_of(resources, wave, WANG)


async def test_details_are_carried_by_name_only(resources: Resources) -> None:
    wave = await open_town(resources)
    nameless = sign_in_by_national_id(resources, wave, VERIFIED, national_id=LI, name="李明")
    named = sign_in_by_national_id(resources, wave, CONFIDENTIAL, national_id=LI, name=" 李明 ")
    assert nameless.details == {}
    assert named.details == {"name": "李明", "national_id": LI}
    assert nameless.person_key == named.person_key


async def test_all_faults_come_at_once(resources: Resources) -> None:
    wave = await open_town(resources)
    with pytest.raises(InvalidInput) as refused:
        sign_in_by_national_id(resources, wave, CONFIDENTIAL, national_id="1", name=" ")
    assert [(f.field, f.code) for f in refused.value.faults] == [
        ("national_id", "format"),
        ("name", "name-missing"),
    ]
    with pytest.raises(InvalidInput) as refused:
        sign_in_by_national_id(resources, wave, CONFIDENTIAL, national_id=LI, name="李\x00明")
    assert [f.code for f in refused.value.faults] == ["not-a-name"]


async def test_a_list_of_eligible_persons_is_binding_for_its_class(resources: Resources) -> None:
    wave = await open_town(resources)
    invited = sign_in_by_national_id(resources, wave, VERIFIED, national_id=LI)
    async with resources.database.writing() as connection:
        await roll.insert_eligible(connection, wave.id, "residents", [invited.person_key])
    assert (await permit_after_sign_in(resources, wave, invited)).startswith("v")
    with pytest.raises(NotEligible):
        await permit_of(resources, wave, ZHAO)


async def test_a_sealed_sign_in_is_good_for_its_wave_only(resources: Resources) -> None:
    wave = await open_town(resources)
    other = await open_town(resources, code="other")
    sign_in = sign_in_by_national_id(resources, wave, VERIFIED, national_id=LI)
    sealed = seal_sign_in(resources, wave, sign_in)
    assert open_sign_in(resources, wave, sealed) == sign_in
    assert LI not in sealed
    flipped = sealed[:-1] + ("0" if sealed[-1] != "0" else "1")
    for where, text in ((other, sealed), (wave, flipped), (wave, "rubbish"), (wave, "")):
        with pytest.raises(IdentityCheckFailed):
            open_sign_in(resources, where, text)


async def test_checks_are_those_of_the_definition_and_of_an_open_wave(
    resources: Resources,
) -> None:
    wave = await open_town(resources)
    assert checks_offered(resources, wave, VERIFIED) == ["national_id"]
    for nothing in (WayWanted("organs", Trust.VERIFIED), WayWanted("residents", Trust.OPEN)):
        with pytest.raises(WayInNotOffered):
            checks_offered(resources, wave, nothing)
    closed = await close_wave(resources, wave, by="tester")
    with pytest.raises(WaveClosed):
        sign_in_by_national_id(resources, closed, VERIFIED, national_id=LI)


async def test_the_same_number_is_another_person_in_another_wave(resources: Resources) -> None:
    wave = await open_town(resources)
    other = await open_town(resources, code="other")
    keys = {
        dataclasses.astuple(sign_in_by_national_id(resources, one, VERIFIED, national_id=LI))[3]
        for one in (wave, other)
    }
    assert len(keys) == 2
