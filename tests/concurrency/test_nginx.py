"""What the configuration in docs/ does besides passing requests on."""

import httpx
import pytest

from app.services.waves import Wave
from tests.concurrency.conftest import SERVERS, OpenWave
from tests.support.cities import City

pytestmark = [pytest.mark.everywhere, pytest.mark.places("nginx")]


def guess(city: City, wave: Wave, address: str, **claims: str) -> int:
    """Try a wrong code from an address of one's own."""
    transport = httpx.HTTPTransport(verify=False, local_address=address)
    with httpx.Client(transport=transport, base_url=city.address, timeout=30) as client:
        body = {"permit": "7K3M-9QXA-11CD"}
        path = f"/api/v1/waves/{wave.code}/admissions"
        return client.post(path, json=body, headers=claims).status_code


async def test_servers_see_the_senders_own_address_and_no_other(
    city: City, open_wave: OpenWave
) -> None:
    wave = await open_wave()
    for _ in range(20 * SERVERS + 20):
        if (refused := guess(city, wave, "127.0.8.1")) == 429:
            break
    assert refused == 429, "who guesses has to wait"
    assert guess(city, wave, "127.0.8.2") == 403, "others do not"
    many = [
        guess(city, wave, "127.0.8.1", **{"X-Forwarded-For": f"203.0.113.{n}"}) for n in range(8)
    ]
    assert 429 in many, "claiming another address does not help"


async def test_metrics_are_for_prometheus_alone(client: httpx.AsyncClient) -> None:
    assert (await client.get("/metrics")).status_code == 404
    assert (await client.get("/readyz")).status_code == 200


async def test_a_body_too_large_ends_at_the_proxy(
    client: httpx.AsyncClient, open_wave: OpenWave
) -> None:
    wave = await open_wave()
    path = f"/api/v1/waves/{wave.code}/responses"
    refused = await client.post(path, content=b"{" + b" " * 70_000)
    assert refused.status_code == 413
    assert "nginx" in refused.text
