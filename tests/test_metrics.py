"""What `/metrics` tells: rates, times and refusals by reason; of whom and of what, nothing."""

import os
import subprocess
import sys
from pathlib import Path

import httpx

from app import metrics
from app.services.permits import Recipient, mint_invitations
from app.services.resources import Resources
from tests.support.metrics import Figures
from tests.support.people import national_id
from tests.support.surveys import answers, open_town

API = "/api/v1/waves/town"
ROUTE = "/api/v1/waves/{wave_id}/responses"
REMARK = "canary-remark"


async def scrape(client: httpx.AsyncClient) -> Figures:
    reply = await client.get("/metrics")
    assert reply.status_code == 200
    return Figures(reply.text)


async def test_rates_times_and_refusals_are_counted(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    wave = await open_town(resources)
    [letter] = await mint_invitations(
        resources, wave, recipients=[Recipient("residents")], batch="b"
    )
    before = await scrape(client)
    body = {"permit": letter.permit, "answers": answers()}
    assert (await client.post(f"{API}/responses", json=body)).status_code == 201
    assert (await client.post(f"{API}/responses", json=body)).status_code == 200
    other = body | {"answers": answers("dissatisfied")}
    assert (await client.post(f"{API}/responses", json=other)).status_code == 409
    assert (await client.get("/api/v1/waves/nowhere")).status_code == 404
    after = await scrape(client)

    def grown(name: str, **labels: str) -> float:
        return after(name, **labels) - before(name, **labels)

    for status in ("201", "200", "409"):
        assert grown("minyi_requests_total", method="POST", route=ROUTE, status=status) == 1
    assert grown("minyi_request_seconds_count", route=ROUTE) == 3
    assert 0 < grown("minyi_request_seconds_sum", route=ROUTE) < 60
    assert grown("minyi_request_seconds_bucket", route=ROUTE, le="+Inf") == 3
    assert grown("minyi_refusals_total", code="already-took-part") == 1
    assert grown("minyi_refusals_total", code="wave-not-found") == 1
    assert after("minyi_requests_in_flight") == 1, "the scrape itself"


async def test_nothing_that_was_sent_becomes_a_label(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await open_town(resources)
    way = {"respondent_class": "residents", "trust": "verified"}
    identity = national_id(7)
    body = way | {"national_id": identity}
    signed = await client.post(f"{API}/sign-ins/national-id", json=body)
    await client.post(f"{API}/permits/drawn", json={"sign_in": signed.json()["sign_in"]})
    await client.post(f"{API}/responses", json={"permit": REMARK, "answers": {REMARK: REMARK}})
    await client.get(f"/{REMARK}/{identity}", headers={"x-forwarded-for": "203.0.113.77"})
    await client.get(f"/api/v1/receipts/{identity}")
    await client.request(REMARK.upper(), "/healthz")
    text = (await client.get("/metrics")).text
    for canary in (identity, REMARK, REMARK.upper(), "203.0.113.77", signed.json()["sign_in"]):
        assert canary not in text
    assert Figures(text)("minyi_requests_total", method="other") > 0


WORKER = """
from app import metrics
metrics.request_began()
metrics.request_ended("GET", "/healthz", 200, 0.01)
metrics.request_began()
print("at work", flush=True)
input()
"""


def test_the_dead_count_for_what_they_did_and_not_for_what_they_were_doing(tmp_path: Path) -> None:
    """`tests/concurrency/test_one_permit.py` adds up the workers of a server."""
    shared = os.environ | {metrics.FOLDER: str(tmp_path)}

    def scraped() -> Figures:
        command = (
            "import sys; from app import metrics; sys.stdout.buffer.write(metrics.exposition())"
        )
        return Figures(
            subprocess.check_output([sys.executable, "-c", command], env=shared, text=True)
        )

    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER],
            env=shared,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    for worker in workers:
        assert worker.stdout
        assert worker.stdout.readline() == b"at work\n"
    both = scraped()
    assert (both("minyi_requests_total"), both("minyi_requests_in_flight")) == (2, 2)
    workers[0].kill()
    workers[0].communicate()
    one = scraped()
    assert (one("minyi_requests_total"), one("minyi_requests_in_flight")) == (2, 1)
    workers[1].communicate(b"\n")
