import re

import pyotp

from app.domain.rights.rights import Scope
from app.domain.rights.roles import Role
from app.services.audit import verify_log
from tests.console.clerk import Clerk
from tests.support.clock import Clock
from tests.support.staff import PASSWORD, hire

NEW = "a quite different password"


async def test_a_password_is_changed_and_one_stays_signed_in(clerk: Clerk, clock: Clock) -> None:
    person = await hire(clerk.resources, clock, "keyer", Role.KEYER)
    await clerk.signs_in(person)
    before = clerk.client.cookies["staff"]
    page = await clerk.sends("/console/account/password", {"password": NEW, "repeated": "x"})
    assert (page.status_code, "The two passwords are not the same." in clerk.text) == (422, True)
    await clerk.sends("/console/account/password", {"password": NEW, "repeated": NEW})
    assert clerk.heading == "My account"
    assert clerk.client.cookies["staff"] != before
    await clerk.sends("/console/sign-out")
    await clerk.signs_in(person, NEW)
    assert clerk.path == "/console"


async def test_a_second_factor_is_set_up_from_the_page(clerk: Clerk, clock: Clock) -> None:
    await clerk.signs_in(await hire(clerk.resources, clock, "keyer", Role.KEYER))
    page = await clerk.opens("/console/account/second-factor")
    sealed = re.search(r'name="sealed" value="([^"]+)"', page.text)
    secret = re.search(r'class="code">([A-Z2-7 ]+)<', page.text)
    assert sealed is not None
    assert secret is not None
    wrong = await clerk.sends(
        "/console/account/second-factor", {"sealed": sealed[1], "code": "000000"}
    )
    assert wrong.status_code == 422
    assert secret[1] in wrong.text, "the same secret is offered again"
    code = pyotp.TOTP(secret[1].replace(" ", "")).at(clock())
    done = await clerk.sends("/console/account/second-factor", {"sealed": sealed[1], "code": code})
    codes = re.findall(r'class="code">([0-9A-Z-]{19})<', done.text)
    assert len(codes) == 10
    await clerk.opens("/console/account")
    assert "A second factor is set up; 10 recovery codes are left." in clerk.text
    await clerk.sends("/console/sign-out")
    await clerk.sends("/console/sign-in", {"name": "keyer", "password": PASSWORD})
    await clerk.sends("/console/second-factor", {"code": codes[0]})
    assert clerk.path == "/console"


async def test_recovery_codes_are_renewed_and_shown_once(clerk: Clerk, clock: Clock) -> None:
    person = await hire(clerk.resources, clock, "admin", Role.ADMINISTRATOR)
    await clerk.signs_in(person)
    page = await clerk.sends("/console/account/recovery-codes")
    codes = re.findall(r'class="code">([0-9A-Z-]{19})<', page.text)
    assert len(codes) == 10
    assert not set(codes) & set(person.recovery_codes)
    assert codes[0] not in (await clerk.opens("/console/account/recovery-codes")).text


async def test_without_a_second_factor_there_are_no_recovery_codes(
    clerk: Clerk, clock: Clock
) -> None:
    await clerk.signs_in(await hire(clerk.resources, clock, "keyer", Role.KEYER))
    assert (await clerk.sends("/console/account/recovery-codes")).status_code == 404


async def test_other_sessions_are_ended_one_by_one_or_all(clerk: Clerk, clock: Clock) -> None:
    person = await hire(clerk.resources, clock, "keyer", Role.KEYER)
    tokens = []
    for _ in range(3):
        await clerk.signs_in(person)
        tokens.append(clerk.client.cookies["staff"])
    page = await clerk.opens("/console/account")
    ends = re.findall(r'action="(/console/account/sessions/[0-9a-f]{64}/end)"', page.text)
    assert len(ends) == 2
    page = await clerk.sends(ends[0])
    assert clerk.heading == "My account"
    assert len(re.findall(r"/sessions/[0-9a-f]{64}/end", page.text)) == 1
    await clerk.sends("/console/account/sessions/end-all")
    for token in tokens:
        clerk.holds(token)
        await clerk.opens("/console")
        assert clerk.path == "/console/sign-in"


async def test_no_page_shows_what_would_let_somebody_in(clerk: Clerk, clock: Clock) -> None:
    await clerk.signs_in(await hire(clerk.resources, clock, "keyer", Role.KEYER))
    page = await clerk.opens("/console/account")
    assert clerk.client.cookies["staff"] not in page.text


async def test_one_sees_what_is_ones_own(clerk: Clerk, clock: Clock) -> None:
    scope = Scope(points=frozenset({"P7"}), batches=frozenset({"B7"}))
    await clerk.signs_in(await hire(clerk.resources, clock, "boss", Role.SUPERVISOR, scope))
    await clerk.opens("/console/account")
    assert "P7" in clerk.text
    assert "B7" in clerk.text


async def test_a_signed_in_person_stands_in_the_log(clerk: Clerk, clock: Clock) -> None:
    await clerk.signs_in(await hire(clerk.resources, clock, "keyer", Role.KEYER))
    await clerk.sends("/console/account/sessions/end-all")
    _, entries = await verify_log(clerk.resources, {})
    assert [one.done.act for one in entries[-2:]] == ["session.began", "session.ended"]
