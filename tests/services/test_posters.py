import datetime
import shutil
from pathlib import Path

import pytest

from app.domain.questionnaires.audience import DatesOfMode
from app.errors.answering import WayInNotOffered
from app.services.posters import list_places, make_poster
from app.services.resources import Resources
from app.services.waves import create_wave
from app.settings import ROOT
from tests.support.printed import shows_qr_of, words_of
from tests.support.surveys import TOWN, open_town

DECEMBER = DatesOfMode(opens=datetime.date(2026, 12, 1), closes=datetime.date(2026, 12, 31))
BASE = "http://127.0.0.1:8000/w"


async def test_each_place_with_a_link_of_its_own_has_a_poster(resources: Resources) -> None:
    wave = await open_town(resources)
    places = {place.name: place.address for place in list_places(resources, wave)}
    assert places == {
        "town": f"{BASE}/town",
        "town-D01": f"{BASE}/town/d/D01",
        "town-window-W1": f"{BASE}/town?at=W1",
        "town-D02": f"{BASE}/town/d/D02",
        "town-D03": f"{BASE}/town/d/D03",
    }


async def test_where_no_link_names_what_is_rated_there_is_one_poster(
    resources: Resources,
) -> None:
    folder = ROOT / "survey_definitions" / "shenzhen-2010"
    wave = await create_wave(resources, code="sz", folder=folder, dates=DECEMBER)
    assert [place.name for place in list_places(resources, wave)] == ["sz"]


async def test_a_poster_leads_to_its_place_and_names_it(resources: Resources) -> None:
    wave = await open_town(resources)
    for place in list_places(resources, wave):
        poster = make_poster(resources, wave, place)
        [words] = words_of(poster.pdf)
        assert shows_qr_of(poster.pdf, place.address)
        assert place.address.removeprefix("http://") in words
        assert "小镇满意度调查" in words
        assert "1–30Nov2026" in words
        assert ("教育局" in words) == (place.name in ("town-D01", "town-window-W1"))
        assert ("一号窗口" in words) == (place.name == "town-window-W1")
        assert poster.svg.startswith(b"<svg")
        assert poster.qr.startswith("<svg")


async def test_shipped_surveys_fit_on_one_page(resources: Resources) -> None:
    for name in ("shenzhen-2010", "xiamen-2008", "service-window"):
        folder = ROOT / "survey_definitions" / name
        dates = None if name == "service-window" else DECEMBER
        wave = await create_wave(resources, code=name, folder=folder, dates=dates)
        for place in list_places(resources, wave)[:3]:
            assert len(words_of(make_poster(resources, wave, place).pdf)) == 1


async def test_a_survey_that_is_not_on_the_web_has_no_posters(
    resources: Resources, tmp_path: Path
) -> None:
    town = tmp_path / "town"
    shutil.copytree(TOWN, town)
    audience = town / "audience.yaml"
    audience.write_text(
        """
classes:
  - code: residents
    name: {zh: 居民, en: Residents}
    rates: {rule: all}
    ways_in:
      - {mode: paper, trust: fieldwork}
collection:
  timezone: Asia/Shanghai
""",
        "utf-8",
    )
    wave = await create_wave(resources, code="paper", folder=town, dates=DECEMBER)
    with pytest.raises(WayInNotOffered):
        list_places(resources, wave)
