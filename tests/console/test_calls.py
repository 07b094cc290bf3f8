"""A call station over HTTP: sheets issued on the page, calls begun and ended, figures shown."""

from pathlib import Path

import httpx
import pytest

from app.domain.rights.rights import Scope
from app.domain.rights.roles import Role
from app.services.resources import Resources
from app.services.waves import Wave
from tests.console.clerk import SAME_ORIGIN, Clerk
from tests.console.office import OWN_BATCH, POINT
from tests.support.clock import Clock
from tests.support.fieldwork import BASE, MARKS, also_by_phone, open_base, serial
from tests.support.staff import hire

BATCH = "/console/paper/base/batches/B1"
JSON = {"accept": "application/json"} | SAME_ORIGIN


@pytest.fixture
async def wave(resources: Resources, clock: Clock, clerk: Clerk, tmp_path: Path) -> Wave:
    """Di has issued three call sheets on the page of the survey point."""
    wave = await open_base(resources, folder=also_by_phone(BASE, tmp_path))
    await hire(resources, clock, "ann", Role.KEYER, OWN_BATCH)
    await hire(resources, clock, "di", Role.SUPERVISOR, Scope(points=frozenset({"p1"})))
    await clerk.sits_down_as("di")
    form = {"batch": "B1", "mode": "phone", "n": "3", "second_share": "100"}
    await clerk.sends(f"{POINT}/batches", form)
    assert "Call sheets 1 to 3" in clerk.text
    return wave


async def post(clerk: Clerk, path: str, **body: object) -> httpx.Response:
    return await clerk.client.post(f"{BATCH}/{path}", json=body, headers=JSON)


async def test_calls_are_begun_ended_keyed_and_counted(clerk: Clerk, wave: Wave) -> None:
    await clerk.sits_down_as("ann")
    page = await clerk.opens(f"{BATCH}/keying")
    assert wave.definition.survey.purpose.en in clerk.text
    assert "<script>" not in page.text
    opened = (await post(clerk, "calls/open")).json()
    assert (opened["serial"], opened["attempt"]) == (serial(wave, 1), 1)
    asked = {field["code"]: field for field in opened["plan"]}
    assert asked["grid.1.speed"]["department"]
    assert asked["grid.1.speed"]["introduction"] == "Go by your own experience."
    ended = {"keyer": "ann", "serial": serial(wave, 1), "attempt": 1, "result": "call_back"}
    replies = [(await post(clerk, "calls", **ended)).status_code for _ in range(2)]
    assert replies == [201, 200]
    await post(clerk, "calls/open", serial=serial(wave, 1))
    interview = {"keyer": "ann", "serial": serial(wave, 1), "marks": MARKS, "seconds": 90}
    assert (await post(clerk, "entries", **interview)).status_code == 201
    await clerk.sits_down_as("di")
    await clerk.opens(POINT)
    shown = " ".join(clerk.text.split())
    assert "Completed 1 Refused 0 No contact 0 Not eligible 0 Language 0 Call back later 1" in shown


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"keyer": "bo"}, 403),
        ({"result": "completed"}, 422),  # an interview is keyed, not told
        ({"result": ""}, 422),
        ({"attempt": 0}, 422),
        ({"attempt": 2}, 409),
        ({"phone": "13812345678"}, 422),
        ({"serial": "001-000001-9"}, 422),
    ],
)
async def test_calls_that_cannot_end_so_are_refused(
    clerk: Clerk, wave: Wave, changes: dict[str, object], status: int
) -> None:
    await clerk.sits_down_as("ann")
    await post(clerk, "calls/open")
    ended = {"keyer": "ann", "serial": serial(wave, 1), "attempt": 1, "result": "refused"}
    reply = await post(clerk, "calls", **ended | changes)
    assert reply.status_code == status
    assert "13812345678" not in reply.text


async def test_call_sheets_are_neither_printed_nor_keyed_without_their_script(
    clerk: Clerk, wave: Wave
) -> None:
    assert "forms.pdf" not in clerk.page.text
    printing = await clerk.opens(f"{POINT}/batches/B1/forms.pdf?first=1")
    assert printing.status_code == 403
    await clerk.sits_down_as("ann")
    assert (await clerk.opens(f"{BATCH}/form?serial={serial(wave, 1)}")).status_code == 404
