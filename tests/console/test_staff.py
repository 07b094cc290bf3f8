import re

import pytest

from app.domain.rights.rights import Scope
from app.domain.rights.roles import Role
from app.services.staff import list_staff
from tests.console.clerk import Clerk
from tests.support.clock import Clock
from tests.support.staff import PASSWORD, ROOT, hire

SUPERVISOR = {
    "name": "wang.wei",
    "full_name": "Wang <Wei>",
    "role": "supervisor",
    "points": "P1, P2",
    "batches": "",
    "departments": "",
}


@pytest.fixture
async def admin(clerk: Clerk, clock: Clock) -> Clerk:
    await clerk.signs_in(await hire(clerk.resources, clock, "admin", Role.ADMINISTRATOR))
    return clerk


async def test_somebody_is_invited_and_gets_in(admin: Clerk) -> None:
    await admin.opens("/console/staff/invite")
    page = await admin.sends("/console/staff/invite", SUPERVISOR)
    assert admin.heading == "A link to hand over"
    link = re.search(r"http://127.0.0.1:8000(/console/welcome/[0-9a-f]{64})", page.text)
    assert link is not None
    await admin.opens("/console/staff")
    assert "Wang <Wei>" in admin.text
    assert "Wang <Wei>" not in admin.page.text, "names are escaped"
    assert "P1 P2" in admin.text
    await admin.sends(link[1], {"password": PASSWORD, "repeated": PASSWORD})
    await admin.sends("/console/sign-in", {"name": "wang.wei", "password": PASSWORD})
    assert admin.menu == ["Waves", "Paper forms", "My account"]


async def test_a_refused_invitation_keeps_what_was_typed(admin: Clerk) -> None:
    page = await admin.sends("/console/staff/invite", SUPERVISOR | {"name": "1"})
    assert page.status_code == 422
    assert "beginning with a letter" in admin.text
    assert 'value="P1, P2"' in page.text
    assert re.search(r'value="supervisor" selected', page.text)


async def test_a_name_taken_is_told_beside_the_field(admin: Clerk) -> None:
    await admin.sends("/console/staff/invite", SUPERVISOR)
    page = await admin.sends("/console/staff/invite", SUPERVISOR)
    assert page.status_code == 422
    assert "There is an account of this name already." in admin.text


async def test_rights_are_shown_and_changed(admin: Clerk, clock: Clock) -> None:
    scope = Scope(points=frozenset({"P1"}))
    await hire(admin.resources, clock, "boss", Role.SUPERVISOR, scope)
    page = await admin.opens("/console/staff/boss/rights")
    assert re.search(r'value="supervisor" selected', page.text)
    assert 'value="P1"' in page.text
    form = {"role": "keyer", "points": "", "batches": "B1", "departments": ""}
    await admin.sends("/console/staff/boss/rights", form)
    assert admin.heading == "Staff"
    [boss] = [one for one in await list_staff(admin.resources, ROOT) if one.name == "boss"]
    assert (boss.role, boss.scope) == (Role.KEYER, Scope(batches=frozenset({"B1"})))
    refused = await admin.sends("/console/staff/boss/rights", form | {"role": "king"})
    assert (refused.status_code, "This is none of the roles." in admin.text) == (422, True)


async def test_an_account_is_disabled_and_reset(admin: Clerk, clock: Clock) -> None:
    await hire(admin.resources, clock, "boss", Role.SUPERVISOR)
    await admin.opens("/console/staff/boss/disable")
    await admin.sends("/console/staff/boss/disable")
    assert "Disabled" in admin.text
    await admin.opens("/console/staff/boss/reset")
    page = await admin.sends("/console/staff/boss/reset")
    assert "/console/welcome/" in page.text
    await admin.opens("/console/staff")
    assert "Invited" in admin.text


async def test_the_last_administrator_is_told_why_not(admin: Clerk) -> None:
    page = await admin.sends("/console/staff/admin/disable")
    assert page.status_code == 409
    assert admin.heading == "This is the last administrator: make another one first"


@pytest.mark.parametrize("name", ["nobody", "%00", "%F0%9F%98%80", "x" * 200])
async def test_there_is_no_page_for_an_account_that_is_not(admin: Clerk, name: str) -> None:
    for act in ("rights", "reset", "disable"):
        assert (await admin.opens(f"/console/staff/{name}/{act}")).status_code == 404
    assert (await admin.sends(f"/console/staff/{name}/disable")).status_code == 404


async def test_a_form_with_strange_fields_is_refused(admin: Clerk) -> None:
    page = await admin.sends("/console/staff/invite", SUPERVISOR | {"state": "active"})
    assert page.status_code == 422


async def test_an_auditor_sees_staff_and_changes_nothing(clerk: Clerk, clock: Clock) -> None:
    await clerk.signs_in(await hire(clerk.resources, clock, "auditor", Role.AUDITOR))
    page = await clerk.opens("/console/staff")
    assert clerk.heading == "Staff"
    assert "/console/staff/" not in page.text.replace('href="/console/staff"', "")
