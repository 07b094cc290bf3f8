"""Di, Ann, Bo and Chen carry a batch from printing to closed, through staff's pages."""

import httpx
import pytest

from app.domain.rights.rights import Scope
from app.domain.rights.roles import Role
from app.services.paper_batches import fieldwork
from app.services.participation import count_participation
from app.services.resources import Resources
from app.services.waves import Wave
from tests.console.clerk import SAME_ORIGIN, Clerk
from tests.support.clock import Clock
from tests.support.fieldwork import MARKS, open_base, serial
from tests.support.staff import Person, hire, make_passwords_cheap

POINT, BATCH = "/console/paper/base/points/p1", "/console/paper/base/batches/B7"
ANN_SLIPS = {3: {"sex": "2"}, 4: {"grid.1.care": "3"}}
"""Ann misreads a mark on two forms; Bo reads everything as it is."""


class Day:
    """One desk at which people take turns."""

    def __init__(self, clerk: Clerk, people: dict[str, Person], wave: Wave) -> None:
        self.clerk, self.people, self.wave = clerk, people, wave

    async def turn_of(self, name: str) -> None:
        await self.clerk.sends("/console/sign-out")
        await self.clerk.signs_in(self.people[name])

    async def scans(self, numbers: list[int], to: str, **more: str) -> None:
        for number in numbers:
            form = {"serial": serial(self.wave, number), "to": to} | more
            await self.clerk.sends(f"{POINT}/custody", form)
            assert self.clerk.page.status_code == 200, self.clerk.text

    async def keys(self, name: str, number: int, marks: dict[str, str]) -> httpx.Response:
        body = {"keyer": name, "serial": serial(self.wave, number), "marks": marks, "seconds": 14}
        headers = SAME_ORIGIN | {"accept": "application/json"}
        return await self.clerk.client.post(f"{BATCH}/entries", json=body, headers=headers)


@pytest.fixture
async def day(
    client: httpx.AsyncClient, resources: Resources, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Day:
    make_passwords_cheap(monkeypatch)
    client.cookies.set("language", "en")
    wave = await open_base(resources)
    own = Scope(batches=frozenset({"B7"}))
    people = {
        "di": await hire(resources, clock, "di", Role.SUPERVISOR, Scope(points=frozenset({"p1"}))),
        "ann": await hire(resources, clock, "ann", Role.KEYER, own),
        "bo": await hire(resources, clock, "bo", Role.KEYER, own),
        "chen": await hire(resources, clock, "chen", Role.ADJUDICATOR, own),
    }
    return Day(Clerk(client, resources, clock), people, wave)


async def test_a_batch_goes_from_printing_to_closed(day: Day, resources: Resources) -> None:
    clerk, wave = day.clerk, day.wave
    await day.turn_of("di")
    await clerk.sends(f"{POINT}/interviewers", {"interviewer": "I1", "name": "Student"})
    await clerk.sends(f"{POINT}/batches", {"batch": "B7", "n": "8", "second_share": "100"})
    assert "Numbers 1 to 8" in clerk.text
    await day.scans([1, 2, 3, 4, 5, 6, 7], "handed_out", interviewer="I1")
    await day.scans([1, 2, 3, 4], "returned")
    await day.scans([5], "refused")
    await day.scans([6], "blank", outcome="no_contact")
    await day.scans([7], "lost")
    await day.scans([8], "blank")
    await clerk.sends(f"{POINT}/batches/B7/close")
    assert clerk.page.status_code == 409, "four forms are not keyed yet"

    for name, slips in (("ann", ANN_SLIPS), ("bo", {})):
        await day.turn_of(name)
        for number in (1, 2, 3, 4):
            reply = await day.keys(name, number, MARKS | slips.get(number, {}))
            assert reply.status_code == 201, reply.text
    assert (await fieldwork(resources, wave)).whole.to_settle == 2

    await day.turn_of("chen")
    for number, slips in ANN_SLIPS.items():
        [field] = slips
        form = {"serial": serial(wave, number), field: f"={MARKS[field]}"}
        await clerk.sends(f"{BATCH}/adjudication", form)
    assert "No form waits" in clerk.text

    await day.turn_of("di")
    await clerk.sends(f"{POINT}/batches/B7/close")
    assert clerk.page.status_code == 200
    whole = (await fieldwork(resources, wave)).whole
    assert (whole.issued, whole.distributed, whole.returned, whole.valid) == (8, 7, 4, 4)
    assert whole.balances
    assert (await count_participation(resources, wave)).counted == 4
    assert (await day.keys("di", 1, MARKS)).status_code == 403
