import asyncio

import pytest

from app.domain.rights.rights import Actor, Scope
from app.domain.rights.roles import Role
from app.errors import InvalidInput
from app.errors.staff import (
    LastAdministrator,
    LinkRefused,
    NotAllowed,
    NotSignedIn,
    SignInRefused,
    StaffNotFound,
)
from app.errors.waves import NameTaken
from app.services import staff, staff_accounts, staff_sessions, staff_sign_in
from app.services.audit import verify_log
from app.services.resources import Resources
from app.services.staff import Rights
from tests.support.clock import Clock
from tests.support.staff import PASSWORD, ROOT, hire, link_token, signed_in

KEYER = Rights("keyer", Scope(batches=frozenset({"B1"})))
OWN = Scope(frozenset({"P1", "P2"}), frozenset({"B1"}), frozenset({"D1"}))


async def invite(resources: Resources, name: str = "li.na", rights: Rights = KEYER) -> str:
    link = await staff.invite(resources, ROOT, name=name, full_name="Li Na", rights=rights)
    return link_token(link)


async def acts(resources: Resources) -> list[tuple[str, str, str]]:
    _, entries = await verify_log(resources, {})
    return [(one.done.actor, one.done.act, one.done.object) for one in entries]


async def test_a_link_sets_the_first_password_once(resources: Resources) -> None:
    token = await invite(resources)
    assert (await staff_accounts.find_invited(resources, token)).full_name == "Li Na"
    await staff_accounts.accept_invitation(resources, token, password=PASSWORD, repeated=PASSWORD)
    begun = await staff_sign_in.sign_in(resources, name="li.na", password=PASSWORD)
    session = await staff_sessions.find_session(resources, begun.token)
    assert session.actor == Actor("li.na", Role.KEYER, KEYER.scope)
    with pytest.raises(LinkRefused):
        await staff_accounts.accept_invitation(
            resources, token, password="another one of mine", repeated="another one of mine"
        )
    with pytest.raises(SignInRefused):
        await staff_sign_in.sign_in(resources, name="li.na", password="another one of mine")


async def test_of_two_who_use_a_link_at_once_one_sets_the_password(resources: Resources) -> None:
    token = await invite(resources)
    chosen = [f"a password of number {n}" for n in range(6)]

    async def accept(password: str) -> str:
        try:
            await staff_accounts.accept_invitation(
                resources, token, password=password, repeated=password
            )
        except LinkRefused:
            return ""
        return password

    done = [one for one in await asyncio.gather(*map(accept, chosen)) if one]
    assert len(done) == 1
    assert await staff_sign_in.sign_in(resources, name="li.na", password=done[0])


async def test_a_link_grows_old(resources: Resources, clock: Clock) -> None:
    token = await invite(resources)
    clock.advance(hours=71)
    await staff_accounts.find_invited(resources, token)
    clock.advance(hours=1)
    with pytest.raises(LinkRefused):
        await staff_accounts.find_invited(resources, token)


async def test_a_bad_password_uses_nothing_up(resources: Resources) -> None:
    token = await invite(resources)
    with pytest.raises(InvalidInput) as refused:
        await staff_accounts.accept_invitation(resources, token, password="short", repeated="x")
    assert [one.code for one in refused.value.faults] == ["password-short", "passwords-differ"]
    await staff_accounts.find_invited(resources, token)


async def test_a_new_link_replaces_the_old_one(resources: Resources) -> None:
    first = await invite(resources)
    second = link_token(await staff.reset(resources, ROOT, name="li.na"))
    with pytest.raises(LinkRefused):
        await staff_accounts.find_invited(resources, first)
    await staff_accounts.find_invited(resources, second)


async def test_names_are_taken_for_good(resources: Resources) -> None:
    await invite(resources)
    await staff.disable(resources, ROOT, name="li.na")
    with pytest.raises(NameTaken):
        await invite(resources, "LI.NA ")


async def test_all_faults_of_an_invitation_are_told_at_once(resources: Resources) -> None:
    rights = Rights("boss", Scope(points=frozenset({"<"})))
    with pytest.raises(InvalidInput) as refused:
        await staff.invite(resources, ROOT, name="1", full_name="", rights=rights)
    assert [one.field for one in refused.value.faults] == ["name", "full_name", "role", "points"]
    assert await staff.list_staff(resources, ROOT) == []


async def test_accounts_are_listed_with_what_is_their_own(resources: Resources) -> None:
    await invite(resources, "wang.wei", Rights("supervisor", OWN))
    await invite(resources)
    listed = await staff.list_staff(resources, ROOT)
    assert [(one.name, one.role, one.state) for one in listed] == [
        ("li.na", "keyer", "invited"),
        ("wang.wei", "supervisor", "invited"),
    ]
    assert listed[1].scope == OWN


async def test_changed_rights_end_sessions_and_hold_from_then_on(
    resources: Resources, clock: Clock
) -> None:
    person = await hire(resources, clock, "li.na", Role.SUPERVISOR, OWN)
    await signed_in(resources, clock, person)
    begun = await staff_sign_in.sign_in(resources, name="li.na", password=PASSWORD)
    await staff.change_rights(resources, ROOT, name="li.na", rights=KEYER)
    with pytest.raises(NotSignedIn):
        await staff_sessions.find_session(resources, begun.token)
    after = await signed_in(resources, clock, person)
    assert after.actor == Actor("li.na", Role.KEYER, KEYER.scope)


async def test_a_disabled_account_is_out_at_once_and_stays_out(
    resources: Resources, clock: Clock
) -> None:
    await hire(resources, clock, "li.na", Role.KEYER)
    begun = await staff_sign_in.sign_in(resources, name="li.na", password=PASSWORD)
    await staff.disable(resources, ROOT, name="li.na")
    with pytest.raises(NotSignedIn):
        await staff_sessions.find_session(resources, begun.token)
    with pytest.raises(SignInRefused):
        await staff_sign_in.sign_in(resources, name="li.na", password=PASSWORD)


async def test_a_reset_takes_password_and_second_factor_away(
    resources: Resources, clock: Clock
) -> None:
    person = await hire(resources, clock, "li.na", Role.KEYER, second_factor=True)
    session = await signed_in(resources, clock, person)
    await staff.reset(resources, ROOT, name="li.na")
    with pytest.raises(SignInRefused):
        await staff_sign_in.sign_in(resources, name="li.na", password=PASSWORD)
    account = await staff.find_staff(resources, ROOT, "li.na")
    assert (account.state, account.has_second_factor) == ("invited", False)
    assert await staff_accounts.count_recovery_codes(resources, session) == 0


@pytest.mark.parametrize("role", [one for one in Role if one is not Role.ADMINISTRATOR])
async def test_only_administrators_change_staff(resources: Resources, role: Role) -> None:
    await invite(resources)
    somebody = Actor("somebody", role, OWN)
    for attempt in (
        staff.invite(resources, somebody, name="x2", full_name="X", rights=KEYER),
        staff.change_rights(resources, somebody, name="li.na", rights=KEYER),
        staff.disable(resources, somebody, name="li.na"),
        staff.reset(resources, somebody, name="li.na"),
    ):
        with pytest.raises(NotAllowed):
            await attempt
    assert [act for _, act, _ in await acts(resources)] == ["staff.invited"]


async def test_the_last_administrator_stays(resources: Resources, clock: Clock) -> None:
    await hire(resources, clock, "li.na", Role.ADMINISTRATOR)
    admin = Actor("li.na", Role.ADMINISTRATOR)
    for attempt in (
        staff.disable(resources, admin, name="li.na"),
        staff.reset(resources, admin, name="li.na"),
        staff.change_rights(resources, admin, name="li.na", rights=KEYER),
    ):
        with pytest.raises(LastAdministrator):
            await attempt
    await staff.change_rights(resources, admin, name="li.na", rights=Rights("administrator", OWN))
    assert await staff.reset(resources, ROOT, name="li.na")


async def test_two_administrators_who_disable_one_another_leave_one(
    resources: Resources, clock: Clock
) -> None:
    pairs = [("li.na", "wang.wei"), ("wang.wei", "li.na")]
    for name, _ in pairs:
        await hire(resources, clock, name, Role.ADMINISTRATOR)

    async def disable(by: str, name: str) -> bool:
        try:
            await staff.disable(resources, Actor(by, Role.ADMINISTRATOR), name=name)
        except LastAdministrator:
            return False
        return True

    assert sorted(await asyncio.gather(*(disable(*pair) for pair in pairs))) == [False, True]


async def test_there_is_no_changing_an_account_that_is_not(resources: Resources) -> None:
    with pytest.raises(StaffNotFound):
        await staff.disable(resources, ROOT, name="nobody")


async def test_every_act_is_in_the_log(resources: Resources, clock: Clock) -> None:
    await hire(resources, clock, "li.na", Role.KEYER)
    await staff.change_rights(resources, ROOT, name="li.na", rights=Rights("supervisor", OWN))
    await staff.reset(resources, ROOT, name="li.na")
    await staff.disable(resources, ROOT, name="li.na")
    assert await acts(resources) == [
        ("cli:root", "staff.invited", "staff:li.na"),
        ("li.na", "account.password-set", "staff:li.na"),
        ("cli:root", "staff.rights-changed", "staff:li.na"),
        ("cli:root", "staff.reset", "staff:li.na"),
        ("cli:root", "staff.disabled", "staff:li.na"),
    ]
    _, entries = await verify_log(resources, {})
    assert entries[2].done.details == {
        "role-before": "keyer",
        "role": "supervisor",
        "points": "P1 P2",
        "batches": "B1",
        "departments": "D1",
    }
    assert entries[2].done.at == clock()
