"""Figures from storage: the same bytes from both databases, in whatever order rows come."""

from collections.abc import Callable, Sequence

from app.domain.questionnaires.audience import DatesOfMode
from app.domain.releases.canonical import canonical_document
from app.domain.releases.document import Figures
from app.domain.releases.response_rows import ResponseRow
from app.services.release_figures import compute_figures
from app.services.resources import open_resources
from app.services.waves import create_wave
from tests.conftest import settings_for
from tests.support.responses import DECEMBER, DEFINITIONS, City, definition_in, store_rows

SHENZHEN = DEFINITIONS / "shenzhen-2010"


async def computed(url: str, rows: Sequence[ResponseRow], told: list[str]) -> Figures:
    """Store the rows in this database and compute their figures."""
    resources = open_resources(settings_for(url))
    try:
        dates = DatesOfMode(opens=DECEMBER.first, closes=DECEMBER.last)
        wave = await create_wave(resources, code="sz", folder=SHENZHEN, dates=dates)
        await store_rows(resources, wave, rows)
        return await compute_figures(
            resources, wave, progress=lambda what, _share: told.append(what)
        )
    finally:
        await resources.close()


async def test_both_databases_give_the_same_bytes(
    make_sqlite: Callable[[], str], make_postgresql: Callable[[], str]
) -> None:
    city = City(definition_in(SHENZHEN), seed=1)
    rows = [*(city.paper() for _ in range(150)), *(city.poll() for _ in range(150))]
    told: list[str] = []
    here = await computed(make_sqlite(), rows, told)
    there = await computed(make_postgresql(), rows[::-1], told)
    assert canonical_document(here) == canonical_document(there)
    assert here.period == DECEMBER
    assert [one.n for one in here.sources] == [150, 150]
    assert set(told) == {"responses", *(one.code for one in here.sources)}
