"""Addresses, methods, headers and cookies that no browser of ours sends."""

from collections.abc import AsyncIterator

import httpx
import pytest

from app.main import create_app
from tests.conftest import settings_for
from tests.hostile.conftest import CANARY, FORM, JSON, Target, assert_refused, make_target
from tests.hostile.test_bodies import WRONG_ANSWERS
from tests.support.clock import Clock

FOREIGN: list[dict[str, str]] = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://testserver.evil.example"},
    {"origin": "http://testserver:81"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_another_site_can_not_submit(target: Target, headers: dict[str, str]) -> None:
    before = await target.state()
    assert_refused(await target.post(target.body(), **headers), 403, "foreign-origin")
    assert await target.state() == before


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
@pytest.mark.parametrize("page", ["start", "code", "submit", "s/about_you", "departments"])
async def test_another_site_can_not_post_a_page(
    target: Target, headers: dict[str, str], page: str
) -> None:
    before = await target.state()
    reply = await target.client.post(
        f"/w/town/{page}", content="class=residents", headers=FORM | headers
    )
    assert_refused(reply, 403)
    assert "set-cookie" not in reply.headers
    assert await target.state() == before


async def test_the_same_site_can(target: Target) -> None:
    headers = {"origin": "http://testserver", "sec-fetch-site": "same-origin"}
    assert (await target.post(target.body(), **headers)).status_code == 201


PATHS = [
    "/api/v1/waves/%2e%2e/town",
    "/api/v1/waves/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "/api/v1/waves/town%00",
    "/api/v1/waves/%00",
    "/api/v1/waves/TOWN",
    "/api/v1/waves/town.",
    "/api/v1/waves/town%20",
    "/api/v1/waves/%ff%fe",
    "/api/v1/waves//town",
    "//api/v1/waves",
    "/api/v1/../v1/waves/x",
    "/api/v1/waves/" + "a" * 8000,
    "/api/v1/waves/%F0%9F%92%A9",
    "/api/v1/waves/town;x=1",
    "/api/v1/receipts/%00",
    "/api/v1/receipts/" + "Z" * 26,
    "/api/v1/receipts/" + "0" * 8000,
    "/api/v1/receipts/..%2f..",
    "/w/%00",
    "/w/town%00",
    "/w/%2e%2e/privacy",
    "/w/" + "x" * 8000,
    "/r/%00",
    "/r/%ff",
    "/static/../../app/settings.py",
    "/static/%2e%2e/%2e%2e/pyproject.toml",
    "/static/x/%2e%2e%2fmain.py",
    "/static/x/minyi.css%00",
    "/.env",
    "/.git/config",
    "/console/nowhere",
]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:40])
async def test_a_path_that_leads_nowhere_is_not_found(target: Target, path: str) -> None:
    before = await target.state()
    address = httpx.URL("http://testserver").copy_with(raw_path=path.encode())
    assert_refused(await target.client.get(address), 404)
    assert await target.state() == before


async def test_a_query_is_not_repeated(target: Target) -> None:
    for path in ("/w/town", "/w/nowhere", "/api/v1/waves", "/privacy"):
        reply = await target.client.get(path, params={"x": CANARY, CANARY: "\0"})
        assert reply.status_code in (200, 404)
        assert CANARY not in reply.text


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "PROPFIND", "X"])
async def test_other_methods_are_refused(target: Target, method: str) -> None:
    before = await target.state()
    for path in (f"{target.api}/responses", "/w/town/start", "/api/v1/waves", "/"):
        reply = await target.client.request(method, path, json=target.body())
        assert_refused(reply, 405)
        assert reply.headers["allow"]
    assert await target.state() == before


@pytest.mark.parametrize("header", ["x-http-method-override", "x-method-override", "x-http-method"])
async def test_a_method_can_not_be_overridden(target: Target, header: str) -> None:
    reply = await target.client.get(
        f"{target.api}/responses", headers={header: "POST"}, params={"_method": "POST"}
    )
    assert_refused(reply, 405)


SPOOFED: list[dict[str, str]] = [
    {"x-forwarded-for": "203.0.113.7"},
    {"forwarded": "for=203.0.113.7;host=evil.example"},
    {"x-real-ip": "203.0.113.7"},
    {"x-forwarded-host": "evil.example"},
    {"x-forwarded-proto": "https"},
    {"x-original-url": "/console"},
    {"x-rewrite-url": "/console"},
]


async def test_a_sender_can_not_change_its_name_to_guess_on(target: Target) -> None:
    """Only a proxy that is configured is believed, and it is the server that reads it."""
    statuses = [
        (
            await target.post(
                target.body(permit=CANARY),
                **{"x-forwarded-for": f"203.0.113.{n}", "forwarded": f"for=203.0.113.{n}"},
            )
        ).status_code
        for n in range(25)
    ]
    assert statuses == [403] * 20 + [429] * 5


@pytest.mark.parametrize("headers", SPOOFED, ids=str)
async def test_spoofed_headers_change_no_page(target: Target, headers: dict[str, str]) -> None:
    for path in ("/", "/w/town", "/api/v1/waves"):
        plain, spoofed = [await target.client.get(path, headers=given) for given in ({}, headers)]
        assert (spoofed.status_code, spoofed.text) == (plain.status_code, plain.text)
        assert "evil" not in str(spoofed.headers)


async def test_a_flood_of_headers_changes_nothing(target: Target) -> None:
    headers = JSON | {f"x-{n}": CANARY * 20 for n in range(500)}
    reply = await target.post(target.body(permit="x"), **headers)
    assert_refused(reply, 403, "permit-refused")


COOKIES = [
    b"permit=",
    b"permit=\x80\xff",
    b"permit=" + b"x" * 5000,
    b"permit=o.residents.web....",
    b"permit=;permit=;permit=",
    b"permit",
    b"=permit",
    b";;;===",
    b"permit=" + CANARY.encode(),
    b'permit="\\000\\777"',
    b"language=xx; size=huge; permit=c00",
]


@pytest.mark.parametrize("cookie", COOKIES, ids=lambda cookie: repr(cookie[:30]))
async def test_rubbish_in_cookies_opens_nothing(target: Target, cookie: bytes) -> None:
    before = await target.state()
    for path in ("/w/town/review", "/w/town/s/about_you"):
        reply = await target.client.get(path, headers=[(b"cookie", cookie)])
        assert_refused(reply, 403)
    assert (await target.client.get("/w/town", headers=[(b"cookie", cookie)])).status_code == 200
    assert await target.state() == before


FORMS = [
    b"class=%00",
    b"class=residents&class=organs",
    b"class=%ff%fe",
    b"class=residents&%00=1",
    b"class=residents&unknown=" + CANARY.encode(),
    b"class=" + b"x" * 60_000,
    b"&" * 60_000,
    b"a=1&" * 15_000,
    b"class",
    b"\xff\xfe",
    b"class=residents&window=%00",
    b"class=residents&department=" + CANARY.encode(),
]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: repr(form[:30]))
async def test_a_form_that_no_page_has_starts_nothing(target: Target, form: bytes) -> None:
    before = await target.state()
    reply = await target.client.post("/w/town/start", content=form, headers=FORM)
    assert 400 <= reply.status_code < 500
    assert_refused(reply, reply.status_code)
    assert "set-cookie" not in reply.headers
    assert await target.state() == before


@pytest.fixture
async def postgresql_target(postgresql_url: str, clock: Clock) -> AsyncIterator[Target]:
    settings = settings_for(postgresql_url)
    app = create_app(settings, clock)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield await make_target(client, app.state.resources)
    await app.state.resources.close()


async def test_nothing_of_this_upsets_postgresql(postgresql_target: Target) -> None:
    """It is stricter than SQLite about what is text: a NUL, a broken letter, a long word."""
    client, seen = postgresql_target.client, set()
    before = await postgresql_target.state()
    for path in PATHS:
        address = httpx.URL("http://testserver").copy_with(raw_path=path.encode())
        seen.add((await client.get(address)).status_code)
    for cookie in COOKIES:
        reply = await client.get("/w/town/review", headers=[(b"cookie", cookie)])
        seen.add(reply.status_code)
    for form in FORMS:
        reply = await client.post("/w/town/start", content=form, headers=FORM)
        seen.add(reply.status_code)
    for given in WRONG_ANSWERS.values():
        reply = await postgresql_target.post(postgresql_target.with_answer(**given))
        seen.add(reply.status_code)
    assert all(400 <= status < 500 for status in seen), seen
    assert await postgresql_target.state() == before
