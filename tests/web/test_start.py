"""How citizens come in: list, first page, codes, links, windows, kiosks; and when they can't."""

import pytest

from app.domain.questionnaires.audience import DatesOfMode, Mode
from app.services.permits import Invitation, Recipient, mint_invitations
from app.services.resources import Resources
from app.services.waves import Wave, close_wave, create_wave, pause_wave
from tests.support.clock import Clock
from tests.support.surveys import CLOSED, OPENED, TOWN, open_town
from tests.web.citizen import ALL, Citizen, ratings

SERVICE_WINDOW = TOWN.parents[2] / "survey_definitions" / "service-window"


async def letter(resources: Resources, wave: Wave, mode: Mode = Mode.WEB) -> Invitation:
    [one] = await mint_invitations(
        resources, wave, recipients=[Recipient("residents", mode)], batch="letters"
    )
    return one


async def test_the_start_page_lists_open_surveys_only(
    citizen: Citizen, resources: Resources
) -> None:
    await create_wave(
        resources, code="draft", folder=TOWN, dates=DatesOfMode(opens=OPENED, closes=CLOSED)
    )
    await citizen.opens("/")
    assert 'href="/w/kinds"' in citizen.page.text
    assert "/w/draft" not in citizen.page.text


async def test_the_first_page_offers_the_ways_of_the_definition(citizen: Citizen) -> None:
    await citizen.opens("/w/kinds")
    assert "Take part anonymously" in citizen.text
    assert "Take part with a code" in citizen.text
    assert "/w/kinds/identify/residents/confidential" in citizen.page.text
    assert "after an identity check" not in citizen.text
    assert "For: Residents" in citizen.text


async def test_a_device_gets_the_same_permit_again(citizen: Citizen) -> None:
    await citizen.starts()
    first = citizen.client.cookies["permit"]
    del citizen.client.cookies["permit"]
    await citizen.starts()
    assert citizen.client.cookies["permit"] == first


async def test_cookies_stay_with_the_wave_and_away_from_scripts(citizen: Citizen) -> None:
    reply = await citizen.client.post(
        "/w/kinds/start",
        content="class=residents",
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    cookies = reply.headers.get_list("set-cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert "Path=/w/kinds;" in cookie
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"class": "nobody"}, 403),
        ({"class": "visitors"}, 422),
        ({"class": "visitors", "department": "D99"}, 422),
        ({"class": "residents", "window": "W9"}, 422),
        ({"class": "residents", "mode": "kiosk"}, 422),
    ],
)
async def test_a_start_that_is_not_offered_is_refused(
    citizen: Citizen, form: dict[str, str], status: int
) -> None:
    assert (await citizen.sends("/w/kinds/start", form)).status_code == status
    assert "permit" not in citizen.client.cookies


class TestCodes:
    @pytest.fixture
    async def town(self, resources: Resources) -> Wave:
        return await open_town(resources)

    async def test_a_typed_code_begins(
        self, citizen: Citizen, resources: Resources, town: Wave
    ) -> None:
        code = (await letter(resources, town)).typed_code
        await citizen.sends("/w/town/code", {"code": f" {code.lower()} "})
        assert citizen.path == "/w/town/s/about_you"

    async def test_a_wrong_code_is_said_beside_the_field_and_not_repeated(
        self, citizen: Citizen, town: Wave
    ) -> None:
        await citizen.sends("/w/town/code", {"code": "WRONG-CODE-9999"})
        assert citizen.page.status_code == 403
        assert citizen.error_links == ["#code"]
        assert citizen.title.startswith("Error: ")
        assert "9999" not in citizen.page.text
        assert "permit" not in citizen.client.cookies

    async def test_many_wrong_codes_have_to_wait(self, citizen: Citizen, town: Wave) -> None:
        for _ in range(20):
            await citizen.sends("/w/town/code", {"code": "WRONG"})
        assert (await citizen.sends("/w/town/code", {"code": "WRONG"})).status_code == 429
        assert citizen.page.headers["retry-after"]

    async def test_a_link_leads_to_an_address_without_the_code(
        self, citizen: Citizen, resources: Resources, town: Wave
    ) -> None:
        permit = (await letter(resources, town)).permit
        await citizen.opens(f"/w/town/i/{permit}")
        assert citizen.path == "/w/town"
        assert permit not in citizen.page.text
        assert 'href="/w/town/s/about_you"' in citizen.page.text

    async def test_a_wrong_link_asks_for_the_code(self, citizen: Citizen, town: Wave) -> None:
        await citizen.opens("/w/town/i/nonsense")
        assert (citizen.page.status_code, citizen.error_links) == (403, ["#code"])

    async def test_others_of_the_household_still_find_their_ways(
        self, citizen: Citizen, town: Wave
    ) -> None:
        await citizen.starts("town")
        await citizen.opens("/w/town")
        assert "Go on" in citizen.text
        assert 'name="code"' in citizen.page.text
        assert "Take part anonymously No name" not in " ".join(citizen.text.split())


class TestKiosk:
    async def test_only_a_code_opens_it(self, citizen: Citizen) -> None:
        await citizen.opens("/w/kinds/kiosk")
        assert 'name="code"' in citizen.page.text
        assert "/w/kinds/start" not in citizen.page.text
        assert "identify" not in citizen.page.text

    async def test_the_permit_leaves_the_device_with_the_answers(
        self, citizen: Citizen, resources: Resources, kinds: Wave
    ) -> None:
        code = (await letter(resources, kinds, Mode.KIOSK)).typed_code
        await citizen.sends("/w/kinds/code", {"code": code})
        assert "data-draft" not in citizen.page.text
        await citizen.sends("/w/kinds/s/all", ALL)
        await citizen.sends("/w/kinds/departments", {"department": "D01"})
        await citizen.sends("/w/kinds/s/ratings", ratings("D01"))
        await citizen.sends("/w/kinds/submit")
        assert citizen.path.startswith("/r/")
        assert "permit" not in citizen.client.cookies


class TestWindows:
    @pytest.fixture
    async def hall(self, resources: Resources) -> Wave:
        return await open_town(resources, code="hall", folder=SERVICE_WINDOW)

    async def rate(self, citizen: Citizen, window: str) -> str:
        await citizen.opens(f"/w/hall?at={window}")
        form = {"class": "service-users", "window": window}
        department = {"A01": "police", "B01": "social-security"}[window]
        await citizen.sends("/w/hall/start", form)
        if citizen.path.startswith("/r/"):
            return citizen.path
        await citizen.sends("/w/hall/s/visit", {f"rating.{department}.service": "satisfied"})
        await citizen.sends("/w/hall/submit")
        return citizen.path

    async def test_the_page_names_the_place(self, citizen: Citizen, hall: Wave) -> None:
        await citizen.opens("/w/hall?at=A01")
        assert "Public Security Bureau · A01 Household registration" in citizen.text

    async def test_without_a_place_one_is_chosen(self, citizen: Citizen, hall: Wave) -> None:
        await citizen.opens("/w/hall")
        assert 'href="/w/hall?at=B02"' in citizen.page.text
        assert "/w/hall/start" not in citizen.page.text

    async def test_a_device_rates_a_window_once_a_day(
        self, citizen: Citizen, hall: Wave, clock: Clock
    ) -> None:
        first, again = await self.rate(citizen, "A01"), await self.rate(citizen, "A01")
        elsewhere = await self.rate(citizen, "B01")
        clock.advance(days=1)
        tomorrow = await self.rate(citizen, "A01")
        assert first == again
        assert len({first, elsewhere, tomorrow}) == 3

    @pytest.mark.parametrize("address", ["?at=Z99", "/d/nowhere"])
    async def test_an_unknown_place_is_not_found(
        self, citizen: Citizen, hall: Wave, address: str
    ) -> None:
        assert (await citizen.opens(f"/w/hall{address}")).status_code == 404


class TestWhenThereIsNoAnswering:
    async def test_before_the_first_day(self, citizen: Citizen, clock: Clock) -> None:
        clock.advance(days=-30)
        await citizen.opens("/w/kinds")
        assert "It opens on 1 November 2026." in citizen.text
        assert "/start" not in citizen.page.text
        assert (await citizen.starts()).status_code == 409

    async def test_after_the_last_second(self, citizen: Citizen, clock: Clock) -> None:
        await citizen.answers_all()
        clock.advance(days=20, hours=12, seconds=-1)
        assert (await citizen.opens("/w/kinds/review")).status_code == 200
        clock.advance(seconds=1)
        assert (await citizen.sends("/w/kinds/submit")).status_code == 410
        await citizen.opens("/w/kinds")
        assert "This survey is closed." in citizen.text

    async def test_while_paused_what_was_saved_is_kept(
        self, citizen: Citizen, resources: Resources, kinds: Wave
    ) -> None:
        await citizen.answers_all()
        await pause_wave(resources, kinds, by="tester", reason="test")
        assert (await citizen.sends("/w/kinds/submit")).status_code == 409
        assert "What you have saved is kept." in citizen.text

    async def test_a_closed_wave_takes_nothing(
        self, citizen: Citizen, resources: Resources, kinds: Wave
    ) -> None:
        await citizen.answers_all()
        await close_wave(resources, kinds, by="tester")
        assert (await citizen.sends("/w/kinds/submit")).status_code == 410

    async def test_a_draft_is_nobodys_business(
        self, citizen: Citizen, resources: Resources
    ) -> None:
        await create_wave(
            resources, code="draft", folder=TOWN, dates=DatesOfMode(opens=OPENED, closes=CLOSED)
        )
        assert (await citizen.opens("/w/draft")).status_code == 404

    @pytest.mark.parametrize("address", ["/w/nowhere", "/nowhere", "/r/7ZZZZZZ-0000000", "/w/a/b"])
    async def test_what_is_not_there(self, citizen: Citizen, address: str) -> None:
        assert (await citizen.opens(address)).status_code == 404
        assert 'href="/"' in citizen.page.text


@pytest.mark.parametrize("code", ["%00", "%ff", "a%2fb", "%ed%a0%80", "x" * 3000])
async def test_strange_addresses_are_not_found(citizen: Citizen, code: str) -> None:
    for address in (f"/w/{code}", f"/r/{code}", f"/w/kinds/d/{code}", f"/w/kinds?at={code}"):
        assert (await citizen.opens(address)).status_code == 404, address
    assert (await citizen.opens(f"/w/kinds/i/{code}")).status_code in (403, 404)
