import hashlib
import hmac
import json
import logging
from collections.abc import Iterator

import pytest
from pydantic import ValidationError

from app.errors.answering import IdentityCheckUnavailable
from app.services.phone_senders import ConsoleSender, NoSender, WebhookSender, phone_sender
from tests.conftest import settings_for
from tests.support.gateway import SECRET, Gateway, running_gateway


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with running_gateway() as made:
        yield made


async def test_the_webhook_gets_a_signed_body(gateway: Gateway) -> None:
    sender = WebhookSender(gateway.url, SECRET)
    await sender.send("13800138000", "012345", "town")
    await sender.close()
    [(headers, body)] = gateway.requests
    assert json.loads(body) == {"phone": "13800138000", "code": "012345", "wave": "town"}
    expected = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["minyi-signature"] == f"sha256={expected}"
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize("status", [302, 307, 400, 500])
async def test_anything_but_success_is_unavailable_and_no_redirect_is_followed(
    gateway: Gateway, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.status = status
    sender = WebhookSender(gateway.url, SECRET)
    with caplog.at_level(logging.DEBUG, "minyi"), pytest.raises(IdentityCheckUnavailable) as error:
        await sender.send("13800138000", "012345", "town")
    await sender.close()
    assert len(gateway.requests) == 1
    assert "13800138000" not in f"{error.value!r} {caplog.text}"
    assert error.value.__cause__ is None


async def test_a_gateway_out_of_reach_is_unavailable(gateway: Gateway) -> None:
    gateway.server.server_close()
    sender = WebhookSender(gateway.url, SECRET)
    with pytest.raises(IdentityCheckUnavailable):
        await sender.send("13800138000", "012345", "town")
    await sender.close()


async def test_the_console_shows_the_code_without_the_number(
    capsys: pytest.CaptureFixture[str],
) -> None:
    await ConsoleSender().send("13800138000", "012345", "town")
    shown = capsys.readouterr()
    assert "012345" in shown.err
    assert "13800138000" not in shown.err + shown.out


async def test_without_a_sender_nothing_is_sent() -> None:
    with pytest.raises(IdentityCheckUnavailable):
        await NoSender().send("13800138000", "012345", "town")


async def test_the_settings_choose_the_sender() -> None:
    assert isinstance(phone_sender(settings_for("sqlite:///x")), NoSender)
    console = settings_for("sqlite:///x", phone_sender="console")
    assert isinstance(phone_sender(console), ConsoleSender)


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"phone_sender": "webhook", "phone_webhook_url": "http://gateway"}, "webhook_secret"),
        ({"phone_webhook_url": "gateway/codes"}, "phone_webhook_url is an"),
        ({"phone_webhook_url": "ftp://gateway"}, "phone_webhook_url is an"),
        ({"oidc_issuer": "https://id.example"}, "oidc_client_id"),
        ({"oidc_issuer": "id.example", "oidc_client_id": "minyi"}, "oidc_issuer is an"),
    ],
)
async def test_half_a_set_up_is_refused_at_the_start(given: dict[str, str], rule: str) -> None:
    with pytest.raises(ValidationError, match=rule):
        settings_for("sqlite:///x", **given)
