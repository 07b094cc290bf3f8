import re

import httpx
import pytest
from fastapi import FastAPI

from app.domain.rights.roles import Role
from app.services import staff
from app.services.staff import Rights
from app.settings import Settings
from tests.conftest import settings_for
from tests.console.clerk import Clerk
from tests.support.clock import Clock
from tests.support.staff import OWN_NOTHING, PASSWORD, ROOT, hire


async def invite(clerk: Clerk, role: str = "keyer") -> str:
    link = await staff.invite(
        clerk.resources, ROOT, name="li.na", full_name="Li Na", rights=Rights(role, OWN_NOTHING)
    )
    return link.removeprefix(clerk.resources.settings.public_url)


async def test_from_the_link_to_the_console(clerk: Clerk) -> None:
    link = await invite(clerk)
    await clerk.opens(link)
    assert "Welcome, Li Na. Your account name is li.na." in clerk.text
    await clerk.sends(link, {"password": PASSWORD, "repeated": PASSWORD})
    assert clerk.path == "/console/sign-in"
    await clerk.sends("/console/sign-in", {"name": "li.na", "password": PASSWORD})
    assert (clerk.path, clerk.heading) == ("/console", "Waves")
    assert "Li Na" in clerk.text
    assert (await clerk.opens(link)).status_code == 403


async def test_a_poor_password_is_told_and_asked_for_again(clerk: Clerk) -> None:
    link = await invite(clerk)
    page = await clerk.sends(link, {"password": "short", "repeated": "other"})
    assert page.status_code == 422
    assert "At least 12 characters." in clerk.text
    assert "The two passwords are not the same." in clerk.text
    assert 'value="short"' not in page.text


async def test_a_forged_link_tells_nothing(clerk: Clerk) -> None:
    page = await clerk.opens(f"/console/welcome/{'0' * 64}")
    assert page.status_code == 403
    assert clerk.heading == "This link is used up or too old"


async def test_whoever_needs_a_second_factor_sets_it_up_first(clerk: Clerk, clock: Clock) -> None:
    await hire(clerk.resources, clock, "admin", Role.ADMINISTRATOR, second_factor=False)
    await clerk.sends("/console/sign-in", {"name": "admin", "password": PASSWORD})
    assert clerk.heading == "Set up the second factor"
    assert 'src="data:image/svg+xml' in clerk.page.text
    await clerk.opens("/console/staff")
    assert clerk.heading == "Set up the second factor"


async def test_a_code_is_asked_for_and_given(clerk: Clerk, clock: Clock) -> None:
    person = await hire(clerk.resources, clock, "admin", Role.ADMINISTRATOR)
    await clerk.sends("/console/sign-in", {"name": "admin", "password": PASSWORD})
    assert clerk.path == "/console/second-factor"
    page = await clerk.sends("/console/second-factor", {"code": "000000"})
    assert (page.status_code, "Name, password or code is not right" in clerk.text) == (403, True)
    await clerk.sends("/console/second-factor", {"code": person.code(clock)})
    for whatever_one_may_do in ("Waves", "Paper forms", "Staff", "Audit log", "My account"):
        assert whatever_one_may_do in clerk.menu


async def test_wrong_name_and_wrong_password_give_the_same_page(clerk: Clerk, clock: Clock) -> None:
    await hire(clerk.resources, clock, "keyer", Role.KEYER)
    pages = [
        await clerk.sends("/console/sign-in", {"name": name, "password": "wrong"})
        for name in ("keyer", "nobody", "x\x00", "")
    ]
    assert {page.status_code for page in pages} == {403}
    assert len({page.text for page in pages}) == 1


async def test_a_sender_who_tries_many_names_has_to_wait(clerk: Clerk) -> None:
    for n in range(20):
        await clerk.sends("/console/sign-in", {"name": f"name{n}", "password": "wrong"})
    page = await clerk.sends("/console/sign-in", {"name": "one-more", "password": "wrong"})
    assert page.status_code == 429
    assert page.headers["retry-after"]


async def test_signing_out_takes_the_session_from_browser_and_server(
    clerk: Clerk, clock: Clock
) -> None:
    await clerk.signs_in(await hire(clerk.resources, clock, "keyer", Role.KEYER))
    token = clerk.client.cookies["staff"]
    await clerk.sends("/console/sign-out")
    assert clerk.path == "/console/sign-in"
    assert "staff" not in clerk.client.cookies
    clerk.holds(token)
    await clerk.opens("/console")
    assert clerk.path == "/console/sign-in"


def attributes(reply: httpx.Response) -> set[str]:
    cookie = next(one for one in reply.headers.get_list("set-cookie") if one.startswith("staff="))
    return {part.strip().lower() for part in cookie.split(";")[1:]}


async def test_the_cookie_is_out_of_reach(clerk: Clerk, clock: Clock) -> None:
    await hire(clerk.resources, clock, "keyer", Role.KEYER)
    form = {"name": "keyer", "password": PASSWORD}
    reply = await clerk.sends("/console/sign-in", form, follow=False)
    assert attributes(reply) == {"httponly", "samesite=strict", "path=/console"}


async def test_over_https_the_cookie_is_secure(
    app: FastAPI, clerk: Clerk, clock: Clock, settings: Settings, database_url: str
) -> None:
    await hire(clerk.resources, clock, "keyer", Role.KEYER)
    secure = settings_for(database_url, public_url="https://minyi.example")
    object.__setattr__(clerk.resources, "settings", secure)
    form = {"name": "keyer", "password": PASSWORD}
    reply = await clerk.sends("/console/sign-in", form, follow=False)
    assert "secure" in attributes(reply)


@pytest.mark.parametrize(
    "back",
    ["https://evil.example", "//evil.example", "/console/../w", "/w/town", "/console//x", ""],
)
async def test_a_proof_leads_back_into_the_console_only(
    clerk: Clerk, clock: Clock, back: str
) -> None:
    await clerk.signs_in(await hire(clerk.resources, clock, "keyer", Role.KEYER))
    form = {"password": PASSWORD, "back": back}
    reply = await clerk.sends("/console/prove", form, follow=False)
    assert reply.headers["location"] == "/console"


async def test_a_proof_leads_back_to_the_act(clerk: Clerk, clock: Clock) -> None:
    await clerk.signs_in(await hire(clerk.resources, clock, "keyer", Role.KEYER))
    clock.advance(minutes=11)
    await clerk.opens("/console/account/password")
    assert clerk.heading == "Please confirm that it is you"
    back = re.findall(r'name="back" value="([^"]+)"', clerk.page.text)[-1]
    page = await clerk.sends("/console/prove", {"password": "wrong", "back": back})
    assert page.status_code == 403
    await clerk.sends("/console/prove", {"password": PASSWORD, "back": back})
    assert clerk.path == "/console/account/password"


async def test_pages_of_staff_are_kept_in_no_cache_and_carry_the_strict_policy(
    clerk: Clerk, clock: Clock
) -> None:
    await clerk.signs_in(await hire(clerk.resources, clock, "keyer", Role.KEYER))
    page = await clerk.opens("/console/account")
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
    assert "style=" not in page.text


async def test_staff_read_chinese_too(clerk: Clerk) -> None:
    clerk.client.cookies.set("language", "zh")
    await clerk.opens("/console/sign-in")
    assert clerk.heading == "工作人员登录"
