"""A provider that lies: every token but the right one is refused."""

import base64
import datetime
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from app.domain.deduplication.log_in import Handshake
from app.errors.answering import IdentityCheckFailed, IdentityCheckUnavailable
from app.services.oidc_provider import Answer, OidcProvider

NOW = datetime.datetime(2026, 11, 10, 4, tzinfo=datetime.UTC)
KEY = RSAKey.generate_key(2048, {"kid": "a"}, private=True)
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "a"}, private=True)
HANDSHAKE = Handshake(state="s" * 48, nonce="n" * 48, verifier="v" * 64)
ANSWER = Answer(state=HANDSHAKE.state, code="c")


class Provider:
    """Answers with what a test puts in; notes what the token endpoint was sent."""

    def __init__(self) -> None:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.reply(provider.documents.get(self.path))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                provider.asked = {k: v[0] for k, v in parse_qs(body.decode()).items()}
                self.reply(provider.token_reply)

            def reply(self, document: Any) -> None:
                body = json.dumps(document).encode()
                self.send_response(404 if document is None else 200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.asked: dict[str, str] = {}
        self.token_reply: Any = None
        self.documents: dict[str, Any] = {
            "/.well-known/openid-configuration": {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
            },
            "/jwks": {"keys": [KEY.as_dict(private=False), {"kty": "SM2", "kid": "b"}]},
        }

    def claims(self, **changed: object) -> dict[str, Any]:
        issued = int(NOW.timestamp())
        right = {
            "iss": self.issuer,
            "sub": "li",
            "aud": "minyi",
            "iat": issued,
            "exp": issued + 300,
            "nonce": HANDSHAKE.nonce,
        }
        return {k: v for k, v in (right | changed).items() if v is not None}

    def gives(self, id_token: str) -> None:
        self.token_reply = {"access_token": "a", "token_type": "Bearer", "id_token": id_token}


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def signed(claims: dict[str, Any], key: RSAKey = KEY) -> str:
    return jwt.encode({"alg": "RS256", "kid": "a"}, claims, key)


def by_hand(header: dict[str, str], claims: dict[str, Any], secret: bytes) -> str:
    """A token as an attacker makes it: unsigned, or by HMAC with the public key for a secret."""
    parts = [base64url(json.dumps(part).encode()) for part in (header, claims)]
    mac = hmac.digest(secret, ".".join(parts).encode(), "sha256") if secret else b""
    return ".".join([*parts, base64url(mac)])


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


async def subject_of(provider: Provider) -> str:
    client = OidcProvider(provider.issuer, "minyi", "secret")
    found = await client.subject(HANDSHAKE, ANSWER, redirect_uri="http://here/back", now=NOW)
    assert found.issuer == provider.issuer
    return found.subject


async def test_the_right_token_is_accepted_and_the_verifier_was_shown(provider: Provider) -> None:
    provider.gives(signed(provider.claims()))
    assert await subject_of(provider) == "li"
    assert provider.asked["code_verifier"] == HANDSHAKE.verifier
    assert provider.asked["redirect_uri"] == "http://here/back"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "http://elsewhere.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": "another", "azp": "minyi"},
        {"aud": ["minyi", "another"], "azp": "another"},
        {"aud": None},
        {"nonce": "x" * 48},
        {"nonce": None},
        {"exp": int(NOW.timestamp()) - 61},
        {"exp": None},
        {"iat": None},
        {"iat": int(NOW.timestamp()) + 3600},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"at_hash": "wrong"},
    ],
)
async def test_a_token_that_is_not_for_this_log_in_is_refused(
    provider: Provider, changed: dict[str, object]
) -> None:
    provider.gives(signed(provider.claims(**changed)))
    with pytest.raises(IdentityCheckFailed):
        await subject_of(provider)


async def test_a_signature_that_proves_nothing_is_refused(provider: Provider) -> None:
    claims = provider.claims()
    unsigned = by_hand({"alg": "none"}, claims, b"")
    confused = by_hand({"alg": "HS256", "kid": "a"}, claims, KEY.as_pem(private=False))
    for token in (signed(claims, OTHER_KEY), confused, unsigned, "rubbish"):
        provider.gives(token)
        with pytest.raises(IdentityCheckFailed):
            await subject_of(provider)


@pytest.mark.parametrize("reply", [None, [], 7, {}, {"error": "invalid_grant"}, {"id_token": 7}])
async def test_a_reply_without_a_token_lets_nobody_in(provider: Provider, reply: object) -> None:
    provider.token_reply = reply
    with pytest.raises((IdentityCheckFailed, IdentityCheckUnavailable)):
        await subject_of(provider)


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "http://elsewhere.example"},
        {"issuer": 7},
        {"jwks_uri": "not an address"},
        {"jwks_uri": None},
    ],
)
async def test_a_description_that_does_not_fit_is_not_used(
    provider: Provider, changed: dict[str, object]
) -> None:
    provider.documents["/.well-known/openid-configuration"] |= changed
    provider.gives(signed(provider.claims()))
    with pytest.raises(IdentityCheckUnavailable):
        await subject_of(provider)


async def test_the_name_comes_from_the_same_person_or_not_at_all(provider: Provider) -> None:
    description = provider.documents["/.well-known/openid-configuration"]
    description["userinfo_endpoint"] = f"{provider.issuer}/userinfo"
    provider.gives(signed(provider.claims()))

    async def name() -> str:
        client = OidcProvider(provider.issuer, "minyi", "secret")
        found = await client.subject(
            HANDSHAKE, ANSWER, redirect_uri="http://here", now=NOW, by_name=True
        )
        return found.name

    provider.documents["/userinfo"] = {"sub": "li", "name": "李明"}
    assert await name() == "李明"
    provider.documents["/userinfo"] = {"sub": "wang", "name": "王芳"}
    with pytest.raises(IdentityCheckFailed):
        await name()
