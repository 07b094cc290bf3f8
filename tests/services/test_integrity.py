"""Setting aside: two persons, whole sets, nothing lost, counts that balance."""

import asyncio

import pytest

from app.domain.deduplication.decision import ResponseStatus
from app.domain.deduplication.permits import FormPermit, permit_hash, receipt_code, response_id
from app.domain.integrity.findings import Signal
from app.domain.integrity.review import CaseState
from app.domain.questionnaires.audience import Mode, Trust
from app.domain.rights.rights import Actor, command_line
from app.domain.rights.roles import Role
from app.errors import InvalidInput
from app.errors.integrity import CaseNotFound, CaseRefused, FindingNotFound
from app.errors.releases import ReleaseRefused
from app.errors.staff import NotAllowed, SecondPersonNeeded
from app.services.audit import verify_log
from app.services.integrity_cases import (
    decide,
    list_cases,
    propose_restoring,
    propose_setting_aside,
)
from app.services.integrity_scan import Suspicion, scan_wave
from app.services.participation import count_participation
from app.services.release_preparation import prepare_release
from app.services.releases import publish_release
from app.services.resources import Resources
from app.services.responses import find_receipt
from app.services.waves import Wave, close_wave, find_wave
from app.store.paper_forms import FormRecord, insert_forms
from tests.conftest import settings_for
from tests.support.clock import Clock
from tests.support.stuffing import ATTACK, DAYS, response, store, stuff
from tests.support.surveys import open_town

ANNA, BEN = Actor("anna", Role.ANALYST), Actor("ben", Role.ADMINISTRATOR)


@pytest.fixture
async def stuffed(resources: Resources) -> Wave:
    wave = await open_town(resources)
    await stuff(resources, wave)
    return wave


async def burst(resources: Resources, wave: Wave) -> Suspicion:
    [found] = (await scan_wave(resources, ANNA, wave)).suspicions
    return found


async def counts(resources: Resources, wave: Wave) -> tuple[int, int, int]:
    """Counted, duplicate and set aside, which make up what was returned."""
    found = await count_participation(resources, wave)
    assert found.returned == found.counted + found.duplicate + found.set_aside
    assert found.returned == sum(one.n for one in found.responses)
    return found.counted, found.duplicate, found.set_aside


async def test_a_burst_is_set_aside_by_two_persons_and_comes_back_the_same_way(
    resources: Resources, stuffed: Wave
) -> None:
    before = await counts(resources, stuffed)
    found = await burst(resources, stuffed)
    assert (found.signal, found.n, found.objects["day"]) == (Signal.BURSTS, ATTACK, "2026-11-10")
    case = await propose_setting_aside(
        resources, ANNA, stuffed, key=found.key, reason="one office, one hour"
    )
    assert (case.state, await counts(resources, stuffed)) == (CaseState.PROPOSED, before)
    case = await decide(resources, BEN, stuffed, number=1, agree=True, reason="looked at")
    assert case.state is CaseState.SET_ASIDE
    assert await counts(resources, stuffed) == (before[0] - ATTACK, 1, ATTACK)
    member = receipt_code(found.members[0])
    assert (await find_receipt(resources, member)).status is ResponseStatus.SET_ASIDE
    assert (await burst(resources, stuffed)).n == ATTACK, "the rule picks the same as before"

    stuffed = await close_wave(resources, stuffed, by="ben")
    await propose_restoring(resources, ANNA, stuffed, number=1, reason="a school's lesson")
    case = await decide(resources, BEN, stuffed, number=1, agree=True, reason="confirmed")
    assert (case.state, await counts(resources, stuffed)) == (CaseState.RESTORED, before)
    assert [(one.move, one.by, one.n) for one in case.steps] == [
        ("propose", "anna", ATTACK),
        ("agree", "ben", ATTACK),
        ("propose", "anna", ATTACK),
        ("agree", "ben", ATTACK),
    ]
    _, log = await verify_log(resources, {})
    assert [one.done.act for one in log if one.done.act.startswith("integrity")] == [
        f"integrity.{one.move}" for one in case.steps
    ]


async def test_whoever_proposed_cannot_decide(resources: Resources, stuffed: Wave) -> None:
    key = (await burst(resources, stuffed)).key
    await propose_setting_aside(resources, BEN, stuffed, key=key, reason="odd")
    with pytest.raises(SecondPersonNeeded):
        await decide(resources, BEN, stuffed, number=1, agree=True, reason="odd indeed")
    with pytest.raises(SecondPersonNeeded):
        await decide(resources, BEN, stuffed, number=1, agree=False, reason="changed my mind")
    await decide(resources, command_line("ben"), stuffed, number=1, agree=False, reason="usual")
    assert (await counts(resources, stuffed))[2] == 0


async def test_two_decisions_at_once_are_one(resources: Resources, stuffed: Wave) -> None:
    key = (await burst(resources, stuffed)).key
    await propose_setting_aside(resources, ANNA, stuffed, key=key, reason="odd")
    outcomes = await asyncio.gather(
        *(
            decide(
                resources, command_line(f"b{n}"), stuffed, number=1, agree=n % 2 == 0, reason="x"
            )
            for n in range(4)
        ),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["Case", *["CaseRefused"] * 3]
    [case] = await list_cases(resources, ANNA, stuffed)
    aside = (await counts(resources, stuffed))[2]
    assert (case.state, aside) in [(CaseState.SET_ASIDE, ATTACK), (CaseState.KEPT, 0)]
    await verify_log(resources, {})


async def test_what_two_cases_set_aside_counts_again_only_when_both_are_restored(
    resources: Resources, stuffed: Wave
) -> None:
    key = (await burst(resources, stuffed)).key
    for number in (1, 2):
        await propose_setting_aside(resources, ANNA, stuffed, key=key, reason="odd")
        await decide(resources, BEN, stuffed, number=number, agree=True, reason="yes")
    for number, left in ((1, ATTACK), (2, 0)):
        await propose_restoring(resources, ANNA, stuffed, number=number, reason="no")
        await decide(resources, BEN, stuffed, number=number, agree=True, reason="right")
        assert (await counts(resources, stuffed))[2] == left


@pytest.fixture
def sqlite_settings(make_sqlite):  # type: ignore[no-untyped-def]
    return settings_for(make_sqlite())


class TestRefusals:
    """What does not depend on the kind of database is tried on one."""

    @pytest.fixture
    def settings(self, sqlite_settings):  # type: ignore[no-untyped-def]
        return sqlite_settings

    async def test_only_findings_of_a_scan_can_be_proposed(
        self, resources: Resources, stuffed: Wave
    ) -> None:
        with pytest.raises(FindingNotFound):
            await propose_setting_aside(resources, ANNA, stuffed, key="0" * 12, reason="my list")
        assert await list_cases(resources, ANNA, stuffed) == []

    async def test_a_finding_that_faded_is_not_set_aside(
        self, resources: Resources, stuffed: Wave
    ) -> None:
        key = (await burst(resources, stuffed)).key
        await propose_setting_aside(resources, ANNA, stuffed, key=key, reason="odd")
        later = [response(1000 + n, n % DAYS) for n in range(80 * DAYS) if n % DAYS != 9]
        await store(resources, stuffed, later)
        with pytest.raises(FindingNotFound):
            await decide(resources, BEN, stuffed, number=1, agree=True, reason="yes")
        case = await decide(resources, BEN, stuffed, number=1, agree=False, reason="usual by now")
        assert case.state is CaseState.KEPT

    async def test_nothing_is_decided_twice_or_proposed_while_it_waits(
        self, resources: Resources, stuffed: Wave
    ) -> None:
        key = (await burst(resources, stuffed)).key
        await propose_setting_aside(resources, ANNA, stuffed, key=key, reason="odd")
        with pytest.raises(CaseRefused):
            await propose_setting_aside(resources, BEN, stuffed, key=key, reason="odd")
        with pytest.raises(CaseRefused):
            await propose_restoring(resources, ANNA, stuffed, number=1, reason="too early")
        await decide(resources, BEN, stuffed, number=1, agree=False, reason="no")
        with pytest.raises(CaseRefused):
            await decide(resources, BEN, stuffed, number=1, agree=True, reason="yes")
        with pytest.raises(CaseNotFound):
            await decide(resources, BEN, stuffed, number=2, agree=True, reason="yes")

    async def test_what_is_found_after_a_release_leads_to_a_correction(
        self, resources: Resources, stuffed: Wave, clock: Clock
    ) -> None:
        chen, dora = Actor("chen", Role.ADMINISTRATOR), Actor("dora", Role.ADMINISTRATOR)
        closed = await close_wave(resources, stuffed, by="ben")
        prepared = await prepare_release(resources, chen, closed)
        await publish_release(resources, dora, closed, prepared=prepared.id, state="final")
        released = await find_wave(resources, stuffed.code)
        key = (await burst(resources, released)).key
        await propose_setting_aside(resources, ANNA, released, key=key, reason="odd")
        await decide(resources, BEN, released, number=1, agree=True, reason="odd indeed")
        assert (await counts(resources, released))[2] > 0
        clock.advance(minutes=1)
        again = await prepare_release(resources, chen, released)
        corrected = await publish_release(
            resources, dora, released, prepared=again.id, state="corrected", why="Stuffing found"
        )
        assert corrected.sequence == 2

    async def test_whoever_has_seen_figures_decides_nothing_and_old_figures_are_not_published(
        self, resources: Resources, stuffed: Wave, clock: Clock
    ) -> None:
        key = (await burst(resources, stuffed)).key
        await propose_setting_aside(resources, ANNA, stuffed, key=key, reason="odd")
        closed = await close_wave(resources, stuffed, by="ben")
        chen, dora = Actor("chen", Role.ADMINISTRATOR), Actor("dora", Role.ADMINISTRATOR)
        prepared = await prepare_release(resources, chen, closed)
        with pytest.raises(CaseRefused):
            await decide(resources, chen, closed, number=1, agree=True, reason="looks better")
        clock.advance(minutes=1)
        await decide(resources, BEN, closed, number=1, agree=True, reason="odd indeed")
        with pytest.raises(ReleaseRefused):
            await publish_release(resources, dora, closed, prepared=prepared.id, state="final")
        again = await prepare_release(resources, chen, closed)
        await publish_release(resources, dora, closed, prepared=again.id, state="final")
        assert (await find_wave(resources, closed.code)).state == "released"

    async def test_rights_are_asked_for_and_reasons_too(
        self, resources: Resources, stuffed: Wave
    ) -> None:
        key = (await burst(resources, stuffed)).key
        keyer, auditor = Actor("kim", Role.KEYER), Actor("ava", Role.AUDITOR)
        with pytest.raises(NotAllowed):
            await scan_wave(resources, keyer, stuffed)
        with pytest.raises(NotAllowed):
            await propose_setting_aside(resources, auditor, stuffed, key=key, reason="odd")
        with pytest.raises(NotAllowed):
            await decide(resources, ANNA, stuffed, number=1, agree=True, reason="yes")
        for reason in ("", "  ", "x" * 501, "two\nlines"):
            with pytest.raises(InvalidInput):
                await propose_setting_aside(resources, ANNA, stuffed, key=key, reason=reason)

    async def test_an_interviewer_whose_forms_differ_from_all_others_is_named(
        self, resources: Resources
    ) -> None:
        wave = await open_town(resources)
        numbers = range(1, 601)
        forms = [FormRecord(n, "B", "P1", interviewer=f"I{n % 30}") for n in numbers]
        levels = ("satisfied", "neutral", "very_satisfied", "neutral", "dissatisfied")
        records = []
        for form in forms:
            hashed = permit_hash(resources.keys, wave.code, FormPermit(form.number))
            level = levels[form.number // 30 % 5] if form.interviewer != "I7" else "very_satisfied"
            paper = {"mode": Mode.PAPER, "trust": Trust.FIELDWORK, "point": "P1"}
            own = response_id(wave.code, hashed)
            records.append(response(form.number, 3, level=level, response_id=own, **paper))
        async with resources.database.writing() as connection:
            await insert_forms(connection, wave.id, forms)
        await store(resources, wave, records)
        [found] = (await scan_wave(resources, ANNA, wave)).suspicions
        assert (found.signal, found.n) == (Signal.CONCENTRATION, 20)
        assert found.objects["interviewer"] == "I7"
