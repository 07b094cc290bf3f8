import dataclasses
from pathlib import Path

import pytest

from app.errors import InvalidInput
from app.errors.answering import IdentityCheckFailed, IdentityCheckUnavailable, WayInNotOffered
from app.errors.requests import TooManyAttempts
from app.services.permits import permit_after_sign_in
from app.services.phone_codes import send_phone_code, sign_in_by_phone_code
from app.services.resources import Resources
from app.services.waves import Wave
from tests.support.clock import Clock
from tests.support.identity import (
    CONFIDENTIAL,
    LI_PHONE,
    VERIFIED,
    WANG_PHONE,
    Phones,
    TriesLeft,
    town_identifying_by,
)
from tests.support.surveys import open_town


@dataclasses.dataclass
class Town:
    resources: Resources
    wave: Wave
    phones: Phones
    tries: TriesLeft = dataclasses.field(default_factory=TriesLeft)

    async def send(self, phone: str = LI_PHONE) -> str:
        return await send_phone_code(self.resources, self.wave, VERIFIED, self.tries, phone=phone)

    async def enter(self, challenge: str, code: str):  # type: ignore[no-untyped-def]
        return await sign_in_by_phone_code(
            self.resources, self.wave, self.tries, challenge=challenge, code=code
        )


@pytest.fixture
async def town(resources: Resources, tmp_path: Path) -> Town:
    phones = Phones()
    resources = dataclasses.replace(resources, phone_sender=phones)
    wave = await open_town(resources, folder=town_identifying_by(tmp_path, "phone"))
    return Town(resources, wave, phones)


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def test_the_code_sent_signs_in(town: Town) -> None:
    challenge = await town.send("+86 138 0013 8000")
    [(phone, code, wave)] = town.phones.sent
    assert (phone, wave) == (LI_PHONE, "town")
    assert len(code) == 6
    sign_in = await town.enter(challenge, code)
    assert (await permit_after_sign_in(town.resources, town.wave, sign_in)).startswith("v")
    assert sign_in.details == {}


async def test_the_code_may_be_typed_with_blanks_and_full_width(town: Town) -> None:
    challenge = await town.send()
    code = town.phones.last_code
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    signed = {(await town.enter(challenge, one)).nonce for one in (f" {code[:3]} {code[3:]}", wide)}
    assert len(signed) == 1


async def test_neither_number_nor_code_stands_in_the_challenge(town: Town) -> None:
    challenge = await town.send()
    plain = bytes.fromhex(challenge)
    assert LI_PHONE not in challenge
    assert LI_PHONE.encode() not in plain
    assert town.phones.last_code.encode() not in plain


async def test_a_wrong_code_is_a_fault_that_does_not_repeat_it(town: Town) -> None:
    challenge = await town.send()
    wrong = other_than(town.phones.last_code)
    with pytest.raises(InvalidInput) as refused:
        await town.enter(challenge, wrong)
    [fault] = refused.value.faults
    assert (fault.field, fault.code) == ("code", "wrong-code")
    assert wrong not in repr(fault)


async def test_a_code_ends_after_five_minutes(town: Town, clock: Clock) -> None:
    challenge = await town.send()
    clock.advance(minutes=4, seconds=59)
    await town.enter(challenge, town.phones.last_code)
    clock.advance(seconds=1)
    with pytest.raises(IdentityCheckFailed):
        await town.enter(challenge, town.phones.last_code)


async def test_a_code_typed_again_gives_the_same_permit_and_no_second_one(town: Town) -> None:
    challenge = await town.send()
    permits = set()
    for _ in range(2):
        sign_in = await town.enter(challenge, town.phones.last_code)
        permits.add(await permit_after_sign_in(town.resources, town.wave, sign_in))
    assert len(permits) == 1


async def test_a_code_fits_its_own_challenge_only(town: Town) -> None:
    first = await town.send()
    code_of_first = town.phones.last_code
    second = await town.send(WANG_PHONE)
    if code_of_first == town.phones.last_code:  # one in a million
        second = await town.send(WANG_PHONE)
    with pytest.raises(InvalidInput):
        await town.enter(second, code_of_first)
    assert await town.enter(first, code_of_first)


async def test_a_challenge_of_another_wave_is_refused(town: Town, tmp_path: Path) -> None:
    folder = town_identifying_by(tmp_path / "other", "phone")
    other = await open_town(town.resources, code="other", folder=folder)
    challenge = await town.send()
    with pytest.raises(IdentityCheckFailed):
        await sign_in_by_phone_code(
            town.resources, other, town.tries, challenge=challenge, code=town.phones.last_code
        )


async def test_tries_are_counted_before_the_code_is_looked_at(town: Town) -> None:
    challenge = await town.send()
    town.tries = TriesLeft(n=2)
    for _ in range(2):
        with pytest.raises(InvalidInput):
            await town.enter(challenge, other_than(town.phones.last_code))
    with pytest.raises(TooManyAttempts):
        await town.enter(challenge, town.phones.last_code)
    assert len({person for _, person in town.tries.taken}) == 1


async def test_no_message_goes_out_over_the_limit_or_to_what_is_no_number(town: Town) -> None:
    town.tries = TriesLeft(n=1)
    await town.send()
    with pytest.raises(TooManyAttempts):
        await town.send()
    with pytest.raises(InvalidInput) as refused:
        await town.send("12345678901")
    assert [f.field for f in refused.value.faults] == ["phone"]
    assert "12345678901" not in repr(refused.value.faults)
    assert len(town.phones.sent) == 1


async def test_a_gateway_that_is_down_is_told(town: Town) -> None:
    town.phones.down = True
    with pytest.raises(IdentityCheckUnavailable):
        await town.send()


async def test_by_name_the_number_goes_along_sealed(town: Town) -> None:
    challenge = await send_phone_code(
        town.resources, town.wave, CONFIDENTIAL, town.tries, phone=LI_PHONE, name="李明"
    )
    sign_in = await town.enter(challenge, town.phones.last_code)
    assert sign_in.details == {"name": "李明", "phone": LI_PHONE}


async def test_a_definition_without_phones_sends_nothing(town: Town) -> None:
    plain = await open_town(town.resources, code="plain")
    with pytest.raises(WayInNotOffered):
        await send_phone_code(town.resources, plain, VERIFIED, town.tries, phone=LI_PHONE)
    assert town.phones.sent == []
