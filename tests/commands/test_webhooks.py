import pytest

from app.errors import InvalidInput
from app.errors.clients import ClientNotFound, WebhookNotFound
from tests.commands.conftest import Minyi

CLIENT = ("client", "add", "performance-office", "--scope", "events:read")
URL = "http://127.0.0.1:9/minyi"


def test_a_webhook_of_the_citys_own_network(minyi: Minyi, monkeypatch: pytest.MonkeyPatch) -> None:
    minyi(*CLIENT)
    with pytest.raises(InvalidInput):
        minyi("webhooks", "add", "performance-office", URL)
    monkeypatch.setenv("MINYI_WEBHOOK_ALLOW_PRIVATE", "on")
    added = minyi("webhooks", "add", "performance-office", URL).stdout
    made = dict(line.split("\t") for line in added.splitlines())
    assert made["secret"].startswith("whsec_")
    webhook = made["webhook"]
    assert minyi("webhooks", "list").stdout == f"{webhook}\tperformance-office\t{URL}\n"
    assert minyi("webhooks", "deliver").stdout == "0 deliveries tried\n"
    assert minyi("webhooks", "dead").stdout == ""
    assert minyi("webhooks", "replay", webhook, "--since", 0).stdout.startswith("0 events")
    minyi("webhooks", "remove", webhook)
    with pytest.raises(WebhookNotFound):
        minyi("webhooks", "replay", webhook)


def test_only_active_clients_are_told(minyi: Minyi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINYI_WEBHOOK_ALLOW_PRIVATE", "on")
    minyi(*CLIENT)
    minyi("client", "revoke", "performance-office")
    for name in ("performance-office", "nobody"):
        with pytest.raises(ClientNotFound):
            minyi("webhooks", "add", name, URL)
