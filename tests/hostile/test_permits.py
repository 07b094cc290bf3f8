"""Permits that are none: absent, empty, altered, of another wave, revoked, far too long."""

import pytest

from app.services.permits import Recipient, issue_open_permit, mint_invitations, revoke_batch
from app.services.waves import close_wave
from tests.hostile.conftest import CANARY, Target, assert_refused
from tests.support.clock import Clock
from tests.support.surveys import answers, open_town


async def refused_unchanged(target: Target, permit: object, status: int = 403) -> None:
    before = await target.state()
    assert_refused(await target.post(target.body(permit=permit)), status)
    assert await target.state() == before


async def test_no_permit_is_refused(target: Target) -> None:
    before = await target.state()
    assert_refused(await target.post({"answers": answers()}), 422, "missing")
    assert await target.state() == before


@pytest.mark.parametrize("permit", [None, "", "a" * 4001, 0, False])
async def test_what_is_no_permit_at_all_is_refused(target: Target, permit: object) -> None:
    await refused_unchanged(target, permit, 422)


@pytest.mark.parametrize(
    "permit",
    [
        CANARY,
        " ",
        "\0",
        "o.",
        "o......",
        "o.residents.web....",
        "i" + "0" * 26,
        "i" + "Z" * 26,
        "v" + "0" * 26,
        "c",
        "c" + "00" * 40,
        "c" + "g" * 40,
        "0000-0000-0000",
        "民意" * 20,
        "x" * 4000,
        "../../etc/passwd",
        "' OR 1=1 --",
    ],
)
async def test_what_looks_like_a_permit_is_refused(target: Target, permit: str) -> None:
    await refused_unchanged(target, permit)


async def test_an_altered_permit_is_refused(target: Target) -> None:
    """Every single character counts: class, mode, place, nonce and signature."""
    for place in range(2, len(target.permit)):
        letter = "1" if target.permit[place] != "1" else "2"
        altered = target.permit[:place] + letter + target.permit[place + 1 :]
        if place % 20 == 0:
            target.client._transport.app.state.failed_attempts.__init__()  # type: ignore[attr-defined]
        reply = await target.post(target.body(permit=altered))
        assert_refused(reply, 403, "permit-refused")


async def test_another_class_can_not_be_written_into_a_permit(target: Target) -> None:
    await refused_unchanged(target, target.permit.replace("residents", "organs"))
    await refused_unchanged(target, target.permit.replace(".web.", ".kiosk."))


async def test_a_permit_of_another_wave_is_refused(target: Target) -> None:
    other = await open_town(target.resources, code="other")
    foreign = await issue_open_permit(target.resources, other, respondent_class="residents")
    await refused_unchanged(target, foreign)
    [letter] = await mint_invitations(
        target.resources, other, recipients=[Recipient("residents")], batch="b"
    )
    await refused_unchanged(target, letter.permit)
    await refused_unchanged(target, letter.typed_code)


async def test_a_revoked_permit_is_refused(target: Target) -> None:
    [letter] = await mint_invitations(
        target.resources, target.wave, recipients=[Recipient("residents")], batch="lost"
    )
    assert await revoke_batch(target.resources, target.wave, batch="lost") == 1
    await refused_unchanged(target, letter.permit)
    await refused_unchanged(target, letter.typed_code)


async def test_a_minted_permit_under_another_letter_is_refused(target: Target) -> None:
    """An invitation can't be passed off as a permit that followed an identity check."""
    [letter] = await mint_invitations(
        target.resources, target.wave, recipients=[Recipient("residents")], batch="b"
    )
    await refused_unchanged(target, "v" + letter.permit[1:])


async def test_the_wave_closes_to_the_second(target: Target, clock: Clock) -> None:
    closes_at = target.wave.dates["web"].closes_at  # type: ignore[index]
    assert closes_at is not None
    clock.now = closes_at
    before = await target.state()
    assert_refused(await target.post(target.body()), 410, "wave-closed")
    assert await target.state() == before
    clock.advance(seconds=-1)
    assert (await target.post(target.body())).status_code == 201


async def test_a_closed_wave_takes_nothing(target: Target) -> None:
    await close_wave(target.resources, target.wave, by="tester")
    before = await target.state()
    assert_refused(await target.post(target.body()), 410, "wave-closed")
    assert_refused(
        await target.client.post(f"{target.api}/permits", json={"respondent_class": "residents"}),
        410,
        "wave-closed",
    )
    assert await target.state() == before


async def test_guessing_is_stopped(target: Target) -> None:
    statuses = [
        (await target.post(target.body(permit=f"{n:04d}-0000-0000"))).status_code for n in range(25)
    ]
    assert statuses == [403] * 20 + [429] * 5
    reply = await target.post(target.body())
    assert_refused(reply, 429, "too-many-attempts")
    assert int(reply.headers["retry-after"]) > 0
