"""Everything that must not get a token, or pass for one."""

import base64

import httpx
import pytest

from app.services.clients import Credentials
from app.services.resources import Resources
from tests.support.scoring import FORM, TOKEN, add_client, ask_token

CHANGES = "/api/v1/changes"


@pytest.fixture
async def made(resources: Resources) -> Credentials:
    return await add_client(resources, "events:read", "scheme:xiamen-2008")


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


GRANT = "grant_type=client_credentials"


@pytest.mark.parametrize(
    ("body", "header", "expected"),
    [
        (GRANT, None, (401, "invalid_client")),
        (GRANT, "{id}:wrong", (401, "invalid_client")),
        (GRANT, "{id}:", (401, "invalid_client")),
        (GRANT, "00000000000000000000000000000000:{secret}", (401, "invalid_client")),
        (GRANT, "%00:{secret}", (401, "invalid_client")),
        (GRANT, "no colon", (401, "invalid_client")),
        (f"{GRANT}&client_id={{id}}", None, (401, "invalid_client")),
        (f"{GRANT}&client_secret=x", "{id}:{secret}", (400, "invalid_request")),
        (f"{GRANT}&client_id=other", "{id}:{secret}", (400, "invalid_request")),
        (f"{GRANT}&{GRANT}", "{id}:{secret}", (400, "invalid_request")),
        ("grant_type", "{id}:{secret}", (400, "invalid_request")),
        ("", "{id}:{secret}", (400, "unsupported_grant_type")),
        ("grant_type=password", "{id}:{secret}", (400, "unsupported_grant_type")),
        (f"{GRANT}&scope=scheme:beijing", "{id}:{secret}", (400, "invalid_scope")),
        (f"{GRANT}&scope=events:read+admin", "{id}:{secret}", (400, "invalid_scope")),
    ],
    ids=str,
)
async def test_refusals_have_the_shape_of_the_standard(
    client: httpx.AsyncClient,
    made: Credentials,
    body: str,
    header: str | None,
    expected: tuple[int, str],
) -> None:
    names = {"id": made.client_id, "secret": made.secret}
    headers = dict(FORM)
    if header is not None:
        headers["authorization"] = basic(header.format(**names))
    reply = await client.post(TOKEN, content=body.format(**names), headers=headers)
    assert (reply.status_code, reply.json()["error"]) == expected
    assert set(reply.json()) == {"error", "error_description"}
    assert reply.headers["cache-control"] == "no-store"
    assert ("www-authenticate" in reply.headers) == (reply.status_code == 401)
    assert made.secret not in reply.text


@pytest.mark.parametrize("header", ["Basic", "Basic é", "Basic %%%", "Bearer abc", "x" * 5000])
async def test_a_header_that_is_no_basic_is_refused(client: httpx.AsyncClient, header: str) -> None:
    headers = FORM | {"authorization": header}
    raw = {name: value.encode() for name, value in headers.items()}
    assert (await client.post(TOKEN, content=GRANT, headers=raw)).status_code == 401


async def test_json_is_no_token_request(client: httpx.AsyncClient) -> None:
    reply = await client.post(TOKEN, json={"grant_type": "client_credentials"})
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_request")


async def test_guessing_is_slowed_down(client: httpx.AsyncClient, made: Credentials) -> None:
    wrong = Credentials(made.client_id, "0" * 64)
    found = [(await ask_token(client, wrong)).status_code for _ in range(21)]
    assert found == [401] * 20 + [429]
    assert (await ask_token(client, made)).status_code == 429, "the right one waits too"


async def test_without_a_token_nothing_is_shown(client: httpx.AsyncClient) -> None:
    reply = await client.get(CHANGES)
    assert (reply.status_code, reply.json()["code"]) == (401, "token-missing")
    assert reply.headers["www-authenticate"] == 'Bearer realm="minyi"'


@pytest.mark.parametrize("token", ["", "0" * 64, "x", "é", "\x00", "0" * 9000, "0" * 63 + "\n"])
async def test_a_token_of_somebodys_own_is_refused(client: httpx.AsyncClient, token: str) -> None:
    reply = await client.get(CHANGES, headers={b"authorization": f"Bearer {token}".encode()})
    assert (reply.status_code, reply.json()["code"]) == (401, "token-refused")
    assert 'error="invalid_token"' in reply.headers["www-authenticate"]
