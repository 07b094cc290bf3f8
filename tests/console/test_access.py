"""Every staff route × every role × own and foreign objects, against a table written by hand."""

import itertools
from collections.abc import Callable, Iterator

import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import APIRoute

from app.console.access import StaffRule, same_origin, staff_may
from app.domain.accounts.sessions import FRESH, Stage
from app.domain.rights.rights import DANGEROUS, Act, Scope
from app.domain.rights.roles import Role
from app.main import create_app
from app.security import ANYONE, AccessRule
from app.services import staff_sessions
from app.services.resources import Resources
from app.services.waves import Wave
from tests.conftest import settings_for
from tests.console.clerk import FORM, SAME_ORIGIN, Clerk
from tests.domain.rights.test_rights import ALL, EXPECTED, NONE, OWN_ONLY
from tests.support.clock import Clock
from tests.support.staff import hire

OWN = Scope(frozenset({"P1"}), frozenset({"B1"}), frozenset({"D1"}))
ANYBODY, EVERYBODY = "anybody, signed in or not", frozenset(Role)
ADMIN = frozenset({Role.ADMINISTRATOR})
READERS = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
ANALYSTS = frozenset({Role.ANALYST, Role.AUDITOR})
FIELD = frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR})
POINT = "/console/paper/{wave_id}/points/{point_id}"
REVIEWERS = {Role.ADMINISTRATOR, Role.ANALYST}
FINDING = "/console/integrity/{wave_id}/findings/{finding_id}/propose"
CASE = "/console/integrity/{wave_id}/cases/{case_id}"
BATCH = "/console/paper/{wave_id}/batches/{batch_id}"
PERIOD = "/console/scores/{wave_id}/{period_id}"
PREPARED = "/console/releases/{wave_id}/prepared/{prepared_id}"
HALF_WAY = "whoever has given the password"

ROUTES = {
    "GET /console/sign-in": ANYBODY,
    "POST /console/sign-in": ANYBODY,
    "GET /console/welcome/{link_id}": ANYBODY,
    "POST /console/welcome/{link_id}": ANYBODY,
    "GET /console/sso/sign-in": ANYBODY,
    "POST /console/sso/sign-in": ANYBODY,
    "GET /console/sso/callback": ANYBODY,
    "GET /console/sso/confirmed": ANYBODY,
    "GET /console/sso/prove": EVERYBODY,
    "POST /console/sso/prove": EVERYBODY,
    "GET /console/sso/link": EVERYBODY,
    "POST /console/sso/link": EVERYBODY,
    "GET /console/sso/unlink": EVERYBODY,
    "POST /console/sso/unlink": EVERYBODY,
    "GET /console/second-factor": HALF_WAY,
    "POST /console/second-factor": HALF_WAY,
    "POST /console/sign-out": EVERYBODY,
    "GET /console/prove": EVERYBODY,
    "POST /console/prove": EVERYBODY,
    "GET /console": EVERYBODY,
    "GET /console/waves/{wave_id}/{change}": ADMIN,
    "POST /console/waves/{wave_id}/{change}": ADMIN,
    "GET /console/releases": ADMIN | {Role.ANALYST},
    "GET /console/releases/{wave_id}/prepare": ADMIN | {Role.ANALYST},
    "POST /console/releases/{wave_id}/prepare": ADMIN | {Role.ANALYST},
    f"GET {PREPARED}": ADMIN | {Role.ANALYST},
    f"GET {PREPARED}/publish": ADMIN,
    f"POST {PREPARED}/publish": ADMIN,
    "GET /console/keying-worker.js": ANYBODY,
    "GET /console/paper": EVERYBODY - {Role.DEPARTMENT_READER},
    "GET /console/paper/{wave_id}/quality": READERS | {Role.ANALYST},
    "GET /console/paper/{wave_id}/keyed.{kind}": {Role.ANALYST, Role.AUDITOR},
    f"GET {POINT}": READERS | {Role.ANALYST, Role.SUPERVISOR},
    f"POST {POINT}/batches": FIELD,
    f"POST {POINT}/interviewers": FIELD,
    f"POST {POINT}/quotas": FIELD,
    f"GET {POINT}/batches/{{batch_id}}/forms.pdf": FIELD,
    f"GET {POINT}/batches/{{batch_id}}/close": FIELD,
    f"POST {POINT}/batches/{{batch_id}}/close": FIELD,
    f"GET {POINT}/custody": FIELD,
    f"POST {POINT}/custody": FIELD,
    f"GET {POINT}/slips": FIELD,
    f"POST {POINT}/slips": FIELD,
    f"GET {BATCH}/keying": {Role.KEYER},
    f"POST {BATCH}/entries": {Role.KEYER},
    f"POST {BATCH}/calls/open": {Role.KEYER},
    f"POST {BATCH}/calls": {Role.KEYER},
    f"GET {BATCH}/form": {Role.KEYER},
    f"POST {BATCH}/form": {Role.KEYER},
    f"GET {BATCH}/import": {Role.KEYER},
    f"POST {BATCH}/import": {Role.KEYER},
    f"GET {BATCH}/template.{{kind}}": {Role.KEYER},
    f"GET {BATCH}/adjudication": {Role.ADJUDICATOR},
    f"POST {BATCH}/adjudication": {Role.ADJUDICATOR},
    "GET /console/integrity": READERS | {Role.ANALYST},
    "GET /console/integrity/{wave_id}/findings": READERS | {Role.ANALYST},
    f"GET {FINDING}": REVIEWERS,
    f"POST {FINDING}": REVIEWERS,
    f"GET {CASE}/propose": REVIEWERS,
    f"POST {CASE}/propose": REVIEWERS,
    f"GET {CASE}/decide": ADMIN,
    f"POST {CASE}/decide": ADMIN,
    "GET /console/clients": READERS,
    "GET /console/clients/add": ADMIN,
    "POST /console/clients/add": ADMIN,
    "GET /console/clients/{client_id}/revoke": ADMIN,
    "POST /console/clients/{client_id}/revoke": ADMIN,
    "GET /console/scores": READERS | {Role.ANALYST},
    f"GET {PERIOD}": READERS | {Role.ANALYST},
    f"POST {PERIOD}/figures": REVIEWERS,
    f"POST {PERIOD}/prepare": REVIEWERS,
    f"GET {PERIOD}/publish": ADMIN,
    f"POST {PERIOD}/publish": ADMIN,
    f"GET {PERIOD}/departments/{{department_id}}": ANALYSTS | {Role.DEPARTMENT_READER},
    "GET /console/results": ANALYSTS | {Role.DEPARTMENT_READER},
    "GET /console/results/{wave_id}/departments/{department_id}": ANALYSTS
    | {Role.DEPARTMENT_READER},
    "GET /console/results/{wave_id}/responses.{kind}": ANALYSTS,
    "GET /console/results/{wave_id}/codebook.{kind}": ANALYSTS,
    "GET /console/staff": READERS,
    "GET /console/staff/invite": ADMIN,
    "POST /console/staff/invite": ADMIN,
    "GET /console/staff/{staff_id}/rights": ADMIN,
    "POST /console/staff/{staff_id}/rights": ADMIN,
    "GET /console/staff/{staff_id}/reset": ADMIN,
    "POST /console/staff/{staff_id}/reset": ADMIN,
    "GET /console/staff/{staff_id}/disable": ADMIN,
    "POST /console/staff/{staff_id}/disable": ADMIN,
    "GET /console/audit": READERS,
    "GET /console/account": EVERYBODY,
    "GET /console/account/password": EVERYBODY,
    "POST /console/account/password": EVERYBODY,
    "GET /console/account/second-factor": EVERYBODY,
    "POST /console/account/second-factor": EVERYBODY,
    "GET /console/account/recovery-codes": EVERYBODY,
    "POST /console/account/recovery-codes": EVERYBODY,
    "POST /console/account/sessions/{session_id}/end": EVERYBODY,
    "POST /console/account/sessions/end-all": EVERYBODY,
}
SAMPLES = {
    "link_id": "0" * 64,
    "wave_id": "town",
    "change": "pause",
    "staff_id": "somebody",
    "client_id": "nobody",
    "session_id": "00" * 32,
    "kind": "csv",
    "period_id": "2010",
    "finding_id": "0" * 12,
    "case_id": "1",
    "point_id": "P1",
    "batch_id": "B1",
    "prepared_id": "1",
    "department_id": "D1",
}
"""A value for every path parameter; objects that can be one's own are tried on their own below."""


@pytest.fixture
def database_url(make_sqlite: Callable[[], str]) -> str:
    """SQLite: who may do what is decided above the store, which services try on both."""
    return make_sqlite()


def console_routes(app: FastAPI) -> Iterator[tuple[str, list[AccessRule], bool]]:
    """Give method and path of every console route, its rules, and whether it checks the origin."""
    for included in app.routes:
        contexts = getattr(included, "effective_route_contexts", list)()
        for context in contexts:
            if not context.path.startswith("/console"):
                continue
            assert isinstance(context.original_route, APIRoute)
            depends = [one.dependency for one in context.dependencies]
            rules = [one for one in depends if isinstance(one, AccessRule)]
            for method in sorted(context.methods - {"HEAD"}):
                yield f"{method} {context.path}", rules, same_origin.dependency in depends


async def test_every_route_is_in_the_table_and_the_other_way_round(app: FastAPI) -> None:
    assert {route for route, _, _ in console_routes(app)} == set(ROUTES)


async def test_every_route_has_one_rule_and_checks_the_origin(app: FastAPI) -> None:
    wrong = [
        route for route, rules, checked in console_routes(app) if len(rules) != 1 or not checked
    ]
    assert wrong == []


async def test_only_what_precedes_a_session_is_open_to_anybody(app: FastAPI) -> None:
    open_ones = {route for route, rules, _ in console_routes(app) if rules == [ANYONE.dependency]}
    assert open_ones == {route for route, who in ROUTES.items() if who == ANYBODY}


async def test_what_changes_anything_dangerous_asks_for_a_proof(app: FastAPI) -> None:
    dangerous = {
        route
        for route, [rule], _ in console_routes(app)
        if isinstance(rule, StaffRule) and rule.act in DANGEROUS
    }
    harmless = {"sign-in", "welcome", "second-factor", "sign-out", "prove", "sessions", "paper"}
    # What is proposed, prepared or entered changes nothing until somebody else decides.
    harmless |= {"propose", "prepare", "figures"}
    posts = {one for one in ROUTES if one.startswith("POST")}
    assert {one for one in posts - dangerous if not harmless & set(one.split("/"))} == set()
    assert {f"GET {one.split()[1]}" for one in dangerous} <= dangerous, "no page to go back to"


def address(route: str) -> str:
    return route.split()[1].format(**SAMPLES)


async def outcome(clerk: Clerk, method: str, path: str) -> str:
    """Ask without following: `in`, `refused`, or the step one is led to."""
    headers = SAME_ORIGIN | (FORM if method == "POST" else {})
    reply = await clerk.client.request(method, path, headers=headers)
    if reply.status_code == 403 and "Your role does not allow this" in reply.text:
        return "refused"
    step = reply.headers.get("location", "").partition("?")[0]
    steps = ("/console/sign-in", "/console/prove", "/console/second-factor")
    return step if step in steps else f"in ({reply.status_code})"


@pytest.mark.parametrize("role", list(Role))
async def test_routes_let_in_whom_the_table_says(
    clerk: Clerk, clock: Clock, town: Wave, role: Role
) -> None:
    await hire(clerk.resources, clock, "me", role, OWN)
    await hire(clerk.resources, clock, "somebody", Role.KEYER)
    wrong = []
    for route, who in ROUTES.items():
        if isinstance(who, str) or route in _ENDS:
            continue
        await clerk.sits_down_as("me")
        found = await outcome(clerk, route.split()[0], address(route))
        if found.startswith("in (5") or found.startswith("in") is not (role in who):
            wrong.append((route, found))
    assert wrong == []


_ENDS = {"POST /console/sign-out", "POST /console/account/sessions/end-all"}


@pytest.mark.parametrize("route", sorted(_ENDS))
@pytest.mark.parametrize("role", list(Role))
async def test_everybody_may_leave(clerk: Clerk, clock: Clock, role: Role, route: str) -> None:
    await hire(clerk.resources, clock, "me", role)
    await clerk.sits_down_as("me")
    assert await outcome(clerk, "POST", address(route)) == "/console/sign-in"
    assert await outcome(clerk, "GET", "/console") == "/console/sign-in"


async def test_without_a_session_every_route_leads_to_signing_in(clerk: Clerk, town: Wave) -> None:
    for token in ("", "0" * 64, "é", "x" * 5000):
        for route, who in ROUTES.items():
            if who == ANYBODY:
                continue
            headers = SAME_ORIGIN | (FORM if route.startswith("POST") else {})
            headers["cookie"] = f"language=en; staff={token}"
            reply = await clerk.client.request(
                route.split()[0],
                address(route),
                headers={name: value.encode() for name, value in headers.items()},
            )
            assert reply.headers.get("location") == "/console/sign-in", route


@pytest.mark.parametrize("stage", [Stage.SECOND_FACTOR, Stage.ENROLMENT])
async def test_half_a_sign_in_leads_to_its_other_half_only(
    clerk: Clerk, clock: Clock, town: Wave, stage: Stage
) -> None:
    await hire(clerk.resources, clock, "me", Role.ADMINISTRATOR)
    step = {
        Stage.SECOND_FACTOR: "/console/second-factor",
        Stage.ENROLMENT: "/console/account/second-factor",
    }[stage]
    proofs = ("/prove",) if stage is Stage.ENROLMENT else ()  # of an old log-in by the provider
    for route, who in ROUTES.items():
        if who == ANYBODY or route in _ENDS or route.endswith((f" {step}", *proofs)):
            continue
        await clerk.sits_down_as("me", stage)
        reply = await clerk.client.request(
            route.split()[0], address(route), headers=SAME_ORIGIN | FORM
        )
        assert reply.headers.get("location") == step, route


async def test_dangerous_routes_ask_again_after_some_minutes(
    clerk: Clerk, clock: Clock, app: FastAPI, town: Wave
) -> None:
    await hire(clerk.resources, clock, "me", Role.ADMINISTRATOR)
    await hire(clerk.resources, clock, "somebody", Role.KEYER)
    await clerk.sits_down_as("me")
    clock.advance(seconds=FRESH.total_seconds())
    for route, [rule], _ in list(console_routes(app)):
        if isinstance(rule, StaffRule) and rule.act in DANGEROUS:
            found = await outcome(clerk, route.split()[0], address(route))
            assert found == "/console/prove", route
    account = await staff_sessions.find_session(clerk.resources, clerk.client.cookies["staff"])
    assert account.account.is_active


OBJECTS = {"point": ("P1", "P2"), "batch": ("B1", "B2"), "department": ("D1", "D2")}


def add_probes(app: FastAPI) -> None:
    """Add a route for every act to every kind of object, as later pages will."""
    router = APIRouter(dependencies=[same_origin])

    async def probe(request: Request) -> dict[str, str]:
        return {"path": request.url.path}

    for act, kind in itertools.product(Act, OBJECTS):
        path = f"/console/probe/{act.name}/{kind}/{{{kind}_id}}"
        router.add_api_route(path, probe, methods=["POST"], dependencies=[staff_may(act)])
    app.include_router(router)


class TestProbes:
    @pytest.fixture(scope="class")
    @classmethod
    def built_app(cls, make_sqlite: Callable[[], str]) -> FastAPI:
        made = create_app(settings_for(make_sqlite()))
        add_probes(made)
        return made

    @pytest.mark.parametrize("role", list(Role))
    async def test_own_objects_are_open_and_foreign_ones_are_not(
        self, clerk: Clerk, clock: Clock, role: Role
    ) -> None:
        await hire(clerk.resources, clock, "me", role, OWN)
        wrong = []
        await clerk.sits_down_as("me")
        for (act, kind), row in EXPECTED.items():
            expected = row[list(Role).index(role)]
            for code, may in zip(OBJECTS[kind], (expected != NONE, expected == ALL), strict=True):
                found = await outcome(clerk, "POST", f"/console/probe/{act.name}/{kind}/{code}")
                if (found == "in (200)") is not may:
                    wrong.append((act, code, found))
                assert expected in (ALL, OWN_ONLY, NONE)
        assert wrong == []


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.KEYER, Role.ADJUDICATOR])
async def test_points_and_batches_of_others_are_closed_to_whoever_has_own_ones(
    clerk: Clerk, clock: Clock, town: Wave, role: Role
) -> None:
    await hire(clerk.resources, clock, "me", role, OWN)
    await clerk.sits_down_as("me")
    foreign = SAMPLES | {"point_id": "P2", "batch_id": "B2"}
    for route in ROUTES:
        method, _, path = route.partition(" ")
        if "{point_id}" in path or "{batch_id}" in path:
            found = await outcome(clerk, method, path.format(**foreign))
            assert found == "refused", route


async def test_a_session_of_somebody_else_is_foreign(
    clerk: Clerk, clock: Clock, resources: Resources
) -> None:
    for name in ("me", "other"):
        await hire(resources, clock, name, Role.KEYER)
    await clerk.sits_down_as("other")
    other = clerk.client.cookies["staff"]
    theirs = (await staff_sessions.find_session(resources, other)).record.token_hash.hex()
    await clerk.sits_down_as("me")
    reply = await clerk.sends(f"/console/account/sessions/{theirs}/end", follow=False)
    assert reply.status_code == 404
    assert await staff_sessions.find_session(resources, other)
    await clerk.sits_down_as("other")
    reply = await clerk.sends(f"/console/account/sessions/{theirs}/end", follow=False)
    assert reply.status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": ""},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
    ids=str,
)
async def test_no_post_is_taken_that_is_not_surely_from_our_pages(
    clerk: Clerk, clock: Clock, town: Wave, headers: dict[str, str]
) -> None:
    await hire(clerk.resources, clock, "me", Role.ADMINISTRATOR)
    await hire(clerk.resources, clock, "somebody", Role.KEYER)
    await clerk.sits_down_as("me")
    for route in ROUTES:
        if route.startswith("POST"):
            reply = await clerk.client.post(address(route), headers=FORM | headers)
            assert reply.status_code == 403, route
    assert (await clerk.client.get("/console")).status_code == 200


async def test_a_post_with_our_own_origin_is_taken(clerk: Clerk) -> None:
    reply = await clerk.client.post(
        "/console/sign-in",
        content="name=x&password=y",
        headers=FORM | {"origin": "http://testserver"},
    )
    assert "Name, password or code is not right" in reply.text
