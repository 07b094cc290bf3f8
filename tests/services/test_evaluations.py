"""From published releases and entered figures to a signed chain of evaluations."""

import dataclasses

import pytest

from app.domain.releases.signing import verify
from app.domain.rights.rights import Actor, Scope
from app.domain.rights.roles import Role
from app.errors import InvalidInput
from app.errors.scoring import EvaluationNotFound, EvaluationRefused
from app.errors.staff import NotAllowed, SecondPersonNeeded
from app.services.entered_figures import enter_figures
from app.services.evaluation_preparation import prepare_evaluation
from app.services.evaluations import (
    find_department_result,
    find_evaluation,
    list_evaluations,
    publish_evaluation,
    read_evaluation,
)
from app.services.events import list_events
from app.services.resources import Resources
from app.services.signing_keys import public_keys
from app.services.waves import Wave
from app.store.scoring import EvaluationRecord
from tests.support.evaluations import publish_made_up
from tests.support.xiamen import ENTERED, SAMPLES, TABLE, xiamen_wave

ANALYST = Actor("li.na", Role.ANALYST)
HEAD = Actor("wang.wei", Role.ADMINISTRATOR)
SCHEME = "xiamen-2008"


@pytest.fixture
async def wave(resources: Resources) -> Wave:
    """A wave with a final release, and all figures entered."""
    made = await xiamen_wave(resources)
    await publish_made_up(resources, made, SAMPLES)
    await enter_figures(resources, ANALYST, made, period="2008", table=ENTERED)
    return made


async def correct(resources: Resources, wave: Wave, value: str) -> None:
    table = [ENTERED[0], ["huli", "indicators", value]]
    await enter_figures(resources, ANALYST, wave, period="2008", table=table, reason="misread")


async def evaluated(resources: Resources, wave: Wave, why: str = "") -> EvaluationRecord:
    await prepare_evaluation(resources, ANALYST, wave, period="2008")
    return await publish_evaluation(resources, HEAD, wave, period="2008", why=why)


async def test_the_published_table_is_signed_and_announced(
    resources: Resources, wave: Wave
) -> None:
    record = await evaluated(resources, wave)
    payload = verify(record.jws, await public_keys(resources))
    assert payload == record.payload
    document = read_evaluation(payload)
    assert document.header.state == "final"
    totals = {one.department.code: one.combined.points for one in document.evaluation.departments}
    assert {code: str(one) for code, one in totals.items()} == {
        code: row["total"] for code, row in TABLE.items()
    }
    (event,) = await list_events(resources, since=0, schemes=[SCHEME], limit=9)
    assert (event.kind, event.subject) == ("evaluation.published", "xiamen-2008.1")
    assert await list_events(resources, since=0, schemes=[], limit=9) == []


async def test_who_prepared_does_not_publish(resources: Resources, wave: Wave) -> None:
    await prepare_evaluation(resources, HEAD, wave, period="2008")
    with pytest.raises(SecondPersonNeeded):
        await publish_evaluation(resources, HEAD, wave, period="2008")
    with pytest.raises(NotAllowed):
        await publish_evaluation(resources, ANALYST, wave, period="2008")
    assert await list_evaluations(resources, [SCHEME]) == []


async def test_a_figure_entered_after_preparing_stops_publishing(
    resources: Resources, wave: Wave
) -> None:
    await prepare_evaluation(resources, ANALYST, wave, period="2008")
    await correct(resources, wave, "86")
    with pytest.raises(EvaluationRefused, match="Figures have been entered since"):
        await publish_evaluation(resources, HEAD, wave, period="2008")


async def test_a_corrected_release_makes_a_corrected_evaluation_that_names_its_predecessor(
    resources: Resources, wave: Wave
) -> None:
    first = await evaluated(resources, wave)
    better = {**SAMPLES[0].indices, "jimei": "80.14"}
    samples = [dataclasses.replace(SAMPLES[0], indices=better), *SAMPLES[1:]]
    await prepare_evaluation(resources, ANALYST, wave, period="2008")
    await publish_made_up(resources, wave, samples, state="corrected")
    with pytest.raises(EvaluationRefused, match="A newer release is out"):
        await publish_evaluation(resources, HEAD, wave, period="2008", why="too late")
    with pytest.raises(InvalidInput):
        await evaluated(resources, wave)
    second = await evaluated(resources, wave, why="Forms of Jimei were found")
    header = read_evaluation(second.payload).header
    assert (header.state, header.sequence) == ("corrected", 2)
    assert header.previous is not None
    assert header.previous.digest == first.digest.hex()
    assert header.correction is not None
    assert header.correction.corrects == "xiamen-2008.1"
    assert header.correction.changed.endswith("releases: xm.2")
    assert await find_evaluation(resources, SCHEME, "2008") == second


async def test_nothing_new_is_not_published_again(resources: Resources, wave: Wave) -> None:
    await evaluated(resources, wave)
    with pytest.raises(EvaluationRefused):
        await evaluated(resources, wave, why="once more")


async def test_a_provisional_release_makes_a_provisional_evaluation(
    resources: Resources,
) -> None:
    wave = await xiamen_wave(resources)
    with pytest.raises(EvaluationRefused):
        await prepare_evaluation(resources, ANALYST, wave, period="2008")
    await publish_made_up(resources, wave, SAMPLES, state="provisional")
    assert (await evaluated(resources, wave)).state == "provisional"
    await publish_made_up(resources, wave, SAMPLES)
    assert (await evaluated(resources, wave)).state == "final"


async def test_a_department_reads_its_own_result_only(resources: Resources, wave: Wave) -> None:
    reader = Actor("chen", Role.DEPARTMENT_READER, Scope(departments=frozenset({"huli"})))

    async def read(department: str) -> str:
        found = await find_department_result(
            resources, reader, scheme=SCHEME, period="2008", department=department
        )
        return str(found.score.combined.points)

    with pytest.raises(EvaluationNotFound):
        await read("huli")
    await evaluated(resources, wave)
    assert await read("huli") == "84.469"
    with pytest.raises(NotAllowed):
        await read("jimei")
