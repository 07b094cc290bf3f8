"""What every reply has in common, also the ones that nobody plans for."""

import pytest
import structlog
from fastapi import FastAPI

from app.main import create_app
from app.rendering import STATIC_FILES
from app.services.resources import Resources
from tests.hostile.asgi import Request, call
from tests.hostile.conftest import JSON, Target, assert_refused
from tests.hostile.hunt import DEMANDED

LOOKS = ["/", "/w/town", "/privacy", "/api/v1/waves", "/healthz", STATIC_FILES["minyi.css"].address]


@pytest.mark.parametrize("path", LOOKS)
async def test_head_is_answered_like_get_without_the_body(target: Target, path: str) -> None:
    got, head = await target.client.get(path), await target.client.head(path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers == got.headers
    assert int(head.headers["content-length"]) > 0


async def test_head_opens_nothing_that_get_does_not(target: Target) -> None:
    assert (await target.client.head(f"{target.api}/responses")).status_code == 405
    assert (await target.client.head("/w/nowhere")).status_code == 404
    assert (await target.client.head("/console")).status_code == 303


async def test_a_fault_of_ours_has_the_headers_of_every_reply(resources: Resources) -> None:
    app = create_app(resources.settings)
    await app.state.resources.close()
    app.state.resources = resources

    async def fail() -> None:
        raise ValueError("a secret")

    app.add_api_route("/api/fails", fail)
    with structlog.testing.capture_logs() as log:
        reply = await call(app, Request("GET", "/api/fails"))
    assert reply.status == 500
    assert {name for name, _ in reply.headers} >= DEMANDED
    assert [one["event"] for one in log] == ["unexpected", "request"]
    assert log[-1]["status"] == 500


async def test_a_sender_that_hangs_up_is_no_fault_of_ours(app: FastAPI, target: Target) -> None:
    sent = Request(
        "POST", f"{target.api}/responses", headers=[(b"content-type", b"application/json")],
        body=b'{"permit": "x"', pieces=2, hangs_up=True,
    )  # fmt: skip
    with structlog.testing.capture_logs() as log:
        assert (await call(app, sent)).status in (0, 400)
    assert {one["event"] for one in log} <= {"request"}


async def test_a_method_of_the_sender_s_own_is_not_logged(app: FastAPI) -> None:
    with structlog.testing.capture_logs() as log:
        await call(app, Request("13912345678", "/privacy"))
    assert [one["method"] for one in log if one["event"] == "request"] == ["other"]


async def test_faults_are_in_our_words_and_name_no_unknown_field(target: Target) -> None:
    body = {"respondent_class": 1, "window": "w" * 41, "13912345678": 1}
    reply = await target.client.post(f"{target.api}/permits", json=body)
    assert_refused(reply, 422)
    faults = {fault["field"]: fault["message"] for fault in reply.json()["faults"]}
    assert faults == {
        "respondent_class": "This must be text",
        "window": "This may have at most 40 characters",
        "body": "There is a field that is not known here",
    }


async def test_an_unknown_part_of_a_query_is_not_named(target: Target) -> None:
    reply = await target.client.get(f"{target.api}/releases?limit=0&13912345678=1")
    assert_refused(reply, 422)
    faults = {fault["field"]: fault["message"] for fault in reply.json()["faults"]}
    assert faults == {
        "query.limit": "This must be 1 or more",
        "query": "There is a field that is not known here",
    }


async def test_a_problem_without_more_to_say_has_no_detail(target: Target) -> None:
    reply = await target.client.post(f"{target.api}/responses", content=b"{", headers=JSON)
    assert "detail" not in reply.json()


async def test_no_redirect_repeats_what_was_asked_for(target: Target) -> None:
    for path in ("/w/town/", "/api/v1/waves/?x=1", "/console/"):
        assert_refused(await target.client.get(path), 404)
