import httpx
import pytest

from app.domain.paper.serials import Serial
from app.services.paper_keying import own_entry
from app.services.resources import Resources
from app.services.waves import Wave
from app.store.audit import all_entries
from app.store.paper_entries import entries_of
from tests.console.clerk import SAME_ORIGIN, Clerk
from tests.console.office import BATCH, furnish
from tests.support.clock import Clock
from tests.support.fieldwork import MARKS, key, serial

JSON = {"accept": "application/json"} | SAME_ORIGIN


@pytest.fixture
async def wave(resources: Resources, clock: Clock) -> Wave:
    return await furnish(resources, clock)


async def send(clerk: Clerk, who: str, number_or_serial: str, **changes: object) -> httpx.Response:
    body = {"keyer": who, "serial": number_or_serial, "marks": MARKS, "seconds": 12.5} | changes
    return await clerk.client.post(f"{BATCH}/entries", json=body, headers=JSON)


def code(reply: httpx.Response) -> tuple[int, list[str]]:
    problem = reply.json()
    return reply.status_code, [fault["code"] for fault in problem["faults"]] or [problem["code"]]


async def test_the_page_has_the_plan_and_no_inline_script(clerk: Clerk, wave: Wave) -> None:
    await clerk.sits_down_as("ann")
    page = await clerk.opens(f"{BATCH}/keying")
    assert page.status_code == 200
    assert "grid.2.care" in page.text
    assert "<script>" not in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]


async def test_a_form_sent_again_is_the_same_entry(
    clerk: Clerk, wave: Wave, resources: Resources
) -> None:
    await clerk.sits_down_as("ann")
    first = await send(clerk, "ann", serial(wave, 1))
    again = await send(clerk, "ann", serial(wave, 1))
    assert (first.status_code, again.status_code) == (201, 200)
    async with resources.database.reading() as connection:
        [entry] = (await entries_of(connection, wave.id, [1]))[1]
    assert (entry.by, entry.seconds, entry.source, entry.marks) == ("ann", 12.5, "console", MARKS)


async def test_the_reply_tells_nothing_of_the_first_entry(clerk: Clerk, wave: Wave) -> None:
    await clerk.sits_down_as("ann")
    first = (await send(clerk, "ann", serial(wave, 1))).json()
    await clerk.sits_down_as("bo")
    second = (await send(clerk, "bo", serial(wave, 1))).json()
    assert first == second == {"serial": serial(wave, 1), "repeated": False}


async def test_an_entry_stays_as_it_was_sent(
    clerk: Clerk, wave: Wave, resources: Resources
) -> None:
    await clerk.sits_down_as("ann")
    await send(clerk, "ann", serial(wave, 1))
    edited = await send(clerk, "ann", serial(wave, 1), marks=MARKS | {"sex": "2"})
    assert code(edited) == (409, ["entry-frozen"])
    kept = await own_entry(resources, wave, serial=serial(wave, 1), by="ann")
    assert kept.marks == MARKS


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ("misread", (422, ["serial-misread"])),
        ("stock", (409, ["not-returned"])),
        ("other batch", (409, ["other-batch"])),
        ("out of range", (409, ["form-not-found"])),
        ("other wave", (422, ["other-wave"])),
    ],
)
async def test_serials_that_are_not_to_be_keyed_are_refused(
    clerk: Clerk, wave: Wave, which: str, expected: tuple[int, list[str]]
) -> None:
    texts = {
        "misread": serial(wave, 1)[:-1] + ("0" if serial(wave, 1)[-1] != "0" else "1"),
        "stock": serial(wave, 4),
        "other batch": serial(wave, 6),
        "out of range": serial(wave, 999),
        "other wave": str(Serial(2, 1)),
    }
    await clerk.sits_down_as("ann")
    assert code(await send(clerk, "ann", texts[which])) == expected


async def test_a_form_keyed_by_one_person_is_not_sent_in_anothers_session(
    clerk: Clerk, wave: Wave, resources: Resources
) -> None:
    await clerk.sits_down_as("bo")
    assert code(await send(clerk, "ann", serial(wave, 1))) == (403, ["other-keyer"])
    async with resources.database.reading() as connection:
        assert await entries_of(connection, wave.id, [1]) == {}


async def test_a_program_without_a_session_gets_a_problem_not_a_page(
    clerk: Clerk, wave: Wave
) -> None:
    assert code(await send(clerk, "ann", serial(wave, 1))) == (401, ["not-signed-in"])


@pytest.mark.parametrize("headers", [{}, {"sec-fetch-site": "cross-site"}, {"origin": "https://x"}])
async def test_a_form_from_another_site_is_refused(
    clerk: Clerk, wave: Wave, headers: dict[str, str]
) -> None:
    await clerk.sits_down_as("ann")
    body = {"keyer": "ann", "serial": serial(wave, 1), "marks": MARKS, "seconds": 1}
    reply = await clerk.client.post(
        f"{BATCH}/entries", json=body, headers=headers | {"accept": "application/json"}
    )
    assert code(reply) == (403, ["foreign-origin"])


@pytest.mark.parametrize(
    "changes",
    [
        {"marks": {"sex": 1}},
        {"marks": "x"},
        {"seconds": -1},
        {"seconds": "1"},
        {"more": 1},
        {"serial": "1" * 41},
        {"marks": {f"f{n}": "1" for n in range(1001)}},
        {"marks": {"sex": "7"}},
        {"marks": {"nothing": "1"}},
        {"marks": {"more": "1\x00"}},
    ],
)
async def test_malformed_entries_are_refused_and_nothing_is_stored(
    clerk: Clerk, wave: Wave, resources: Resources, changes: dict[str, object]
) -> None:
    await clerk.sits_down_as("ann")
    reply = await send(clerk, "ann", serial(wave, 1), **changes)
    assert reply.status_code in (409, 422)
    async with resources.database.reading() as connection:
        assert await entries_of(connection, wave.id, [1]) == {}


async def test_the_plain_page_keys_without_script(
    clerk: Clerk, wave: Wave, resources: Resources
) -> None:
    await clerk.sits_down_as("ann")
    await clerk.opens(f"{BATCH}/form?serial={serial(wave, 1)}")
    assert "grid.1.speed" in clerk.page.text
    await clerk.sends(f"{BATCH}/form", {"serial": serial(wave, 1), **MARKS, "sex": "7"})
    assert clerk.page.status_code == 409
    assert "No such code is printed" in clerk.text
    await clerk.sends(f"{BATCH}/form", {"serial": serial(wave, 1), **MARKS})
    assert clerk.page.status_code == 200
    kept = await own_entry(resources, wave, serial=serial(wave, 1), by="ann")
    assert kept.marks == MARKS


async def test_the_second_keyer_sees_nothing_of_the_first(
    clerk: Clerk, wave: Wave, resources: Resources
) -> None:
    await key(resources, wave, 1, "ann", more="1", comment="secret words")
    await clerk.sits_down_as("bo")
    for address in (f"{BATCH}/form?serial={serial(wave, 1)}", f"{BATCH}/keying", "/console/paper"):
        assert "secret words" not in (await clerk.opens(address)).text


async def test_every_keyed_form_is_in_the_audit_log(
    clerk: Clerk, wave: Wave, resources: Resources
) -> None:
    await clerk.sits_down_as("ann")
    await send(clerk, "ann", serial(wave, 1))
    await send(clerk, "ann", serial(wave, 1))
    async with resources.database.reading() as connection:
        acts = [one.done async for one in all_entries(connection)]
    keyed = [one for one in acts if one.act == "paper.forms-keyed"]
    assert [(one.actor, one.details["first"]) for one in keyed] == [("ann", serial(wave, 1))]
