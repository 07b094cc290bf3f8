import re

import pytest

from app.domain.rights.roles import Role
from app.services import audit
from app.services.waves import Wave
from tests.console.clerk import Clerk
from tests.support.clock import Clock
from tests.support.staff import hire


@pytest.fixture
async def auditor(clerk: Clerk, clock: Clock, town: Wave) -> Clerk:
    await clerk.signs_in(await hire(clerk.resources, clock, "auditor", Role.AUDITOR))
    return clerk


def numbers(clerk: Clerk) -> list[int]:
    return [int(one) for one in re.findall(r'<td class="number">(\d+)</td>', clerk.page.text)]


async def test_the_log_is_shown_newest_first_with_its_head(auditor: Clerk) -> None:
    await auditor.opens("/console/audit")
    head, entries = await audit.verify_log(auditor.resources, {})
    assert numbers(auditor) == [one.number for one in reversed(entries)]
    assert head.text in auditor.text
    assert "Wave opened" in auditor.text
    assert "Signed in" in auditor.text


@pytest.mark.parametrize(
    ("query", "acts"),
    [
        ("act=wave.", {"Wave made", "Wave opened"}),
        ("by=tester", {"Wave opened"}),
        ("about=wave:town", {"Wave made", "Wave opened"}),
        ("by=nobody", {"Nothing matches."}),
    ],
)
async def test_filters_narrow_it(auditor: Clerk, query: str, acts: set[str]) -> None:
    await auditor.opens(f"/console/audit?{query}")
    shown = {"Wave made", "Wave opened", "Signed in", "Account made", "Nothing matches."}
    assert {
        one for one in shown if f"<td>{one}" in auditor.page.text or one in auditor.text
    } == acts


async def test_older_entries_follow_on_another_page(
    auditor: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "PAGE_LENGTH", 2)
    monkeypatch.setattr("app.console.audit.PAGE_LENGTH", 2)
    await auditor.opens("/console/audit?by=&act=&about=")
    first = numbers(auditor)
    older = re.search(r'href="(/console/audit\?[^"]+)"', auditor.page.text)
    assert older is not None
    await auditor.opens(older[1].replace("&amp;", "&"))
    assert numbers(auditor) == [first[-1] - 1, first[-1] - 2]


@pytest.mark.parametrize("query", ["before=0", "before=x", "by=%00", "act=" + "x" * 41])
async def test_filters_that_make_no_sense_are_refused(auditor: Clerk, query: str) -> None:
    assert (await auditor.opens(f"/console/audit?{query}")).status_code == 422
