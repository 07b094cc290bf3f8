"""Results pages: what a reader sees first, what stays hidden, and what is behind each plot."""

import csv
import re

import httpx
import pytest

from app.domain.releases.document import Correction, IndexFigure
from app.services.resources import Resources
from tests.support.results import ONLINE, PAPER, TINY, figures, publish, release
from tests.support.surveys import open_town
from tests.web.citizen import Citizen

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

CORRECTION = Correction(
    corrects="shenzhen-2010.1",
    changed="D05: index",
    why="<b>A batch</b> had been keyed twice.",
)
NEWEST, FIRST = "/results/shenzhen-2010", "/results/shenzhen-2010/1"


@pytest.fixture
async def reader(client: httpx.AsyncClient, resources: Resources) -> Citizen:
    """Somebody who reads English, after two surveys and a correction."""
    await publish(
        resources,
        release(year=2009),
        release(state="provisional"),
        release(sequence=2, state="corrected", correction=CORRECTION),
    )
    client.cookies.set("language", "en")
    return Citizen(client)


def shown(reader: Citizen, source: str) -> list[tuple[str, str, str]]:
    """Place, index and places of each department as the plot of a source says them."""
    anchor = source.replace("/", "-").replace("+", "-")
    section = reader.page.text.split(f'<section id="{anchor}"')[1].split("</figure>")[0]
    rows = re.findall(r'<li class="row">(.*?)</li>', section, re.DOTALL)
    texts = [re.sub(r"<[^>]+>", " ", one).split() for one in rows]
    return [(text[0], text[-3].rstrip("*"), text[-1]) for text in texts]


def whole(source: str) -> dict[str, IndexFigure]:
    return {
        one.department: one
        for one in figures(2010).indices
        if one.source == source and one.stratum is None and one.trust is None
    }


async def test_departments_stand_in_the_order_of_their_indices_with_their_places(
    reader: Citizen,
) -> None:
    await reader.opens(NEWEST)
    for source in (PAPER, ONLINE):
        expected = sorted(
            (place for place in figures(2010).ranking if place.source == source),
            key=lambda place: (place.rank, place.department),
        )
        values = whole(source)
        assert [one[0] for one in shown(reader, source)] == [str(one.rank) for one in expected]
        for (_, value, places), place in zip(shown(reader, source), expected, strict=True):
            assert abs(float(value) - float(values[place.department].value or 0)) <= 0.0501
            assert places == f"{place.best}–{place.worst}"


async def test_a_suppressed_index_is_named_with_its_reason_and_nothing_else(
    reader: Citizen,
) -> None:
    await reader.opens(NEWEST)
    poll = reader.page.text.split('id="online-residents-kiosk-web"')[1]
    row = re.search(r'hidden-row">(.*?)</li>', poll, re.DOTALL)
    assert row is not None
    assert "Taiwan Affairs Office" in row[1]
    assert "not shown: too few people answered" in row[1]
    assert not re.search(r"\d", re.sub(r"<[^>]+>", "", row[1]))
    await reader.opens(f"{NEWEST}/2/departments/{TINY}")
    assert "not shown: too few people answered" in reader.text


async def test_a_correction_says_what_changed_and_why_and_leads_to_what_it_corrects(
    reader: Citizen,
) -> None:
    await reader.opens(NEWEST)
    assert "Corrected" in reader.text
    assert "D05: index" in reader.text
    assert "&lt;b&gt;A batch&lt;/b&gt; had been keyed twice." in reader.page.text
    assert f'href="{FIRST}"' in reader.page.text
    await reader.opens(FIRST)
    assert "This release is outdated." in reader.text
    assert "These figures are provisional" in reader.text
    assert f'href="{NEWEST}"' in reader.page.text


async def test_a_self_selected_poll_says_so_and_a_sample_does_not(reader: Citizen) -> None:
    await reader.opens(NEWEST)
    sample, poll = reader.page.text.split('<section id="online-residents-kiosk-web"')
    assert "Nobody was drawn for this poll" not in sample
    assert "Nobody was drawn for this poll" in poll
    assert "14 survey points" in sample


async def test_the_counts_add_up_on_the_page(reader: Citizen) -> None:
    await reader.opens(NEWEST)
    table = reader.page.text.split('id="counts"')[1].split("</table>")[0]
    foot = re.findall(r'class="number">([^<]*)<', table.split("<tfoot>")[1])
    returned, *parts = [int(one.replace(",", "")) for one in foot if one]
    assert returned == sum(parts) == sum(one.returned for one in figures(2010).counts)


async def test_a_department_has_its_parts_and_its_earlier_years(reader: Citizen) -> None:
    await reader.opens(f"{NEWEST}/2/departments/D05")
    assert reader.heading == "Human Settlements and Environment Commission"
    assert "Luohu and Yantian" in reader.text
    years = re.findall(r'<th scope="col">(\d{4})</th>', reader.page.text)
    assert years == ["2009", "2010"] * len(figures(2010).sources)
    assert "index would be" in reader.text


async def test_the_table_has_every_index_as_published(reader: Citizen) -> None:
    reply = await reader.opens(f"{NEWEST}/2/indices.csv")
    assert reply.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(reply.content.decode("utf-8-sig").splitlines()))
    assert len(rows) == len(figures(2010).indices)
    first = next(one for one in figures(2010).indices if one.value is not None)
    row = next(one for one in rows if one["department"] == first.department)
    assert (row["index"], row["n"]) == (str(first.value), str(first.n))
    hidden = [one for one in rows if one["suppressed"]]
    assert hidden
    assert all(one["index"] == one["n"] == one["standard_error"] == "" for one in hidden)


async def test_every_plot_has_a_table_behind_it_and_every_drawing_a_text(reader: Citizen) -> None:
    for address in (NEWEST, f"{NEWEST}/2/departments/D05"):
        page = (await reader.opens(address)).text
        drawings = re.findall(r"<svg[^>]*>", page)
        assert drawings
        assert all('aria-label="' in one or "aria-hidden" in one for one in drawings)
        assert page.count("<table>") >= page.count('<figure class="plot') - page.count('"changes"')
        assert "style=" not in page


async def test_before_a_release_there_is_a_friendly_word_and_no_figure(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    client.cookies.set("language", "en")
    await open_town(resources)
    for address in ("/results/town", "/results/none", "/results/town/1", "/results/town/0"):
        reply = await client.get(address)
        assert reply.status_code in (404, 422)
    reply = await client.get("/results/town")
    assert "Results come after the close" in reply.text
    assert "Results come after the close" in (await client.get("/results")).text


async def test_the_downloads_of_the_page_are_there(reader: Citizen) -> None:
    await reader.opens(NEWEST)
    links = re.findall(r'href="([^"]+)"', reader.page.text.split('id="downloads"')[1])
    for one in [link for link in links if "shenzhen-2010.2" in link or "indices" in link]:
        assert (await reader.opens(one)).status_code == 200, one
    assert len([link for link in links if "/api/v1/releases/shenzhen-2010.2" in link]) == 2


async def test_a_released_survey_leads_to_its_results(reader: Citizen) -> None:
    await reader.opens("/w/shenzhen-2010")
    assert 'href="/results/shenzhen-2010"' in reader.page.text


async def test_all_results_are_listed_the_latest_first(reader: Citizen) -> None:
    await reader.opens("/results")
    links = re.findall(r'href="(/results/[^"]+)"', reader.page.text)
    assert links == ["/results/shenzhen-2010", "/results/shenzhen-2009"]


@pytest.mark.parametrize("path", ["3", "1/departments/D99", "999999999", "1/indices.xlsx"])
async def test_other_addresses_lead_nowhere(reader: Citizen, path: str) -> None:
    assert (await reader.opens(f"{NEWEST}/{path}")).status_code in (404, 422)
