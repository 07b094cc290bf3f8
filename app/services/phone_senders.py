"""How a one-time code reaches a phone: nothing, the console, or the city's own gateway by webhook.

The number goes to the gateway and nowhere else: not into logs, errors or addresses.
"""

import hmac
import sys
from typing import Protocol

import httpx
import msgspec
import structlog

from app.errors.answering import IdentityCheckUnavailable
from app.settings import Settings

TIMEOUT_SECONDS = 5.0
SIGNATURE_HEADER = "Minyi-Signature"
_log = structlog.get_logger("minyi.phone")


class PhoneSender(Protocol):
    """Sends a code to a phone. Raises IdentityCheckUnavailable where it can't."""

    def require_set_up(self) -> None:
        """Raise IdentityCheckUnavailable where nothing can ever be sent."""

    async def send(self, phone: str, code: str, wave: str) -> None:
        """Send the code; `wave` lets the gateway choose its words."""

    async def close(self) -> None:
        """Let go of connections."""


class NoSender:
    """No way to a phone is set up."""

    def require_set_up(self) -> None:
        """Refuse."""
        raise IdentityCheckUnavailable("No sender of phone codes is set up (MINYI_PHONE_SENDER)")

    async def send(self, phone: str, code: str, wave: str) -> None:
        """Refuse."""
        self.require_set_up()

    async def close(self) -> None:
        """Nothing to close."""


class ConsoleSender:
    """For development: the code appears on standard error of the server, without the number."""

    def require_set_up(self) -> None:
        """It is."""

    async def send(self, phone: str, code: str, wave: str) -> None:
        """Print the code."""
        sys.stderr.write(f"Code for the phone ({wave}): {code}\n")
        sys.stderr.flush()

    async def close(self) -> None:
        """Nothing to close."""


class WebhookSender:
    """Posts `{phone, code, wave}` to the city's gateway, signed over the bytes of the body.

    Redirects are not followed: a signed number goes to the address of the settings or nowhere.
    """

    def __init__(self, url: str, secret: str) -> None:
        self._url = url
        self._secret = secret.encode()
        self._client = httpx.AsyncClient(timeout=TIMEOUT_SECONDS, follow_redirects=False)

    def require_set_up(self) -> None:
        """The settings have seen to that."""

    async def send(self, phone: str, code: str, wave: str) -> None:
        """Post the code; anything but a 2xx is a failure."""
        body = msgspec.json.encode({"phone": phone, "code": code, "wave": wave})
        headers = {
            "content-type": "application/json",
            SIGNATURE_HEADER: "sha256=" + hmac.digest(self._secret, body, "sha256").hex(),
        }
        try:
            reply = await self._client.post(self._url, content=body, headers=headers)
        except httpx.HTTPError as error:
            _log.warning("phone gateway unreachable", error=type(error).__name__)
            raise IdentityCheckUnavailable from None
        if not reply.is_success:
            _log.warning("phone gateway refused", status=reply.status_code)
            raise IdentityCheckUnavailable

    async def close(self) -> None:
        """Close the connections to the gateway."""
        await self._client.aclose()


def phone_sender(settings: Settings) -> PhoneSender:
    """Make the sender that the settings name."""
    match settings.phone_sender:
        case "webhook":
            secret = settings.phone_webhook_secret.get_secret_value()
            return WebhookSender(settings.phone_webhook_url, secret)
        case "console":
            return ConsoleSender()
    return NoSender()
