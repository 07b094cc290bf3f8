"""By identity check to the questionnaire, as a citizen without scripts sees it."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import FastAPI

from app.services.oidc_provider import OidcProvider
from app.services.participation import count_participation
from app.services.resources import Resources
from tests.support.clock import Clock
from tests.support.identity import LI, LI_PHONE, WANG, Phones, open_town_now, town_identifying_by
from tests.support.provider import log_in_at, running_provider
from tests.support.surveys import answers, open_town
from tests.web.citizen import Citizen

VERIFIED = "/w/town/identify/residents/verified"
CONFIDENTIAL = "/w/town/identify/residents/confidential"


@pytest.fixture
def phones(app: FastAPI) -> Phones:
    phones = Phones()
    app.state.resources = dataclasses.replace(app.state.resources, phone_sender=phones)
    return phones


@pytest.fixture
def li(client: httpx.AsyncClient) -> Citizen:
    client.cookies.set("language", "en")
    return Citizen(client)


async def test_the_first_page_leads_to_the_check_and_that_to_the_questionnaire(
    li: Citizen, resources: Resources
) -> None:
    wave = await open_town(resources)
    await li.opens("/w/town")
    assert f'href="{VERIFIED}"' in li.page.text
    await li.opens(VERIFIED)
    assert li.path == f"{VERIFIED}/national-id"
    await li.sends(f"{VERIFIED}/national-id", {"national_id": LI})
    assert (li.page.status_code, li.path) == (200, "/w/town/identify/begin")
    assert (await count_participation(resources, wave)).drawn == 0
    await li.sends("/w/town/identify/begin")
    assert (li.page.status_code, li.path) == (200, "/w/town/s/about_you")
    assert (await count_participation(resources, wave)).drawn == 1


async def test_a_lost_reply_costs_nothing(li: Citizen, resources: Resources) -> None:
    """The post is sent again with the sign-in that the browser still has."""
    wave = await open_town(resources)
    await li.sends(f"{VERIFIED}/national-id", {"national_id": LI})
    await li.sends("/w/town/identify/begin")
    permit = li.client.cookies["permit"]
    li.client.cookies.delete("permit")
    await li.sends("/w/town/identify/begin")
    assert li.client.cookies["permit"] == permit
    assert (await count_participation(resources, wave)).drawn == 1


async def test_a_second_device_is_told_where_to_go_on(
    li: Citizen, app: FastAPI, resources: Resources
) -> None:
    await open_town(resources)
    await li.sends(f"{VERIFIED}/national-id", {"national_id": LI})
    await li.sends("/w/town/identify/begin")
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        other = Citizen(client)
        await other.sends(f"{VERIFIED}/national-id", {"national_id": LI})
        await other.sends("/w/town/identify/begin")
        assert other.page.status_code == 409
        assert "在当时使用的设备上继续" in other.page.text


@pytest.mark.parametrize("number", ["110101199003078031", "1234", "", "<script>", "１２３"])
async def test_a_wrong_number_is_named_at_its_field_and_never_shown(
    li: Citizen, resources: Resources, number: str
) -> None:
    await open_town(resources)
    await li.sends(f"{VERIFIED}/national-id", {"national_id": number})
    assert li.page.status_code == 422
    assert "<title>Error: " in li.page.text
    assert 'href="#national_id"' in li.page.text
    assert 'aria-describedby="national_id-hint national_id-error"' in li.page.text
    assert not number or number not in li.page.text
    assert "value=" not in li.page.text.split("<form", 2)[2]


async def test_several_checks_are_a_choice(
    li: Citizen, resources: Resources, tmp_path: Path
) -> None:
    await open_town(resources, folder=town_identifying_by(tmp_path, "phone, national_id"))
    await li.opens(VERIFIED)
    assert li.page.text.index(f"{VERIFIED}/phone") < li.page.text.index(f"{VERIFIED}/national-id")


async def test_by_name_needs_the_name_and_says_what_happens_with_it(
    li: Citizen, resources: Resources
) -> None:
    await open_town(resources)
    await li.sends(f"{CONFIDENTIAL}/national-id", {"national_id": LI, "name": " "})
    assert li.page.status_code == 422
    assert 'href="#name"' in li.page.text
    await li.sends(f"{CONFIDENTIAL}/national-id", {"national_id": "1", "name": ""})
    assert li.page.text.index('href="#name"') < li.page.text.index('href="#national_id"')
    await li.sends(f"{CONFIDENTIAL}/national-id", {"national_id": LI, "name": "李明"})
    assert "stored encrypted with your answers" in li.page.text
    await li.sends("/w/town/identify/begin")
    assert li.path == "/w/town/s/about_you"
    permit = li.client.cookies["permit"]
    sent = await li.client.post(
        "/api/v1/waves/town/responses", json={"permit": permit, "answers": answers()}
    )
    assert sent.status_code == 201


async def test_a_phone_gets_a_code_and_the_code_begins(
    li: Citizen, resources: Resources, phones: Phones, tmp_path: Path
) -> None:
    await open_town(resources, folder=town_identifying_by(tmp_path, "phone"))
    await li.opens(f"{VERIFIED}/phone")
    assert 'inputmode="tel"' in li.page.text
    await li.sends(f"{VERIFIED}/phone", {"phone": LI_PHONE})
    assert li.path == "/w/town/identify/code"
    assert 'autocomplete="one-time-code"' in li.page.text
    assert 'inputmode="numeric"' in li.page.text
    assert LI_PHONE not in li.page.text
    wrong = f"{(int(phones.last_code) + 1) % 1_000_000:06d}"
    await li.sends("/w/town/identify/code", {"code": wrong})
    assert li.page.status_code == 422
    assert 'href="#code"' in li.page.text
    assert wrong not in li.page.text
    await li.sends("/w/town/identify/code", {"code": phones.last_code})
    await li.sends("/w/town/identify/begin")
    assert li.path == "/w/town/s/about_you"


async def test_a_code_that_came_too_late_begins_anew(
    li: Citizen, resources: Resources, phones: Phones, tmp_path: Path, clock: Clock
) -> None:
    await open_town(resources, folder=town_identifying_by(tmp_path, "phone"))
    await li.sends(f"{VERIFIED}/phone", {"phone": LI_PHONE})
    clock.advance(minutes=5)
    await li.sends("/w/town/identify/code", {"code": phones.last_code})
    assert li.page.status_code == 403
    assert 'href="/w/town"' in li.page.text


async def test_a_gateway_that_is_away_is_told(
    li: Citizen, resources: Resources, phones: Phones, tmp_path: Path
) -> None:
    await open_town(resources, folder=town_identifying_by(tmp_path, "phone"))
    phones.down = True
    await li.sends(f"{VERIFIED}/phone", {"phone": LI_PHONE})
    assert li.page.status_code == 503
    assert li.page.headers["retry-after"]


@pytest.mark.parametrize(("check", "page"), [("phone", "phone"), ("oidc", "log-in")])
async def test_nobody_types_a_number_where_the_check_is_not_set_up(
    li: Citizen, resources: Resources, tmp_path: Path, check: str, page: str
) -> None:
    await open_town(resources, folder=town_identifying_by(tmp_path, check))
    assert (await li.opens(f"{VERIFIED}/{page}")).status_code == 503


async def test_without_a_sign_in_nobody_begins(li: Citizen, resources: Resources) -> None:
    await open_town(resources)
    for path in ("begin", "code"):
        assert (await li.opens(f"/w/town/identify/{path}")).status_code == 403
        assert (await li.sends(f"/w/town/identify/{path}")).status_code == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("residents/open", 404),
        ("residents/rubbish", 404),
        ("organs/verified", 403),
        ("nobody/verified", 403),
        ("residents/verified/phone", 403),
        ("residents/verified/log-in", 403),
    ],
)
async def test_ways_that_are_not_offered_are_refused(
    li: Citizen, resources: Resources, path: str, status: int
) -> None:
    await open_town(resources)
    assert (await li.opens(f"/w/town/identify/{path}")).status_code == status


async def test_cookies_of_a_check_are_short_sealed_and_for_this_wave(
    li: Citizen, resources: Resources, phones: Phones, tmp_path: Path
) -> None:
    await open_town(resources, folder=town_identifying_by(tmp_path, "phone"))
    sent = await li.client.post(f"{VERIFIED}/phone", data={"phone": LI_PHONE})
    cookie = sent.headers["set-cookie"]
    assert cookie.startswith("challenge=")
    for part in ("Max-Age=300", "Path=/w/town", "HttpOnly", "SameSite=lax"):
        assert part in cookie
    assert LI_PHONE not in cookie
    signed = await li.client.post("/w/town/identify/code", data={"code": phones.last_code})
    assert "Max-Age=600" in signed.headers["set-cookie"]


async def test_no_number_name_or_code_is_logged(
    li: Citizen,
    resources: Resources,
    phones: Phones,
    tmp_path: Path,
    *,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await open_town(resources, folder=town_identifying_by(tmp_path, "phone, national_id"))
    with caplog.at_level("INFO"):
        await li.sends(f"{CONFIDENTIAL}/national-id", {"national_id": LI, "name": "李明"})
        await li.sends(f"{CONFIDENTIAL}/phone", {"phone": LI_PHONE, "name": "李明"})
        await li.sends("/w/town/identify/code", {"code": "000000x"})
        await li.sends("/w/town/identify/code", {"code": phones.last_code})
        await li.sends("/w/town/identify/begin")
    written = "".join((*capsys.readouterr(), caplog.text))
    assert "/w/{wave_id}/identify/begin" in written
    for secret in (LI, LI_PHONE, "李明", phones.last_code, "000000x", li.client.cookies["permit"]):
        assert secret not in written


async def test_guessing_identities_is_slowed_down(li: Citizen, resources: Resources) -> None:
    await open_town(resources)
    for _ in range(20):
        await li.sends(f"{VERIFIED}/national-id", {"national_id": "1"})
    await li.sends(f"{VERIFIED}/national-id", {"national_id": WANG})
    assert li.page.status_code == 429


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with running_provider() as found:
        yield found


@pytest.mark.filterwarnings("ignore")  # of the provider's own server thread
async def test_the_city_log_in_leads_away_and_back(
    li: Citizen, app: FastAPI, clock: Clock, issuer: str, *, tmp_path: Path
) -> None:
    provider = OidcProvider(issuer, "minyi", "secret")
    app.state.resources = dataclasses.replace(app.state.resources, oidc=provider)
    await open_town_now(app.state.resources, clock, town_identifying_by(tmp_path, "oidc"))
    await li.opens(VERIFIED)
    assert f'href="{VERIFIED}/log-in"' in li.page.text
    left = await li.client.get(f"{VERIFIED}/log-in")
    assert left.status_code == 303
    assert left.headers["location"].startswith(issuer)
    assert "Path=/oidc/callback" in left.headers["set-cookie"]
    answer = log_in_at(left.headers["location"], "li")
    foreign = await li.client.get("/oidc/callback", params=answer | {"state": "x"})
    assert foreign.status_code == 403
    denied = await li.client.get("/oidc/callback", params={"state": answer["state"], "error": "x"})
    assert denied.status_code == 403
    await li.opens(f"/oidc/callback?{urlencode(answer)}")
    assert (li.page.status_code, li.path) == (200, "/w/town/identify/begin")
    assert "log-in" not in li.client.cookies
    await li.sends("/w/town/identify/begin")
    assert li.path == "/w/town/s/about_you"
