"""An OpenID Connect provider as a client sees it: code flow with PKCE, state and nonce.

The city may have one for citizens and another for staff. Follows OpenID Connect Core 1.0 (sections
3.1.2, 3.1.3.7), RFC 7636 (PKCE) and RFC 9207 (`iss` in the answer). Token and claims go no further
than this module's result.
"""

import asyncio
import dataclasses
import datetime
import functools
import hmac
import ssl
from collections.abc import Mapping
from typing import Any

import structlog

from app.domain.deduplication.log_in import Handshake
from app.errors.answering import IdentityCheckFailed, IdentityCheckUnavailable
from app.errors.operations import NotInstalled
from app.settings import Settings
from app.store.randomness import random_bytes

try:
    import httpx2
    from authlib.common.errors import AuthlibBaseError
    from authlib.integrations.httpx_client import AsyncOAuth2Client
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
    from joserfc.jwk import KeySet
except ImportError:  # the extra `oidc` is not installed
    AsyncOAuth2Client = None

TIMEOUT_SECONDS = 5.0
LEEWAY_SECONDS = 60
"""How far the provider's clock and ours may differ."""
KEPT_FOR = datetime.timedelta(minutes=10)
ALGORITHMS = ("RS256", "ES256", "PS256", "RS384", "ES384", "PS384", "EdDSA")
"""Asymmetric signatures only: no `none`, and no HMAC with a public key for a secret."""
LONGEST_NAME = 60

_MALFORMED = (ValueError, KeyError, TypeError, AttributeError)
"""What comes of JSON that is not of the shape the standard says."""

_log = structlog.get_logger("minyi.oidc")


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What a browser brings back from the provider; `issuer` is empty where it tells none."""

    state: str
    code: str
    issuer: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Subject:
    """Whom the provider vouches for. `name` is empty where it tells none.

    `authenticated_at` is when the person last proved who they are, in seconds since 1970, None
    where it is not told; `methods` are the values of `acr` and `amr` (Core 2), which say how.
    """

    issuer: str
    subject: str
    name: str = ""
    authenticated_at: int | None = None
    methods: frozenset[str] = frozenset()


def new_handshake() -> Handshake:
    """Make what must come back unchanged."""
    return Handshake(
        state=random_bytes(24).hex(), nonce=random_bytes(24).hex(), verifier=random_bytes(32).hex()
    )


@dataclasses.dataclass(frozen=True, slots=True)
class _Description:
    metadata: Mapping[str, Any]
    keys: Any
    until: datetime.datetime


class OidcProvider:
    """One provider; its description and keys are kept for some minutes."""

    def __init__(self, issuer: str, client_id: str, client_secret: str) -> None:
        self.issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._description: _Description | None = None
        self._lock = asyncio.Lock()

    @property
    def is_set_up(self) -> bool:
        """Whether the settings name a provider."""
        return bool(self.issuer)

    def require_set_up(self) -> None:
        """Raise IdentityCheckUnavailable or NotInstalled where nobody can ever log in."""
        if not self.is_set_up:
            raise IdentityCheckUnavailable("No log-in provider is set up (MINYI_OIDC_ISSUER)")
        if AsyncOAuth2Client is None:
            raise NotInstalled("Log-in by OpenID Connect needs: pip install 'minyi[oidc]'")

    async def address(
        self,
        handshake: Handshake,
        *,
        redirect_uri: str,
        scope: str,
        now: datetime.datetime,
        anew: bool = False,
    ) -> str:
        """Give the address at the provider to which the browser goes.

        With `anew` whoever is logged in there has to prove it again (Core 3.1.2.1). Raises
        IdentityCheckUnavailable.
        """
        description = await self._described(now)
        more = {"prompt": "login", "max_age": "0"} if anew else {}
        async with self._client(redirect_uri, scope) as client:
            url, _state = client.create_authorization_url(
                description.metadata["authorization_endpoint"],
                state=handshake.state,
                nonce=handshake.nonce,
                code_verifier=handshake.verifier,
                **more,
            )
        return str(url)

    async def subject(
        self,
        handshake: Handshake,
        answer: Answer,
        *,
        redirect_uri: str,
        now: datetime.datetime,
        by_name: bool = False,
    ) -> Subject:
        """Redeem the code that the browser brought back; `by_name` asks for the name too.

        Raises IdentityCheckFailed where the answer is not for this browser, the provider refuses
        the code or its token is not for this log-in, and IdentityCheckUnavailable where the
        provider does not answer.
        """
        self._require_own_answer(handshake, answer)
        description = await self._described(now)
        try:
            async with self._client(redirect_uri) as client:
                token = await client.fetch_token(
                    description.metadata["token_endpoint"],
                    code=answer.code,
                    code_verifier=handshake.verifier,
                )
                claims = await self._verified(token, description, handshake, now)
                found = _subject(self.issuer, claims)
                if by_name:
                    name = await self._name(client, description, found.subject)
                    found = dataclasses.replace(found, name=name)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise _unavailable(error) from None
        except (AuthlibBaseError, JoseError, *_MALFORMED) as error:
            _log.warning("log-in refused", error=type(error).__name__)
            raise IdentityCheckFailed from None
        return found

    def _require_own_answer(self, handshake: Handshake, answer: Answer) -> None:
        same = hmac.compare_digest(handshake.state.encode(), answer.state.encode())
        foreign = answer.issuer and answer.issuer.rstrip("/") != self.issuer.rstrip("/")
        if not same or not answer.code or foreign:
            raise IdentityCheckFailed

    async def _name(self, client: Any, description: _Description, subject: str) -> str:
        """Ask for the name where it is kept for this flow (Core 5.4): the UserInfo endpoint."""
        if "userinfo_endpoint" not in description.metadata:
            return ""
        reply = await client.get(description.metadata["userinfo_endpoint"])
        claims = reply.raise_for_status().json()
        if claims["sub"] != subject:
            raise ValueError
        return str(claims.get("name", ""))[:LONGEST_NAME]

    async def _verified(
        self,
        token: Mapping[str, Any],
        description: _Description,
        handshake: Handshake,
        now: datetime.datetime,
    ) -> Mapping[str, Any]:
        try:
            decoded = jwt.decode(token["id_token"], description.keys, algorithms=ALGORITHMS)
        except (InvalidKeyIdError, BadSignatureError):  # the provider may have a new key
            self._description = None
            description = await self._described(now)
            decoded = jwt.decode(token["id_token"], description.keys, algorithms=ALGORITHMS)
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            options={
                "iss": {"essential": True, "value": description.metadata["issuer"]},
                "aud": {"essential": True, "value": self._client_id},
                "sub": {"essential": True},
            },
            params={
                "client_id": self._client_id,
                "nonce": handshake.nonce,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
        return dict(claims)

    async def _described(self, now: datetime.datetime) -> _Description:
        async with self._lock:
            if self._description is None or now >= self._description.until:
                self._description = await self._describe(now)
            return self._description

    async def _describe(self, now: datetime.datetime) -> _Description:
        self.require_set_up()
        address = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
        try:
            async with httpx2.AsyncClient(
                timeout=TIMEOUT_SECONDS, verify=_certificates()
            ) as client:
                metadata = (await client.get(address)).raise_for_status().json()
                keys = (await client.get(metadata["jwks_uri"])).raise_for_status().json()
            if metadata["issuer"].rstrip("/") != self.issuer.rstrip("/"):
                raise ValueError
            return _Description(metadata, KeySet.import_key_set(keys), now + KEPT_FOR)
        except (httpx2.HTTPError, httpx2.InvalidURL, JoseError, *_MALFORMED) as error:
            raise _unavailable(error) from None

    def _client(self, redirect_uri: str, scope: str | None = None) -> Any:
        return AsyncOAuth2Client(
            client_id=self._client_id,
            client_secret=self._client_secret,
            scope=scope,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            timeout=TIMEOUT_SECONDS,
            verify=_certificates(),
        )


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Whom to trust. Reading it takes a twentieth of a second, in which nobody is served: once."""
    return httpx2.create_ssl_context()


def _subject(issuer: str, claims: Mapping[str, Any]) -> Subject:
    """Read a verified token; raises ValueError without a subject, overlooks other odd claims."""
    subject, at = claims["sub"], claims.get("auth_time")
    if not isinstance(subject, str) or not subject:
        raise ValueError
    amr = claims.get("amr")
    methods = [claims.get("acr"), *(amr if isinstance(amr, list) else [])]
    return Subject(
        issuer,
        subject,
        authenticated_at=at if isinstance(at, int) else None,
        methods=frozenset(one for one in methods if isinstance(one, str)),
    )


def _unavailable(error: Exception) -> IdentityCheckUnavailable:
    _log.warning("log-in provider unavailable", error=type(error).__name__)
    return IdentityCheckUnavailable()


def staff_oidc_provider(settings: Settings) -> OidcProvider:
    """Make the provider that the settings name for staff."""
    return OidcProvider(
        settings.staff_oidc_issuer,
        settings.staff_oidc_client_id,
        settings.staff_oidc_client_secret.get_secret_value(),
    )


def oidc_provider(settings: Settings) -> OidcProvider:
    """Make the provider that the settings name for citizens."""
    return OidcProvider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret.get_secret_value(),
    )
