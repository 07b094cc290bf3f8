"""Every setting, typed and explained. Read from the environment (`MINYI_…`) or a file `.env`.

An unknown `MINYI_…` variable is an error: a misspelt setting must not be silently without effect.
README lists them all (`tests/house/test_settings.py` compares).
"""

import os
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "MINYI_"
ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """The configuration of one process."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore")

    database_url: str = Field(
        "sqlite:///var/minyi.db",
        description="SQLite file (`sqlite:///…`) or PostgreSQL 14 or newer (`postgresql://…`).",
    )
    database_pooler: Literal["none", "transaction"] = Field(
        "none",
        description="`transaction` where PgBouncer stands before PostgreSQL in that mode: nothing "
        "is kept in a connection from one transaction to the next.",
    )
    secret_key: SecretStr | None = Field(
        None,
        description="Master secret: 32 bytes in URL-safe base64. Takes precedence over the file.",
    )
    secret_key_file: Path = Field(
        Path("var/secret.key"),
        description="File with the master secret, made at the first start. Keep it off the "
        "database server and back it up apart: without it permits and sealed details are lost.",
    )
    public_url: str = Field(
        "http://127.0.0.1:8000",
        description="Address under which citizens reach the pages; stands in links and QR codes.",
    )
    definitions_folder: Path = Field(
        ROOT / "survey_definitions", description="Folder with one folder per survey definition."
    )
    default_language: Literal["zh", "en"] = Field(
        "zh", description="Language of pages when the browser asks for neither."
    )
    phone_sender: Literal["off", "console", "webhook"] = Field(
        "off",
        description="How one-time codes reach a phone: `console` prints them (development), "
        "`webhook` posts them to `phone_webhook_url`.",
    )
    phone_webhook_url: str = Field(
        "", description="Receives `{phone, code, wave}` as JSON, signed with the secret below."
    )
    phone_webhook_secret: SecretStr = Field(
        SecretStr(""), description="Key of the HMAC-SHA256 in the header `Minyi-Signature`."
    )
    oidc_issuer: str = Field("", description="OpenID Connect provider for citizens, by issuer URL.")
    oidc_client_id: str = Field("", description="Client id at that provider.")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="Client secret there.")
    staff_oidc_issuer: str = Field("", description="OpenID Connect provider for staff.")
    staff_oidc_client_id: str = Field("", description="Client id at that provider.")
    staff_oidc_client_secret: SecretStr = Field(SecretStr(""), description="Client secret there.")
    staff_oidc_multi_factor: str = Field(
        "",
        description="Values of `acr` or `amr`, parted by blanks, after which no code of our own is "
        "asked for. Empty: always asked for.",
    )
    webhook_allow_private: bool = Field(
        default=False,
        description="Whether webhooks may go to private networks, and without TLS: for a scoring "
        "system on the city's own network.",
    )
    forwarded_allow_ips: str = Field(
        "127.0.0.1", description="Proxies (addresses, networks) whose X-Forwarded-For is believed."
    )
    most_requests: int = Field(
        2500,
        ge=1,
        description="Requests that one process takes on at a time; further ones get 503. Saving a "
        "page may use three quarters of it, looking at one half.",
    )
    drain_seconds: float = Field(
        0,
        ge=0,
        le=300,
        description="How long a server told to end goes on listening, with `/readyz` at 503, until "
        "the load balancer has noticed. None is needed where it tries the next server by itself.",
    )
    log_format: Literal["json", "text"] = Field("text", description="Format of the log on stdout.")

    @model_validator(mode="after")
    def _refuse_unknown_variables(self) -> Self:
        known = {f"{PREFIX}{name}".upper() for name in type(self).model_fields}
        ours = {name for name in os.environ if name.upper().startswith(PREFIX)}
        unknown = [
            name
            for name in ours
            if name.upper() not in known and not name.upper().startswith(OF_THE_TESTS)
        ]
        if unknown:
            msg = f"unknown setting in the environment: {', '.join(sorted(unknown))}"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _require_whole_groups(self) -> Self:
        groups = {
            "phone_sender=webhook needs phone_webhook_url and phone_webhook_secret": (
                self.phone_sender != "webhook"
                or (self.phone_webhook_url and self.phone_webhook_secret.get_secret_value())
            ),
            "oidc_issuer needs oidc_client_id": not self.oidc_issuer or self.oidc_client_id,
            "staff_oidc_issuer needs staff_oidc_client_id": (
                not self.staff_oidc_issuer or self.staff_oidc_client_id
            ),
            "phone_webhook_url is an http(s) address": _is_web_address(self.phone_webhook_url),
            "oidc_issuer is an http(s) address": _is_web_address(self.oidc_issuer),
            "staff_oidc_issuer is an http(s) address": _is_web_address(self.staff_oidc_issuer),
        }
        for rule, holds in groups.items():
            if not holds:
                raise ValueError(rule)
        return self

    @property
    def secure_cookies(self) -> bool:
        """Cookies are marked Secure wherever the public address is HTTPS."""
        return self.public_url.startswith("https://")


def _is_web_address(text: str) -> bool:
    parts = urlsplit(text)
    return not text or (parts.scheme in ("http", "https") and bool(parts.hostname))


OF_THE_TESTS = f"{PREFIX}TEST_"
"""Variables that begin so are read by the tests, not by the application."""
