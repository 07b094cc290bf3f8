"""What a receipt says of an answer, also where many look up theirs."""

import httpx

from app.domain.questionnaires.audience import Trust
from app.services.permits import permit_after_sign_in
from app.services.resources import Resources
from app.services.responses import accept_response
from tests.support.clock import Clock
from tests.support.people import sign_in
from tests.support.surveys import answers, open_town

COUNTED = "Your answers are counted once."
FILED = "An earlier answer from the same person had already been counted."


async def test_receipts_of_each_kind_and_day_say_their_own(
    client: httpx.AsyncClient, resources: Resources, clock: Clock
) -> None:
    wave = await open_town(resources)
    persons = [sign_in(resources, wave, n, Trust.CONFIDENTIAL) for n in (1, 2, 3)]
    first, filed, later = [await permit_after_sign_in(resources, wave, one) for one in persons]
    await permit_after_sign_in(resources, wave, sign_in(resources, wave, 2))  # by another route
    codes = [
        (await accept_response(resources, wave, one, answers())).receipt for one in (first, filed)
    ]
    clock.advance(days=1)
    codes.append((await accept_response(resources, wave, later, answers())).receipt)
    client.cookies.set("language", "en")
    for _ in range(2):  # the second time from what was kept
        pages = [(await client.get(f"/r/{one}")).text for one in codes]
        assert [COUNTED in page for page in pages] == [True, False, True]
        assert [FILED in page for page in pages] == [False, True, False]
        assert ["10 November 2026" in page for page in pages] == [True, True, False]
        assert "11 November 2026" in pages[2]
        assert [[code in page for code in codes] for page in pages] == [
            [True, False, False],
            [False, True, False],
            [False, False, True],
        ]
