"""Releases: prepared by one person, published by another, never changed, corrected by a new one."""

import ast

from app.domain.deduplication.decision import ResponseStatus
from app.domain.releases.chain import verify_chain
from app.domain.releases.disclosure import control
from app.domain.waves.life_cycle import WaveState
from app.services.audit import list_entries
from app.services.events import list_events
from app.services.release_figures import compute_figures
from app.services.releases import (
    chain_of,
    find_release,
    list_releases,
    newest_release,
    read_release,
)
from app.services.resources import Resources
from app.services.signing_keys import public_keys
from app.services.waves import Wave, find_wave
from app.store.responses import change_status
from app.tables import responses
from tests.house.sources import ROOT
from tests.support.releases import ADMINISTRATOR, closed_town, release, townspeople


async def set_aside(resources: Resources, wave: Wave, n: int) -> None:
    """Set the first answers aside, as if two persons had decided so."""
    async with resources.database.writing() as connection:
        chosen = [row.response_id for row in townspeople()[:n]]
        await change_status(
            connection,
            wave.id,
            ResponseStatus.COUNTED,
            ResponseStatus.SET_ASIDE,
            responses.c.response_id.in_(chosen),
        )


async def test_a_release_is_signed_chained_logged_and_announced(resources: Resources) -> None:
    wave = await closed_town(resources, townspeople())
    first = await release(resources, wave, "provisional")
    await set_aside(resources, wave, 30)
    await release(resources, wave, "final")
    await release(resources, wave, "corrected", why="counted twice")
    wave = await find_wave(resources, wave.code)
    assert wave.state is WaveState.RELEASED

    keys = await public_keys(resources)
    links = verify_chain([one.jws for one in await list_releases(resources, wave)], keys)
    assert [link.release.header.state for link in links] == ["provisional", "final", "corrected"]
    assert links == await chain_of(resources, wave)
    assert (await newest_release(resources, wave)).payload == links[2].payload
    assert (await find_release(resources, "town.1")) == first

    acts = [
        one.done.act
        for one in await list_entries(resources, ADMINISTRATOR, object_="release:town.3")
    ]
    assert acts == ["release.corrected"]
    events = await list_events(resources, since=0, schemes=(), limit=9)
    assert [one.kind for one in events if one.kind.startswith("release")] == [
        "release.published",
        "release.published",
        "release.corrected",
    ]
    assert events[-1].subject == "town.3"


async def test_what_is_published_has_gone_through_disclosure_control(resources: Resources) -> None:
    wave = await closed_town(resources, townspeople())
    computed = await compute_figures(resources, wave)
    record = await release(resources, wave)
    shown = read_release(record.payload).figures
    assert shown == control(computed) != computed
    assert {one.suppressed for one in shown.indices} == {"minimum-n", None}


def test_the_store_has_no_way_to_change_or_remove_a_release() -> None:
    tree = ast.parse((ROOT / "app/store/releases.py").read_text())
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert "insert_new" in names
    assert not names & {"update", "delete", "text"}
    users = [
        path
        for path in (ROOT / "app").rglob("*.py")
        if "prepared_figures" in path.read_text() and "tables" not in path.parts
    ]
    assert [path.name for path in users] == ["releases.py"]
