"""Staff's results: readers see their own department, analysts take files, each with an entry."""

import pytest

from app.domain.rights.rights import Scope
from app.domain.rights.roles import Role
from app.services.audit import list_entries
from app.services.permits import issue_open_permit
from app.services.responses import accept_response
from app.services.waves import Wave, close_wave
from tests.console.clerk import Clerk
from tests.support.clock import Clock
from tests.support.results import fewer, publish, release
from tests.support.staff import ROOT, hire
from tests.support.surveys import answers

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_a_reader_finds_the_own_department_and_no_other(clerk: Clerk, clock: Clock) -> None:
    await publish(clerk.resources, fewer(release(year=2009)), fewer(release()))
    await hire(
        clerk.resources, clock, "rae", Role.DEPARTMENT_READER, Scope(departments=frozenset({"D02"}))
    )
    await clerk.sits_down_as("rae")
    await clerk.opens("/console/results")
    assert "/console/results/shenzhen-2010/departments/D02" in clerk.page.text
    assert "departments/D03" not in clerk.page.text
    assert "responses.csv" not in clerk.page.text
    await clerk.opens("/console/results/shenzhen-2010/departments/D02")
    assert clerk.heading.startswith("Science, Industry")
    assert "How people answered" in clerk.text
    assert (await clerk.opens("/console/results/shenzhen-2010/departments/D03")).status_code == 403


async def test_an_analyst_takes_files_of_a_closed_wave(
    clerk: Clerk, clock: Clock, town: Wave
) -> None:
    permit = await issue_open_permit(clerk.resources, town, respondent_class="residents")
    await accept_response(clerk.resources, town, permit, answers())
    await hire(clerk.resources, clock, "ana", Role.ANALYST)
    await clerk.sits_down_as("ana")
    await clerk.opens("/console/results")
    assert "responses.csv" not in clerk.page.text
    assert (await clerk.opens("/console/results/town/responses.csv")).status_code == 403
    await close_wave(clerk.resources, town, by="tester")
    await clerk.opens("/console/results")
    assert "/console/results/town/responses.csv" in clerk.page.text
    for kind, start in [("csv", b"\xef\xbb\xbfstatus,"), ("xlsx", b"PK"), ("sav", b"$FL2")]:
        reply = await clerk.opens(f"/console/results/town/responses.{kind}")
        assert reply.content.startswith(start)
        assert f'filename="town-responses.{kind}"' in reply.headers["content-disposition"]
    book = await clerk.opens("/console/results/town/codebook.csv")
    assert "rating.D01.attitude" in book.text
    entries = await list_entries(clerk.resources, ROOT)
    acts = [(one.done.act, one.done.actor) for one in entries]
    assert acts.count(("responses.exported", "ana")) == 3
