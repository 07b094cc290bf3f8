import pytest
from sqlalchemy import delete, text, update

from app.domain.rights.rights import Actor
from app.domain.rights.roles import Role
from app.errors.staff import AuditLogBroken, NotAllowed
from app.errors.waves import TransitionRefused
from app.services import audit
from app.services.resources import Resources
from app.services.waves import close_wave, open_wave, pause_wave
from app.tables import audit_head, audit_log
from tests.support.clock import Clock
from tests.support.staff import ROOT, hire
from tests.support.surveys import open_town


async def acts(resources: Resources) -> list[tuple[str, str]]:
    _, entries = await audit.verify_log(resources, {})
    return [(one.done.actor, one.done.act) for one in entries]


async def test_what_happens_to_a_wave_is_in_the_log(resources: Resources) -> None:
    wave = await open_town(resources)
    wave = await pause_wave(resources, wave, by="li.na", reason="the data centre moves")
    await close_wave(resources, wave, by="wang.wei")
    assert await acts(resources) == [
        ("system", "wave.created"),
        ("tester", "wave.open"),
        ("li.na", "wave.paused"),
        ("wang.wei", "wave.closed"),
    ]


async def test_an_act_that_failed_is_not_in_the_log(resources: Resources) -> None:
    wave = await open_town(resources)
    await pause_wave(resources, wave, by="li.na", reason="")
    before = await acts(resources)
    with pytest.raises(TransitionRefused):
        await pause_wave(resources, wave, by="wang.wei", reason="")
    assert await acts(resources) == before
    with pytest.raises(TransitionRefused):
        await open_wave(resources, wave, by="wang.wei")
    assert await acts(resources) == before


async def test_an_act_that_can_not_be_logged_is_not_done(
    resources: Resources, clock: Clock
) -> None:
    wave = await open_town(resources)
    async with resources.database.writing() as connection:
        await connection.execute(delete(audit_head))
    with pytest.raises(Exception, match="No row was found"):
        await pause_wave(resources, wave, by="li.na", reason="")
    async with resources.database.reading() as connection:
        state = (await connection.execute(text("select state from waves"))).scalar_one()
    assert state == "open"


async def test_an_emptied_log_beside_accounts_is_found(resources: Resources, clock: Clock) -> None:
    await hire(resources, clock, "keyer", Role.KEYER)
    async with resources.database.writing() as connection:
        await connection.execute(delete(audit_log))
        await connection.execute(update(audit_head).values(number=0, hash=bytes(32), seal=b""))
    with pytest.raises(AuditLogBroken):
        await audit.verify_log(resources, {})


async def test_a_broken_log_is_told_entry_by_entry(resources: Resources, clock: Clock) -> None:
    await hire(resources, clock, "keyer", Role.KEYER)
    async with resources.database.writing() as connection:
        await connection.execute(update(audit_log).values(actor="nobody"))
    with pytest.raises(AuditLogBroken) as broken:
        await audit.verify_log(resources, {})
    assert [one.field for one in broken.value.faults] == ["entry 1", "entry 2"]


async def test_the_log_has_no_words_about_citizens(resources: Resources, clock: Clock) -> None:
    wave = await open_town(resources)
    await pause_wave(resources, wave, by="li.na", reason="Wang Wei of Nanshan complained")
    async with resources.database.reading() as connection:
        rows = (await connection.execute(text("select * from audit_log"))).all()
    assert "Wang Wei" not in str(rows)


@pytest.mark.parametrize("role", list(Role))
async def test_the_log_is_for_administrators_and_auditors(resources: Resources, role: Role) -> None:
    somebody = Actor("somebody", role)
    if role in (Role.ADMINISTRATOR, Role.AUDITOR):
        assert await audit.list_entries(resources, somebody) == []
        assert (await audit.show_head(resources, somebody)).number == 0
        return
    with pytest.raises(NotAllowed):
        await audit.list_entries(resources, somebody)
    with pytest.raises(NotAllowed):
        await audit.show_head(resources, somebody)


async def test_pages_of_the_log_follow_one_another(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "PAGE_LENGTH", 2)
    wave = await open_town(resources)
    await pause_wave(resources, wave, by="li.na", reason="")
    first = await audit.list_entries(resources, ROOT)
    second = await audit.list_entries(resources, ROOT, before=first[-1].number)
    assert [one.number for one in first + second] == [3, 2, 1]
