"""The city's OpenID Connect provider as a client sees it: code flow with PKCE, state and nonce.

Follows OpenID Connect Core 1.0 (sections 3.1.2, 3.1.3.7), RFC 7636 (PKCE) and RFC 9207 (`iss` in
the answer). Token and claims go no further than this module's result.
"""

import asyncio
import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any

import structlog

from app.domain.deduplication.log_in import LogIn
from app.domain.questionnaires.audience import Trust
from app.errors import IdentityCheckFailed, IdentityCheckUnavailable, NotInstalled
from app.settings import Settings

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
KEPT_FOR = datetime.timedelta(minutes=10)
ALGORITHMS = ("RS256", "ES256", "PS256", "RS384", "ES384", "PS384", "EdDSA")
"""Asymmetric signatures only: no `none`, and no HMAC with a public key for a secret."""
LONGEST_NAME = 60

_MALFORMED = (ValueError, KeyError, TypeError, AttributeError)
"""What comes of JSON that is not of the shape the standard says."""

_log = structlog.get_logger("minyi.oidc")


@dataclasses.dataclass(frozen=True, slots=True)
class Subject:
    """Whom the provider vouches for. `name` is empty where it tells none."""

    issuer: str
    subject: str
    name: str


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

    def require_set_up(self) -> None:
        """Raise IdentityCheckUnavailable or NotInstalled where nobody can ever log in."""
        if not self.issuer:
            raise IdentityCheckUnavailable("No log-in provider is set up (MINYI_OIDC_ISSUER)")
        if AsyncOAuth2Client is None:
            raise NotInstalled("Log-in by OpenID Connect needs: pip install 'minyi[oidc]'")

    async def address(
        self, log_in: LogIn, *, redirect_uri: str, scope: str, now: datetime.datetime
    ) -> str:
        """Give the address at the provider to which the browser goes.

        Raises IdentityCheckUnavailable.
        """
        description = await self._described(now)
        async with self._client(redirect_uri, scope) as client:
            url, _state = client.create_authorization_url(
                description.metadata["authorization_endpoint"],
                state=log_in.state,
                nonce=log_in.nonce,
                code_verifier=log_in.verifier,
            )
        return str(url)

    async def subject(
        self, log_in: LogIn, *, code: str, redirect_uri: str, now: datetime.datetime
    ) -> Subject:
        """Redeem the code that the browser brought back.

        Raises IdentityCheckFailed where the provider refuses it or its token is not for this
        log-in, and IdentityCheckUnavailable where the provider does not answer.
        """
        description = await self._described(now)
        try:
            async with self._client(redirect_uri) as client:
                token = await client.fetch_token(
                    description.metadata["token_endpoint"], code=code, code_verifier=log_in.verifier
                )
                subject = await self._verified(token, description, log_in, now)
                name = ""
                if log_in.trust is Trust.CONFIDENTIAL:
                    name = await self._name(client, description, subject)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise _unavailable(error) from None
        except (AuthlibBaseError, JoseError, *_MALFORMED) as error:
            _log.warning("log-in refused", error=type(error).__name__)
            raise IdentityCheckFailed from None
        return Subject(self.issuer, subject, name)

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
        log_in: LogIn,
        now: datetime.datetime,
    ) -> str:
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
                "nonce": log_in.nonce,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(now=int(now.timestamp()), leeway=60)
        subject = claims["sub"]
        if not isinstance(subject, str) or not subject:
            raise ValueError
        return subject

    async def _described(self, now: datetime.datetime) -> _Description:
        async with self._lock:
            if self._description is None or now >= self._description.until:
                self._description = await self._describe(now)
            return self._description

    async def _describe(self, now: datetime.datetime) -> _Description:
        self.require_set_up()
        address = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
        try:
            async with httpx2.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
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
        )


def _unavailable(error: Exception) -> IdentityCheckUnavailable:
    _log.warning("log-in provider unavailable", error=type(error).__name__)
    return IdentityCheckUnavailable()


def oidc_provider(settings: Settings) -> OidcProvider:
    """Make the provider that the settings name."""
    return OidcProvider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret.get_secret_value(),
    )
