"""The city's log-in for staff, against a real provider, with everything that must not pass."""

import dataclasses
import re
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI

from app.domain.accounts.sessions import FRESH, FirstFactor, Stage
from app.domain.rights.rights import Scope
from app.domain.rights.roles import Role
from app.services import staff, staff_accounts, staff_sso
from app.services.audit import verify_log
from app.services.oidc_provider import OidcProvider
from app.services.resources import Resources
from app.services.staff_sessions import Session, find_session
from tests.conftest import settings_for
from tests.console.clerk import Clerk
from tests.support.clock import Clock, real_now
from tests.support.provider import have_it_say, log_in_at, running_provider
from tests.support.staff import PASSWORD, ROOT, Person, hire, link_token

pytestmark = pytest.mark.filterwarnings("ignore")  # of the provider's own server thread


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with running_provider() as found:
        yield found


@pytest.fixture
def database_url(make_sqlite) -> str:  # type: ignore[no-untyped-def]
    """One kind is enough: what differs between the two is tested with the services."""
    return make_sqlite()


@pytest.fixture
async def resources(resources: Resources, issuer: str, clock: Clock) -> Resources:
    clock.now = real_now()
    settings = settings_for(resources.settings.database_url, staff_oidc_multi_factor="mfa hwk")
    provider = OidcProvider(issuer, "minyi", "secret")
    return dataclasses.replace(resources, staff_oidc=provider, settings=settings)


class Desk:
    """A clerk's browser, which holds back the session's cookie when coming from another site."""

    def __init__(self, clerk: Clerk, issuer: str) -> None:
        self.clerk, self.issuer = clerk, issuer

    async def leaves(self, purpose: str) -> str:
        """Go to the provider; gives the address there."""
        reply = await self.clerk.client.get(f"/console/sso/{purpose}")
        assert reply.status_code == 303, reply.text
        return reply.headers["location"]

    async def comes_back(self, answer: dict[str, str]) -> httpx.Response:
        client = self.clerk.client
        session = client.cookies.get("staff")
        client.cookies.delete("staff") if session else None
        self.clerk.page = await client.get(
            "/console/sso/callback", params=answer, follow_redirects=True
        )
        if session:
            self.clerk.holds(session)
        return self.clerk.page

    async def goes(self, purpose: str, subject: str, **claims: object) -> httpx.Response:
        """There and back, and the button pressed."""
        await self.is_confirmed(purpose, subject, **claims)
        return await self.presses()

    async def is_confirmed(self, purpose: str, subject: str, **claims: object) -> str:
        """Stop before the button; gives what the browser keeps."""
        self.clerk.clock.advance(seconds=1)
        now = int(self.clerk.clock().timestamp())
        have_it_say(self.issuer, subject, **{"auth_time": now} | claims)
        await self.comes_back(log_in_at(await self.leaves(purpose), subject))
        return self.clerk.client.cookies["staff-trip"]

    async def presses(self, **form: str) -> httpx.Response:
        action = re.search(r'action="(/console/sso/[a-z-]+)"', self.clerk.page.text)
        assert action, self.clerk.page.text
        return await self.clerk.sends(action[1], form)

    async def session(self) -> Session:
        return await find_session(self.clerk.resources, self.clerk.client.cookies["staff"])

    async def signs_out(self) -> None:
        await self.clerk.sends("/console/sign-out")


@pytest.fixture
def desk(clerk: Clerk, issuer: str) -> Desk:
    return Desk(clerk, issuer)


async def linked(desk: Desk, name: str, role: Role, subject: str = "li") -> Person:
    """Somebody whose account is linked, signed out."""
    person = await hire(desk.clerk.resources, desk.clerk.clock, name, role)
    await desk.clerk.signs_in(person)
    await desk.goes("link", subject)
    assert desk.clerk.path == "/console/account"
    await desk.signs_out()
    return person


async def acts(resources: Resources) -> list[tuple[str, str, str]]:
    _, entries = await verify_log(resources, {})
    return [(one.done.actor, one.done.act, one.done.details.get("factors", "")) for one in entries]


async def test_who_has_linked_an_account_signs_in_without_a_password(desk: Desk) -> None:
    await linked(desk, "keyer", Role.KEYER)
    await desk.clerk.opens("/console/sign-in")
    assert 'href="/console/sso/sign-in"' in desk.clerk.page.text
    await desk.goes("sign-in", "li")
    assert (desk.clerk.path, desk.clerk.heading) == ("/console", "Waves")
    assert (await desk.session()).record.first_factor is FirstFactor.SSO
    assert "staff-trip" not in desk.clerk.client.cookies
    done = await acts(desk.clerk.resources)
    assert ("keyer", "account.sso-linked", "") in done
    assert done[-1] == ("keyer", "session.began", "sso")


async def test_the_request_asks_for_nothing_but_the_subject(desk: Desk, clerk: Clerk) -> None:
    asked = httpx.URL(await desk.leaves("sign-in")).params
    assert asked["scope"] == "openid"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == "http://127.0.0.1:8000/console/sso/callback"
    assert "prompt" not in asked
    cookie = next(one for one in clerk.client.cookies.jar if one.name == "staff-trip")
    assert (cookie.path, cookie._rest) == ("/console/sso", {"HttpOnly": None, "SameSite": "lax"})


async def test_unknown_disabled_and_reset_look_the_same(desk: Desk) -> None:
    resources = desk.clerk.resources
    for name, subject in (("off", "li"), ("reset", "wang")):
        await linked(desk, name, Role.KEYER, subject)
    await staff.disable(resources, ROOT, name="off")
    link = link_token(await staff.reset(resources, ROOT, name="reset"))
    await staff_accounts.accept_invitation(resources, link, password=PASSWORD, repeated=PASSWORD)
    pages = [await desk.goes("sign-in", one) for one in ("li", "wang", "nobody", "keyer")]
    assert {page.status_code for page in pages} == {403}
    assert len({page.text for page in pages}) == 1
    assert desk.clerk.heading == "This sign-in opens no account here"


async def test_a_name_or_address_at_the_provider_opens_nothing(desk: Desk) -> None:
    await hire(desk.clerk.resources, desk.clerk.clock, "keyer", Role.KEYER)
    claims = {"preferred_username": "keyer", "email": "keyer@example.org", "name": "Keyer"}
    assert (await desk.goes("sign-in", "thief", **claims)).status_code == 403


async def test_the_second_factor_is_still_asked_for(desk: Desk, clock: Clock) -> None:
    person = await linked(desk, "admin", Role.ADMINISTRATOR)
    long_ago = clock() - FRESH
    await desk.goes("sign-in", "li", amr=["pwd"], acr="1", auth_time=int(long_ago.timestamp()))
    assert desk.clerk.path == "/console/second-factor"
    await desk.clerk.sends("/console/second-factor", {"code": person.code(clock)})
    assert desk.clerk.path == "/console"
    assert (await acts(desk.clerk.resources))[-1][2] == "sso, code"
    assert (await desk.session()).record.proved_at <= long_ago, "a code alone proves nobody"


@pytest.mark.parametrize("claims", [{"amr": ["pwd", "mfa"]}, {"acr": "hwk"}], ids=str)
async def test_a_second_factor_at_the_provider_counts_where_the_city_says_so(
    desk: Desk, claims: dict[str, object]
) -> None:
    await linked(desk, "admin", Role.ADMINISTRATOR)
    await desk.goes("sign-in", "li", **claims)
    assert desk.clerk.path == "/console"
    assert (await acts(desk.clerk.resources))[-1][2] == "sso, multi-factor"


async def test_without_the_setting_no_claim_replaces_the_second_factor(desk: Desk) -> None:
    await linked(desk, "admin", Role.ADMINISTRATOR)
    plain = settings_for(desk.clerk.resources.settings.database_url)
    object.__setattr__(desk.clerk.resources, "settings", plain)
    await desk.goes("sign-in", "li", amr=["mfa"], acr="mfa")
    assert desk.clerk.path == "/console/second-factor"


async def test_an_old_log_in_there_is_no_proof_for_dangerous_acts_here(
    desk: Desk, clock: Clock
) -> None:
    await linked(desk, "keyer", Role.KEYER)
    await desk.goes("sign-in", "li", auth_time=int((clock() - FRESH).timestamp()))
    await desk.clerk.opens("/console/account/password")
    assert desk.clerk.heading == "Please confirm that it is you"


async def test_whoever_needs_a_first_code_after_an_old_log_in_can_prove_and_set_it_up(
    desk: Desk, clock: Clock
) -> None:
    await linked(desk, "keyer", Role.KEYER)
    rights = staff.Rights("administrator", Scope())
    await staff.change_rights(desk.clerk.resources, ROOT, name="keyer", rights=rights)
    await desk.goes("sign-in", "li", auth_time=int((clock() - FRESH).timestamp()))
    assert desk.clerk.path == "/console/prove"
    await desk.clerk.sends(
        "/console/prove", {"password": PASSWORD, "back": "/console/account/second-factor"}
    )
    assert desk.clerk.heading == "Set up the second factor"


async def test_identity_is_proved_there_with_a_new_log_in_and_the_code_here(
    desk: Desk, clock: Clock
) -> None:
    person = await linked(desk, "admin", Role.ADMINISTRATOR)
    await desk.clerk.signs_in(person)
    clock.advance(seconds=FRESH.total_seconds())
    await desk.clerk.opens("/console/account/password")
    assert '"/console/sso/prove?back=/console/account/password"' in desk.clerk.page.text
    address = await desk.leaves("prove?back=/console/account/password")
    assert {"prompt": "login", "max_age": "0"}.items() <= httpx.URL(address).params.items()
    have_it_say(desk.issuer, "li", auth_time=int(clock().timestamp()))
    await desk.comes_back(log_in_at(address, "li"))
    refused = await desk.presses(code="000000")
    assert (refused.status_code, "Name, password or code is not right" in refused.text) == (
        403,
        True,
    )
    await desk.presses(code=person.code(clock))
    assert desk.clerk.path == "/console/account/password"
    assert (await desk.session()).record.proved_at == clock()


@pytest.mark.parametrize("purpose", ["prove", "link"])
async def test_an_old_log_in_there_proves_nothing(desk: Desk, clock: Clock, purpose: str) -> None:
    await desk.clerk.signs_in(await hire(desk.clerk.resources, clock, "keyer", Role.KEYER))
    address = await desk.leaves(purpose)
    have_it_say(desk.issuer, "li", auth_time=int(clock().timestamp()) - 61)
    page = await desk.comes_back(log_in_at(address, "li"))
    assert (page.status_code, desk.clerk.heading) == (
        403,
        "Your identity could not be confirmed: please start again",
    )


async def test_the_person_of_another_account_proves_nothing(desk: Desk, clock: Clock) -> None:
    await linked(desk, "other", Role.KEYER, "wang")
    await desk.clerk.signs_in(await linked(desk, "keyer", Role.KEYER))
    clock.advance(seconds=FRESH.total_seconds())
    before = (await desk.session()).record.proved_at
    claims = {"auth_time": int(clock().timestamp()) + 1}
    assert (await desk.goes("prove", "wang", **claims)).status_code == 403
    assert (await desk.session()).record.proved_at == before


async def test_a_person_belongs_to_one_account(desk: Desk, clock: Clock) -> None:
    await linked(desk, "first", Role.KEYER)
    await desk.clerk.signs_in(await hire(desk.clerk.resources, clock, "second", Role.KEYER))
    assert (await desk.goes("link", "li")).status_code == 409
    assert await staff_sso.linked_since(desk.clerk.resources, await desk.session()) is None
    await desk.signs_out()
    await desk.goes("sign-in", "li")
    assert (await desk.session()).account.name == "first"


async def test_unlinking_shuts_the_door_and_ends_other_sessions(desk: Desk, clock: Clock) -> None:
    person = await linked(desk, "keyer", Role.KEYER)
    await desk.goes("sign-in", "li")
    elsewhere = desk.clerk.client.cookies["staff"]
    await desk.clerk.signs_in(person)
    await desk.clerk.opens("/console/sso/unlink")
    await desk.clerk.sends("/console/sso/unlink")
    assert "Link with the city's log-in" in desk.clerk.text
    await desk.signs_out()
    desk.clerk.holds(elsewhere)
    await desk.clerk.opens("/console")
    assert desk.clerk.path == "/console/sign-in"
    assert (await desk.goes("sign-in", "li")).status_code == 403
    assert ("keyer", "account.sso-unlinked", "") in await acts(desk.clerk.resources)


def hold_trip(desk: Desk, sealed: str) -> None:
    cookies = desk.clerk.client.cookies
    cookies.delete("staff-trip") if "staff-trip" in cookies else None
    cookies.set("staff-trip", sealed, domain="testserver.local", path="/console/sso")


async def test_a_confirmation_signs_in_once(desk: Desk) -> None:
    await linked(desk, "keyer", Role.KEYER)
    sealed = await desk.is_confirmed("sign-in", "li")
    await desk.presses()
    assert desk.clerk.path == "/console"
    await desk.signs_out()
    hold_trip(desk, sealed)
    assert (await desk.clerk.sends("/console/sso/sign-in")).status_code == 403
    assert "staff" not in desk.clerk.client.cookies


async def test_a_confirmation_is_for_its_purpose_and_its_session(desk: Desk, clock: Clock) -> None:
    person = await linked(desk, "keyer", Role.KEYER)
    await desk.is_confirmed("sign-in", "li")
    await desk.clerk.signs_in(person)
    for purpose in ("link", "prove"):
        assert (await desk.clerk.sends(f"/console/sso/{purpose}")).status_code == 403
    await desk.is_confirmed("prove", "li")
    assert (await desk.clerk.sends("/console/sso/link")).status_code == 403
    sealed = await desk.is_confirmed("link", "wang")
    assert (await desk.clerk.sends("/console/sso/sign-in")).status_code == 403
    await desk.signs_out()
    await desk.clerk.signs_in(person)
    hold_trip(desk, sealed)
    assert (await desk.clerk.sends("/console/sso/link")).status_code == 403


async def test_a_confirmation_waits_five_minutes(desk: Desk, clock: Clock) -> None:
    await linked(desk, "keyer", Role.KEYER)
    await desk.is_confirmed("sign-in", "li")
    clock.advance(minutes=5)
    assert (await desk.presses()).status_code == 403


async def test_an_answer_that_is_not_for_this_browser_is_refused(desk: Desk) -> None:
    await linked(desk, "keyer", Role.KEYER)
    others = log_in_at(await desk.leaves("sign-in"), "li")
    own = log_in_at(await desk.leaves("sign-in"), "li")
    foreign = {"iss": "https://elsewhere.example"}
    for answer in (
        others,  # of another browser: another state
        own | {"code": others["code"]},  # a token with another nonce
        own | {"state": ""},
        own | foreign,
        {"state": own["state"], "error": "access_denied"},
        {},
    ):
        page = await desk.comes_back(answer)
        assert page.status_code == 403, answer
    assert "staff" not in desk.clerk.client.cookies


async def test_a_code_is_redeemed_once(desk: Desk) -> None:
    address = await desk.leaves("sign-in")
    sealed = desk.clerk.client.cookies["staff-trip"]
    answer = log_in_at(address, "li")
    assert (await desk.comes_back(answer)).status_code == 200
    hold_trip(desk, sealed)
    assert (await desk.comes_back(answer)).status_code == 403


async def test_linking_asks_for_a_proof_first(desk: Desk, clock: Clock) -> None:
    await hire(desk.clerk.resources, clock, "keyer", Role.KEYER)
    await desk.clerk.sits_down_as("keyer", Stage.FULL)
    clock.advance(seconds=FRESH.total_seconds())
    await desk.clerk.opens("/console/sso/link")
    assert desk.clerk.heading == "Please confirm that it is you"


async def test_without_a_provider_there_is_no_such_page(
    client: httpx.AsyncClient, app: FastAPI
) -> None:
    nowhere = dataclasses.replace(app.state.resources, staff_oidc=OidcProvider("", "", ""))
    app.state.resources = nowhere
    assert (await client.get("/console/sso/sign-in")).status_code == 404
    assert "/console/sso" not in (await client.get("/console/sign-in")).text
