"""Tokens of clients: a secret in exchange for a short-lived, opaque token (RFC 6749 section 4.4).

Secrets and tokens are 256 random bits, so that a keyed hash is all the protection they need. State
and scopes are read from the client with every request: a revocation holds at once.
"""

import dataclasses
import datetime
import hmac
import re

from app.domain.clients.scopes import read_scopes, schemes_of
from app.errors.clients import ClientRefused, ScopeRefused, TokenRefused
from app.services.resources import Resources
from app.store import clients as store
from app.store.clients import ClientRecord
from app.store.randomness import random_bytes

TOKEN_BYTES = 32
GOOD_FOR = datetime.timedelta(minutes=15)
_ID = re.compile(r"[0-9a-f]{32}")
_TOKEN = re.compile(r"[0-9a-f]{64}")


@dataclasses.dataclass(frozen=True, slots=True)
class Client:
    """A scoring system at work, with what its token allows."""

    id: str
    name: str
    scopes: frozenset[str]

    @property
    def schemes(self) -> frozenset[str]:
        """The schemes whose evaluations it may see."""
        return schemes_of(self.scopes)


@dataclasses.dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made; it goes to the client and nowhere else."""

    token: str
    scopes: frozenset[str]


def hash_secret(resources: Resources, secret: str) -> bytes:
    """Give the keyed hash under which a client's secret is stored."""
    return resources.keys.mac("client-secret", "", secret.encode("utf-8", "surrogatepass"))


async def issue_token(
    resources: Resources, *, client_id: str, secret: str, scope: str = ""
) -> NewToken:
    """Exchange a client's secret for a token with these scopes; an empty word asks for all it has.

    Raises ClientRefused, and ScopeRefused where the client asks for more than it has.
    """
    client = await _authenticated(resources, client_id, secret)
    scopes = read_scopes(scope) or client.scopes
    if not scopes <= client.scopes:
        raise ScopeRefused
    now, token = resources.now(), random_bytes(TOKEN_BYTES).hex()
    async with resources.database.writing() as connection:
        await store.insert_token(
            connection,
            client_id=client.id,
            token_hash=_hash(resources, token),
            scopes=scopes,
            expires_at=now + GOOD_FOR,
            now=now,
        )
    return NewToken(token, scopes)


async def _authenticated(resources: Resources, client_id: str, secret: str) -> ClientRecord:
    known = _ID.fullmatch(client_id) is not None
    async with resources.database.reading() as connection:
        client = await store.find_client(connection, client_id) if known else None
    expected = client.secret_hash if client else bytes(32)
    right = hmac.compare_digest(hash_secret(resources, secret), expected)
    if client is None or not right or not client.is_active:
        raise ClientRefused
    return client


async def client_of_token(resources: Resources, token: str) -> Client:
    """Find whose token this is. Raises TokenRefused where it has expired or was ended."""
    if not _TOKEN.fullmatch(token):
        raise TokenRefused
    async with resources.database.reading() as connection:
        found = await store.find_by_token(connection, _hash(resources, token), resources.now())
    if found is None:
        raise TokenRefused
    client, granted = found
    return Client(client.id, client.name, granted & client.scopes)


def _hash(resources: Resources, token: str) -> bytes:
    return resources.keys.mac("client-token", "", token.encode())
