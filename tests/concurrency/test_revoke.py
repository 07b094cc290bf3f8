"""Revoking and spending a letter at once: one of them wins, and the other knows."""

import random

import anyio

from app.errors.answering import PermitRefused
from app.services.participation import count_participation
from app.services.permits import Recipient, mint_invitations, revoke_permit
from app.services.resources import Resources
from app.services.waves import Wave
from tests.concurrency.conftest import OpenWave
from tests.support.doors import Doors
from tests.support.surveys import answers

LETTERS = 60


async def _race(
    resources: Resources, doors: Doors, wave: Wave, permit: str, *, revoke_first: bool
) -> set[str]:
    """Give who won. The one named first gets a head start of at most a moment."""
    won = set()

    async def revoke() -> None:
        try:
            await revoke_permit(resources, wave, permit_text=permit)
            won.add("revoked")
        except PermitRefused:
            pass

    async def spend() -> None:
        try:
            await doors.answer(wave, permit, answers())
            won.add("spent")
        except PermitRefused:
            pass

    async with anyio.create_task_group() as group:
        for act in (revoke, spend) if revoke_first else (spend, revoke):
            group.start_soon(act)
            await anyio.sleep(random.Random(permit).random() / 100)
    return won


async def test_a_letter_is_spent_or_revoked_but_not_both(
    resources: Resources, doors: Doors, open_wave: OpenWave
) -> None:
    wave = await open_wave()
    letters = await mint_invitations(
        resources, wave, recipients=[Recipient("residents")] * LETTERS, batch="b"
    )
    won = [
        await _race(resources, doors, wave, letter.permit, revoke_first=number % 3 == 0)
        for number, letter in enumerate(letters)
    ]
    assert all(len(one) == 1 for one in won)
    found = await count_participation(resources, wave)
    spent = sum("spent" in one for one in won)
    assert (found.returned, found.counted, found.revoked) == (spent, spent, LETTERS - spent)
    assert found.distributed == spent
    assert 0 < spent < LETTERS, "both happened"
