import logging
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any

import httpx
import pytest
from starlette import formparsers

from app.domain.deduplication.decision import ResponseStatus
from app.domain.paper.custody import FormState
from app.domain.rights.rights import Scope
from app.domain.rights.roles import Role
from app.services.paper_batches import close_batch, fieldwork
from app.services.paper_custody import custody_of
from app.services.paper_keying import own_entry
from app.services.resources import Resources
from app.services.waves import Wave, close_wave
from app.store import keyed_files
from app.store import staff as store
from app.store.audit import all_entries
from app.store.paper_entries import list_adjudications
from app.store.paper_forms import list_forms
from app.store.responses import stream_responses
from tests.console.clerk import SAME_ORIGIN, Clerk
from tests.console.office import BATCH, POINT, furnish
from tests.support.clock import Clock
from tests.support.fieldwork import MARKS, key, move, serial
from tests.support.staff import hire


@pytest.fixture
async def wave(resources: Resources, clock: Clock) -> Wave:
    return await furnish(resources, clock)


async def acts(resources: Resources) -> list[tuple[str, str]]:
    async with resources.database.reading() as connection:
        return [(one.done.actor, one.done.act) async for one in all_entries(connection)]


async def test_people_see_the_work_that_is_their_own(clerk: Clerk, wave: Wave) -> None:
    await clerk.sits_down_as("di")
    page = (await clerk.opens("/console/paper")).text
    assert f'href="{POINT}"' in page
    assert "/points/p2" not in page
    await clerk.sits_down_as("ann")
    page = (await clerk.opens("/console/paper")).text
    assert f'href="{BATCH}/keying"' in page
    assert "B2" not in page
    assert "/points/" not in page
    await clerk.sits_down_as("chen")
    page = (await clerk.opens("/console/paper")).text
    assert f'href="{BATCH}/adjudication"' in page
    assert "/keying" not in page


async def test_a_supervisor_issues_forms_and_names_interviewers(
    clerk: Clerk, wave: Wave, resources: Resources
) -> None:
    await clerk.sits_down_as("di")
    form = {"batch": "B3", "n": "120", "second_share": "10", "respondent_class": ""}
    await clerk.sends(f"{POINT}/batches", form)
    assert "Numbers 11 to 130; keyed twice: 10.0 %" in clerk.text
    assert "Print forms 61 to 110" in clerk.text
    await clerk.sends(f"{POINT}/interviewers", {"interviewer": "I9", "name": "王芳"})
    assert "王芳" in clerk.text
    await clerk.sends(f"{POINT}/quotas", {"cells": "sex=female 5\nsex=male 7"})
    assert "sex=male: 0 / 7" in clerk.text
    assert (await acts(resources))[-3:] == [
        ("di", "paper.batch-issued"),
        ("di", "paper.interviewer-named"),
        ("di", "paper.quotas-set"),
    ]


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("batches", {"batch": "B1", "n": "5", "second_share": "100"}),
        ("batches", {"batch": "B 9", "n": "0", "second_share": "101"}),
        ("batches", {"batch": "B9", "n": "many", "second_share": "100"}),
        ("interviewers", {"interviewer": "I1", "name": "Again"}),
        ("interviewers", {"interviewer": "", "name": ""}),
        ("quotas", {"cells": "sex=nobody 5"}),
        ("quotas", {"cells": "sex=female many"}),
    ],
)
async def test_what_cannot_be_is_refused_with_what_was_typed(
    clerk: Clerk, wave: Wave, resources: Resources, address: str, form: dict[str, str]
) -> None:
    await clerk.sits_down_as("di")
    before = await fieldwork(resources, wave), await acts(resources)
    await clerk.sends(f"{POINT}/{address}", form)
    assert clerk.page.status_code in (409, 422)
    assert 'role="alert"' in clerk.page.text
    assert (await fieldwork(resources, wave), await acts(resources)) == before


async def test_a_scan_moves_a_form_and_echoes_where_it_is(
    clerk: Clerk, wave: Wave, resources: Resources
) -> None:
    await clerk.sits_down_as("di")
    digits = serial(wave, 4).replace("-", "")
    await clerk.sends(f"{POINT}/custody", _scan(digits, "handed_out", interviewer="I1"))
    assert "Handed out · I1" in clerk.text
    await clerk.sends(f"{POINT}/custody", _scan(digits, "blank", outcome="no_contact"))
    assert "Back unused · I1" in clerk.text
    moves = await custody_of(resources, wave, serial=serial(wave, 4))
    assert [(one.by, one.to_state) for one in moves] == [("di", "handed_out"), ("di", "blank")]
    assert ("di", "paper.forms-moved") in await acts(resources)


def _scan(serial: str, to: str, **more: str) -> dict[str, str]:
    return {"serial": serial, "to": to} | more


@pytest.mark.parametrize(
    ("scan", "said"),
    [
        ((6, "handed_out"), "another survey point"),
        ((4, "returned"), "in"),
        ((4, "keyed"), "can't go there"),
        ((4, "elsewhere"), "can't go there"),
        ((999, "lost"), "No form with this serial"),
        ((0, "lost"), "misread"),
        ((1, "handed_out"), "needs a reason"),
    ],
)
async def test_scans_that_cannot_be_are_named_and_move_nothing(
    clerk: Clerk, wave: Wave, resources: Resources, scan: tuple[int, str], said: str
) -> None:
    number, to = scan
    await clerk.sits_down_as("di")
    text = serial(wave, number) if number else "001-000001-x"
    before = await fieldwork(resources, wave)
    await clerk.sends(f"{POINT}/custody", _scan(text, to, interviewer="I1"))
    assert clerk.page.status_code in (409, 422)
    assert said in clerk.text
    assert await fieldwork(resources, wave) == before


async def differing(resources: Resources, wave: Wave) -> None:
    await key(resources, wave, 1, "ann", sex="2")
    await key(resources, wave, 1, "bo", grid__1__care="?")


async def test_a_third_person_decides_with_both_entries_side_by_side(
    clerk: Clerk, wave: Wave, resources: Resources
) -> None:
    await differing(resources, wave)
    await clerk.sits_down_as("chen")
    await clerk.opens(f"{BATCH}/adjudication")
    assert serial(wave, 1) in clerk.text
    await clerk.opens(f"{BATCH}/adjudication?serial={serial(wave, 1)}")
    assert "First entry: 2 Male" in " ".join(clerk.text.split())
    form = {"serial": serial(wave, 1), "sex": "=1", "grid.1.care": "other"}
    await clerk.sends(f"{BATCH}/adjudication", form | {"other.grid.1.care": "8"})
    assert clerk.page.status_code == 422
    await clerk.sends(f"{BATCH}/adjudication", form | {"other.grid.1.care": "3"})
    assert "No form waits" in clerk.text
    async with resources.database.reading() as connection:
        decided = (await list_adjudications(connection, wave.id))[1]
        [response] = [one async for one in stream_responses(connection, wave.id)]
    assert (decided.by, decided.decisions) == ("chen", {"sex": "1", "grid.1.care": "3"})
    assert response.status is ResponseStatus.COUNTED
    await clerk.sends(f"{BATCH}/adjudication", form | {"other.grid.1.care": "3"})
    assert clerk.page.status_code == 409


async def test_nobody_decides_on_a_form_that_they_keyed(
    clerk: Clerk, wave: Wave, resources: Resources, clock: Clock
) -> None:
    """Somebody who keyed and then changed to the role of an adjudicator."""
    await differing(resources, wave)
    async with resources.database.writing() as connection:
        ann = await store.find_by_name(connection, "ann")
        assert ann is not None
        own = Scope(batches=frozenset({"B1"}))
        await store.change_rights(connection, ann.id, role=Role.ADJUDICATOR, scope=own)
    await clerk.sits_down_as("ann")
    page = await clerk.opens(f"{BATCH}/adjudication?serial={serial(wave, 1)}")
    assert page.status_code == 403
    assert "First entry" not in page.text
    form = {"serial": serial(wave, 1), "sex": "=2", "grid.1.care": "=2"}
    await clerk.sends(f"{BATCH}/adjudication", form)
    assert clerk.page.status_code == 403
    async with resources.database.reading() as connection:
        assert await list_adjudications(connection, wave.id) == {}


async def test_a_form_of_another_batch_is_not_decided_here(
    clerk: Clerk, wave: Wave, resources: Resources, clock: Clock
) -> None:
    await differing(resources, wave)
    other = Scope(batches=frozenset({"B2"}))
    await hire(resources, clock, "eve", Role.ADJUDICATOR, other)
    await clerk.sits_down_as("eve")
    elsewhere = BATCH.replace("B1", "B2")
    page = await clerk.opens(f"{elsewhere}/adjudication?serial={serial(wave, 1)}")
    assert page.status_code == 409
    assert "another batch" in page.text
    assert "First entry" not in page.text


async def test_a_batch_is_closed_when_every_form_is_accounted_for(
    clerk: Clerk, wave: Wave, resources: Resources
) -> None:
    await clerk.sits_down_as("di")
    closing = f"{POINT}/batches/B1/close"
    await clerk.sends(closing)
    assert clerk.page.status_code == 409
    for number in (1, 2, 3):
        await clerk.sends(f"{POINT}/custody", _scan(serial(wave, number), "lost"))
    for number in (4, 5):
        await clerk.sends(f"{POINT}/custody", _scan(serial(wave, number), "blank"))
    await clerk.sends(closing)
    assert clerk.page.status_code == 200
    assert "Closed" in clerk.text
    assert ("di", "paper.batch-closed") in await acts(resources)
    await clerk.sends(f"{POINT}/custody", _scan(serial(wave, 1), "returned"))
    assert "batch is closed" in clerk.text


async def test_a_batch_of_another_point_is_not_found_at_ones_own(clerk: Clerk, wave: Wave) -> None:
    await clerk.sits_down_as("di")
    for page in ("close", "forms.pdf"):
        assert (await clerk.opens(f"{POINT}/batches/B2/{page}")).status_code == 404
    await clerk.sends(f"{POINT}/batches/B2/close")
    assert clerk.page.status_code == 404


async def test_printed_forms_are_downloaded_as_pdf(clerk: Clerk, wave: Wave) -> None:
    pytest.importorskip("typst", reason="printing needs the extra `print`")
    await clerk.sits_down_as("di")
    for first in (0, 1):
        reply = await clerk.opens(f"{POINT}/batches/B1/forms.pdf?first={first}")
        assert reply.headers["content-type"] == "application/pdf"
        assert reply.content.startswith(b"%PDF")
    assert (await clerk.opens(f"{POINT}/batches/B1/forms.pdf?first=6")).status_code == 404


def table(wave: Wave, *rows: tuple[int, dict[str, str]]) -> bytes:
    columns = ["serial", *MARKS, "comment"]
    lines = [columns]
    lines += [[serial(wave, n), *(marks.get(c, "") for c in columns[1:])] for n, marks in rows]
    return "\n".join(",".join(line) for line in lines).encode()


async def upload(clerk: Clerk, content: bytes, **fields: str) -> httpx.Response:
    files = {"file": ("keyed.csv", content, "text/csv")}
    clerk.page = await clerk.client.post(
        f"{BATCH}/import", files=files, data=fields, headers=SAME_ORIGIN
    )
    return clerk.page


async def test_a_keyed_file_is_stored_whole_or_not_at_all(
    clerk: Clerk, wave: Wave, resources: Resources
) -> None:
    await clerk.sits_down_as("ann")
    bad = table(wave, (1, MARKS), (2, MARKS | {"sex": "7", "visits": "many"}))
    reply = await upload(clerk, bad)
    assert reply.status_code in (409, 422)
    assert "row 3, sex" in reply.text
    assert "row 3, visits" in reply.text
    assert (await fieldwork(resources, wave)).whole.to_settle == 0
    reply = await upload(clerk, bad, good_part="yes")
    assert reply.status_code == 200
    assert (await fieldwork(resources, wave)).whole.to_settle == 1
    good = table(wave, (1, MARKS), (2, MARKS))
    for _ in range(2):
        assert "stored before: 2" in (await upload(clerk, good)).text
    assert (await fieldwork(resources, wave)).whole.to_settle == 2


async def test_a_workbook_made_from_the_template_is_keyed(
    clerk: Clerk, wave: Wave, resources: Resources, tmp_path: Path
) -> None:
    await clerk.sits_down_as("ann")
    template = await clerk.opens(f"{BATCH}/template.xlsx")
    header, *rows = read_table(tmp_path, "xlsx", template.content)
    filled = [[row[0], *(MARKS.get(code, "") for code in header[1:])] for row in rows[:2]]
    workbook = tmp_path / "keyed.xlsx"
    keyed_files.write_table(workbook, [header, *filled])
    reply = await upload(clerk, workbook.read_bytes())
    assert "stored before: 2" in reply.text
    assert (await own_entry(resources, wave, serial=serial(wave, 2), by="ann")).marks == MARKS


SLIPS = f"{POINT}/slips"
PHONE = "13812345678"


async def test_a_slip_read_on_the_console_makes_a_duplicate_and_leaves_no_trace(
    clerk: Clerk, wave: Wave, resources: Resources, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await clerk.sits_down_as("di")
    assert SLIPS in (await clerk.opens(POINT)).text
    told = []
    for number in (1, 2):
        slip = {"serial": serial(wave, number), "check": "phone", "number": PHONE}
        await clerk.sends(SLIPS, slip)
        told.append(clerk.text.replace(serial(wave, number), ""))
        assert PHONE not in clerk.page.text
    assert told[0] == told[1], "nobody learns who took part before"
    for number in (1, 2):
        for keyer in ("ann", "bo"):
            await key(resources, wave, number, keyer)
    whole = (await fieldwork(resources, wave)).whole
    assert (whole.valid, whole.duplicate) == (1, 1)
    async with resources.database.reading() as connection:
        acts = [one.done async for one in all_entries(connection) if "slip" in one.done.act]
        stored = [str(one) for one in await list_forms(connection, wave.id)]
    assert [(one.actor, one.object, dict(one.details)) for one in acts] == [
        ("di", "batch:B1", {"wave": "base"})
    ] * 2, "no serial: the log's times must pair nobody with a form"
    assert not any(PHONE in text for text in (*stored, caplog.text))


@pytest.mark.parametrize(
    ("number", "changes", "said"),
    [
        (1, {"number": "1381234567"}, "The number is mistyped"),
        (1, {"number": "110101199003070000", "check": "national_id"}, "does not fit"),
        (1, {"check": "oidc"}, "Slips have no such number"),
        (4, {}, "has not been scanned as returned"),
        (6, {}, "another survey point"),
    ],
)
async def test_slips_that_cannot_be_read_are_named_and_the_number_is_not_shown_again(
    clerk: Clerk, wave: Wave, number: int, changes: dict[str, str], said: str
) -> None:
    await clerk.sits_down_as("di")
    slip = {"serial": serial(wave, number), "check": "phone", "number": PHONE} | changes
    await clerk.sends(SLIPS, slip)
    assert clerk.page.status_code in (409, 422)
    assert said in clerk.text
    assert slip["number"] not in clerk.page.text


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"PK\x03\x04junk", b"a,b\n1,2"])
async def test_a_file_that_cannot_be_read_is_refused(
    clerk: Clerk, wave: Wave, content: bytes
) -> None:
    await clerk.sits_down_as("ann")
    assert (await upload(clerk, content)).status_code == 422
    reply = await clerk.sends(f"{BATCH}/import", {"file": "text"})
    assert reply.status_code == 422


@pytest.mark.parametrize(("missing", "status"), [(0, 200), (8, 422), (2000, 422)])
async def test_a_file_that_ends_in_the_middle_is_refused_and_left_open_by_nobody(
    clerk: Clerk, wave: Wave, monkeypatch: pytest.MonkeyPatch, missing: int, status: int
) -> None:
    made: list[SpooledTemporaryFile[bytes]] = []

    def make(*args: Any, **options: Any) -> SpooledTemporaryFile[bytes]:
        made.append(SpooledTemporaryFile(*args, **options))  # noqa: SIM115 – to see it left open
        return made[-1]

    monkeypatch.setattr(formparsers, "SpooledTemporaryFile", make)
    await clerk.sits_down_as("ann")
    files = {"file": ("keyed.csv", table(wave, (1, MARKS)) + b"\n" * 4000, "text/csv")}
    whole = clerk.client.build_request("POST", f"{BATCH}/import", files=files, headers=SAME_ORIGIN)
    body = whole.read()
    headers = SAME_ORIGIN | {"content-type": whole.headers["content-type"]}
    reply = await clerk.client.post(
        f"{BATCH}/import", content=body[: len(body) - missing], headers=headers
    )
    assert reply.status_code == status
    assert all(one.closed for one in made)


async def test_a_large_file_is_read_but_other_addresses_keep_their_limit(
    clerk: Clerk, wave: Wave
) -> None:
    await clerk.sits_down_as("ann")
    large = table(wave, (1, MARKS)) + (b"\n" + b" " * 40) * 4000
    assert (await upload(clerk, large)).status_code == 200
    reply = await clerk.sends(f"{BATCH}/form", {"serial": "1" * 200_000})
    assert reply.status_code == 413


async def test_templates_and_figures_are_given_and_answers_only_after_close(
    clerk: Clerk, wave: Wave, resources: Resources, clock: Clock, tmp_path: Path
) -> None:
    await key(resources, wave, 1, "ann")
    await key(resources, wave, 1, "bo")
    await clerk.sits_down_as("ann")
    template = await clerk.opens(f"{BATCH}/template.csv")
    assert serial(wave, 5) in template.text
    await hire(resources, clock, "fay", Role.ANALYST)
    await clerk.sits_down_as("fay")
    assert "ann" in (await clerk.opens("/console/paper/base/quality")).text
    assert (await clerk.opens("/console/paper/base/keyed.csv")).status_code == 403
    await close_everything(resources, wave)
    for kind in ("csv", "xlsx"):
        reply = await clerk.opens(f"/console/paper/base/keyed.{kind}")
        assert reply.headers["content-disposition"].endswith(f'"base-keyed.{kind}"')
        header, *rows = read_table(tmp_path, kind, reply.content)
        keyed = [dict(zip(header, row, strict=True)) for row in rows]
        assert [(one["serial"], one["keyed_by"]) for one in keyed] == [
            (serial(wave, 1), "ann"),
            (serial(wave, 1), "bo"),
        ]
        assert {name: keyed[0][name] for name in MARKS} == MARKS
    assert (await acts(resources))[-1] == ("fay", "paper.entries-exported")


async def close_everything(resources: Resources, wave: Wave) -> None:
    """Settle what was not keyed, and close both batches and the wave."""
    await move(resources, wave, [2, 3, 4, 5], FormState.LOST)
    await move(resources, wave, list(range(6, 11)), FormState.BLANK)
    for batch in ("B1", "B2"):
        await close_batch(resources, wave, batch=batch, by="di")
    await close_wave(resources, wave, by="tester")


def read_table(folder: Path, kind: str, content: bytes) -> list[list[str]]:
    path = folder / f"table.{kind}"
    path.write_bytes(content)
    return keyed_files.read_table(path, most_rows=100)
