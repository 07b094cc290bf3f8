"""A whole questionnaire without a script, and what happens when something is wrong with it."""

import re
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from app.errors.operations import StorageUnavailable
from app.services.participation import count_participation
from app.services.resources import Resources
from app.services.waves import Wave
from app.tables import metadata
from app.web import answering
from tests.support.surveys import open_town
from tests.web.citizen import ALL, KINDS, Citizen, ratings

NAMES = {"D01": "Education Bureau", "D02": "Public Security Bureau", "Q01": "East District"}
SPARSE = ALL | {"comment": ""}
SPARSE_REVIEW = {
    "Single choice": "First",
    "Multiple choice": "Not answered",
    "Would you recommend it": "Not answered",
    "People in your household": "3 people",
    "Day of the visit": "Not answered",
    "Place": "Not answered",
    "Overall": "Don&#39;t know",
    "Comments": "Not answered",
}


async def rows(resources: Resources) -> dict[str, int]:
    """How many rows each table has."""
    async with resources.database.reading() as connection:
        return {
            table.name: (
                await connection.execute(select(func.count()).select_from(table))
            ).scalar_one()
            for table in metadata.sorted_tables
        }


async def test_a_questionnaire_is_answered_from_start_to_receipt(
    citizen: Citizen, resources: Resources, kinds: Wave
) -> None:
    await citizen.opens("/w/kinds")
    await citizen.starts()
    assert (citizen.path, citizen.heading) == ("/w/kinds/s/all", "Every kind")
    await citizen.sends("/w/kinds/s/all", ALL)
    assert citizen.path == "/w/kinds/departments"
    await citizen.sends("/w/kinds/departments", {"department": ["Q01", "D01"]})
    assert citizen.path == "/w/kinds/s/ratings"
    assert "Public Security Bureau" not in citizen.text
    await citizen.sends("/w/kinds/s/ratings", ratings("D01", "Q01"))
    assert citizen.path == "/w/kinds/review"
    for words in ("First", "3 people", "Don't know", "East District", "Satisfied"):
        assert words in citizen.text
    await citizen.sends("/w/kinds/submit")
    assert citizen.path.startswith("/r/")
    assert "Your answers are counted once." in citizen.text
    assert (await count_participation(resources, kinds)).counted == 1


async def test_the_receipt_shows_no_answer(citizen: Citizen) -> None:
    await citizen.answers_all()
    await citizen.sends("/w/kinds/submit")
    for words in ("Satisfied", "East District", "First", "People in your household"):
        assert words not in citizen.text


async def test_looking_records_nothing(citizen: Citizen, resources: Resources) -> None:
    await citizen.answers_all()
    before = await rows(resources)
    for address in ("", "/s/all", "/departments", "/s/ratings", "/review", "/kiosk", "/d/D01"):
        assert (await citizen.opens(f"/w/kinds{address}")).status_code == 200
    assert await rows(resources) == before


async def test_what_was_saved_comes_back(citizen: Citizen) -> None:
    await citizen.starts()
    await citizen.sends("/w/kinds/s/all", ALL | {"comment": "Well <done>\nindeed", "multiple": "b"})
    page = (await citizen.opens("/w/kinds/s/all")).text
    assert '<input type="radio" name="single" value="a" id="single" checked>' in page
    assert '<input type="checkbox" name="multiple" value="b" checked>' in page
    assert "Well &lt;done&gt;\nindeed</textarea>" in page
    await citizen.opens("/w/kinds")
    assert 'class="button" href="/w/kinds/departments"' in citizen.page.text


async def test_pages_made_once_for_many_show_each_their_own(
    citizen: Citizen, client: httpx.AsyncClient
) -> None:
    """A second citizen opens the same pages of the same server, with other answers or none."""
    looks = ("/w/kinds/s/all", "/w/kinds/departments")
    await citizen.starts()
    await citizen.sends("/w/kinds/s/all", ALL | {"comment": "First's own words"})
    await citizen.sends("/w/kinds/departments", {"department": ["D01"]})
    first = [(await citizen.opens(one)).text for one in looks]
    mine = client.cookies.jar
    client.cookies = httpx.Cookies({"language": "en"})
    other = Citizen(client)
    await other.starts()
    for look, page in zip(looks, first, strict=True):
        assert " checked" in page
        assert " checked" not in (await other.opens(look)).text
        assert "own words" not in other.page.text
        assert re.findall("data-draft=.*? ", page) != re.findall("data-draft=.*? ", other.page.text)
    client.cookies = httpx.Cookies(mine)
    assert [(await citizen.opens(one)).text for one in looks] == first


async def test_reviews_one_after_another_show_each_its_own_answers(citizen: Citizen) -> None:
    """Other departments, fewer of them, other answers, another question; the first once more."""
    await citizen.starts()
    first = (("D01", "Q01"), {"comment": "One <b>"}, {"Comments": "One &lt;b&gt;"})
    for chosen, said, shown in (
        first,
        (("D02", "Q01"), {"multiple": "c"}, {"Multiple choice": "Third"}),
        (("D02",), {"comment": "Three"}, {"Comments": "Three"}),
        (
            ("D02",),
            {"single": "b", "more": "Why"},
            {"Single choice": "Second", "Why the second": "Why"},
        ),
        first,
    ):
        await citizen.sends("/w/kinds/s/all", SPARSE | said)
        await citizen.sends("/w/kinds/departments", {"department": chosen})
        await citizen.sends("/w/kinds/s/ratings", ratings(*chosen))
        assert citizen.path == "/w/kinds/review"
        lines = re.findall("<dt>(.*?)</dt><dd(.*?)>(.*?)</dd>", citizen.page.text)
        answers = {question: answer for question, _, answer in lines[: -3 * len(chosen)]}
        assert answers == SPARSE_REVIEW | shown
        rated = [(question, answer) for question, _, answer in lines[len(answers) :]]
        assert rated == [
            line
            for code in chosen
            for line in ((NAMES[code], ""), ("Attitude", "Satisfied"), ("Efficiency", "Satisfied"))
        ]
        for _, marked, answer in lines:
            assert marked == (' class="quiet"' if answer == "Not answered" else "")
        assert f"<p>{', '.join(NAMES[code] for code in chosen)}</p>" in citizen.page.text


def changed_kinds(folder: Path, file: str, *changes: tuple[str, str]) -> Path:
    """The survey with every kind, with words of one file replaced."""
    shutil.copytree(KINDS, folder)
    text = (folder / file).read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / file).write_text(text)
    return folder


async def test_classes_that_choose_by_other_rules_are_told_their_own(
    client: httpx.AsyncClient, resources: Resources, tmp_path: Path
) -> None:
    change = ("rates: {rule: fixed}", "rates: {rule: choose, at_least: 2, at_most: 3}")
    folder = changed_kinds(tmp_path / "kinds", "audience.yaml", change)
    await open_town(resources, code="kinds", folder=folder)
    for who, limits in (("residents", "between 1 and 2"), ("visitors", "between 2 and 3")):
        client.cookies = httpx.Cookies({"language": "en"})
        citizen = Citizen(client)
        await citizen.starts(**{"class": who})
        await citizen.opens("/w/kinds/departments")
        assert f"Choose {limits}." in citizen.text


async def test_no_code_of_a_question_is_taken_for_something_else_on_the_review(
    client: httpx.AsyncClient, resources: Resources, tmp_path: Path
) -> None:
    changes = ("code: grid,", "code: answer,"), ("code: comment,", 'code: "1",')
    folder = changed_kinds(tmp_path / "kinds", "questionnaire.yaml", *changes)
    await open_town(resources, code="kinds", folder=folder)
    client.cookies.set("language", "en")
    citizen = Citizen(client)
    await citizen.starts()
    await citizen.sends("/w/kinds/s/all", ALL | {"1": "Own words"})
    await citizen.sends("/w/kinds/departments", {"department": ["D01", "Q01"]})
    rated = {f"answer.{code}.{aspect}": "b" for code in ("D01", "Q01") for aspect in "se"}
    await citizen.sends("/w/kinds/s/ratings", rated)
    assert "<dt>Comments</dt><dd>Own words</dd>" in citizen.page.text
    assert "<dt>East District</dt><dd></dd>" in citizen.page.text


async def test_an_answer_taken_back_is_gone(citizen: Citizen) -> None:
    await citizen.starts()
    await citizen.sends("/w/kinds/s/all", ALL | {"ten": "7"})
    await citizen.sends("/w/kinds/s/all", ALL | {"ten": ""})
    assert "checked" not in (await citizen.opens("/w/kinds/s/all")).text.split('name="ten"')[8]


async def test_faults_are_listed_and_link_to_their_fields(
    citizen: Citizen, resources: Resources
) -> None:
    await citizen.starts()
    before = await rows(resources)
    await citizen.sends("/w/kinds/s/all", {"number": "many", "date": "2011-01-01"})
    assert citizen.page.status_code == 422
    assert citizen.title.startswith("Error: ")
    assert citizen.error_links == ["#single", "#number", "#date", "#overall"]
    for link in citizen.error_links:
        assert f'id="{link[1:]}"' in citizen.page.text
    assert "must be between 2010-01-01 and 2010-12-31" in citizen.text
    assert 'value="many"' in citizen.page.text
    assert await rows(resources) == before


async def test_missing_ratings_are_listed_by_department(citizen: Citizen) -> None:
    await citizen.starts()
    await citizen.sends("/w/kinds/s/all", ALL)
    await citizen.sends("/w/kinds/departments", {"department": ["D01", "D02"]})
    await citizen.sends("/w/kinds/s/ratings", {"grid.D02.e": "b"})
    assert sorted(citizen.error_links) == ["#grid.D01.s", "#grid.D02.s"]
    assert "Please rate: Attitude, Efficiency" in citizen.text


async def test_a_question_opened_by_an_answer_is_shown_before_it_is_missed(
    citizen: Citizen,
) -> None:
    await citizen.starts()
    await citizen.sends("/w/kinds/s/all", ALL | {"single": "b"})
    assert (citizen.path, citizen.page.status_code) == ("/w/kinds/s/all", 200)
    assert "Your answer opens another question on this page." in citizen.text
    assert 'value="b" checked' in citizen.page.text
    await citizen.sends("/w/kinds/s/all", ALL | {"single": "b"})
    assert citizen.error_links == ["#more"]
    await citizen.sends("/w/kinds/s/all", ALL | {"single": "b", "more": "because"})
    assert citizen.path == "/w/kinds/departments"


async def test_an_answer_that_routing_hides_again_is_dropped(citizen: Citizen) -> None:
    await citizen.starts()
    await citizen.sends("/w/kinds/s/all", ALL | {"single": "b"})
    await citizen.sends("/w/kinds/s/all", ALL | {"single": "b", "more": "because"})
    await citizen.sends("/w/kinds/s/all", ALL | {"single": "a", "more": "because"})
    assert citizen.path == "/w/kinds/departments"
    await citizen.opens("/w/kinds/review")
    assert "because" not in citizen.text


async def test_a_wrong_answer_to_a_question_just_opened_is_not_saved(
    citizen: Citizen, resources: Resources
) -> None:
    """It is missed only from the next page on, but what was sent for it is judged at once."""
    await open_town(resources)
    await citizen.starts("town")
    opening = {"sex": "female", "household": "3"}
    page = await citizen.sends("/w/town/s/about_you", opening | {"school": "nobody's"})
    assert page.status_code == 422
    assert (await citizen.opens("/w/town/review")).status_code == 200
    assert "more=school" in str((await citizen.sends("/w/town/s/about_you", opening)).url)


async def test_a_change_from_the_review_leads_back_there(citizen: Citizen) -> None:
    await citizen.answers_all()
    assert 'href="/w/kinds/s/all?to=review"' in citizen.page.text
    await citizen.opens("/w/kinds/s/all?to=review")
    assert 'action="/w/kinds/s/all?to=review"' in citizen.page.text
    await citizen.sends("/w/kinds/s/all?to=review", ALL | {"single": "b"})
    assert "to=review" in str(citizen.page.url)
    await citizen.sends("/w/kinds/s/all?to=review", ALL | {"number": "0"})
    assert 'action="/w/kinds/s/all?to=review"' in citizen.page.text
    await citizen.sends("/w/kinds/s/all?to=review", ALL | {"number": "4"})
    assert citizen.path == "/w/kinds/review"
    await citizen.sends("/w/kinds/departments?to=review", {"department": ["D01", "D02"]})
    assert citizen.path == "/w/kinds/s/ratings"
    await citizen.sends("/w/kinds/s/ratings?to=review", ratings("D01", "D02"))
    assert citizen.path == "/w/kinds/review"


class TestDepartments:
    async def test_ratings_wait_for_the_choice(self, citizen: Citizen) -> None:
        await citizen.starts()
        await citizen.opens("/w/kinds/s/ratings")
        assert citizen.path == "/w/kinds/departments"

    @pytest.mark.parametrize(
        ("chosen", "words"),
        [([], "At least 1 must be chosen."), (["D01", "D02", "Q01"], "At most 2 can be chosen.")],
    )
    async def test_the_limits_hold(self, citizen: Citizen, chosen: list[str], words: str) -> None:
        await citizen.starts()
        await citizen.sends("/w/kinds/departments", {"department": chosen})
        assert citizen.page.status_code == 422
        assert words in citizen.text
        assert citizen.error_links == ["#department"]
        assert citizen.page.text.count(" checked") == len(chosen)

    async def test_another_choice_drops_the_ratings_of_those_left_out(
        self, citizen: Citizen
    ) -> None:
        await citizen.answers_all()
        await citizen.sends("/w/kinds/departments", {"department": ["D01"]})
        await citizen.sends("/w/kinds/departments", {"department": ["D01", "Q01"]})
        await citizen.opens("/w/kinds/review")
        assert citizen.error_links == ["/w/kinds/s/ratings?to=review#grid.Q01.s"]

    @pytest.mark.parametrize("form", [{"department": "D99"}, {"departments": "D01"}])
    async def test_what_is_not_offered_is_refused(self, citizen: Citizen, form: Any) -> None:
        await citizen.starts()
        assert (await citizen.sends("/w/kinds/departments", form)).status_code == 422


class TestSending:
    async def test_a_second_press_leads_to_the_same_receipt(
        self, citizen: Citizen, resources: Resources, kinds: Wave
    ) -> None:
        await citizen.answers_all()
        first = (await citizen.sends("/w/kinds/submit")).url
        assert (await citizen.sends("/w/kinds/submit")).url == first
        assert (await count_participation(resources, kinds)).returned == 1

    async def test_who_has_taken_part_is_told_so_and_finds_the_receipt(
        self, citizen: Citizen
    ) -> None:
        await citizen.answers_all()
        receipt = (await citizen.sends("/w/kinds/submit")).url.path
        assert (await citizen.opens("/w/kinds/s/all")).status_code == 409
        await citizen.opens("/w/kinds")
        assert f'href="{receipt}"' in citizen.page.text
        assert (await citizen.starts()).url.path == receipt

    async def test_a_sheet_with_gaps_goes_back_to_the_review(
        self, citizen: Citizen, resources: Resources, kinds: Wave
    ) -> None:
        await citizen.starts()
        await citizen.sends("/w/kinds/submit")
        assert citizen.path == "/w/kinds/review"
        assert citizen.error_links == [
            "/w/kinds/s/all?to=review#single",
            "/w/kinds/s/all?to=review#number",
            "/w/kinds/s/all?to=review#overall",
            "/w/kinds/departments?to=review#department",
        ]
        assert "Send my answers" not in citizen.text
        assert (await count_participation(resources, kinds)).returned == 0


async def test_a_busy_server_keeps_the_answers_on_the_page(
    citizen: Citizen, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(*_: object, **__: object) -> None:
        raise StorageUnavailable

    await citizen.starts()
    monkeypatch.setattr(answering, "save", busy)
    await citizen.sends("/w/kinds/s/all", ALL | {"place": "at the hall"})
    assert citizen.page.status_code == 503
    assert citizen.page.headers["retry-after"]
    assert 'value="at the hall"' in citizen.page.text
    assert "The server is busy." in citizen.text


async def test_a_busy_server_keeps_the_review_ready_to_send(
    citizen: Citizen, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(*_: object) -> None:
        raise StorageUnavailable

    await citizen.answers_all()
    monkeypatch.setattr(answering, "accept_response", busy)
    await citizen.sends("/w/kinds/submit")
    assert citizen.page.status_code == 503
    assert "Send my answers" in citizen.text


class TestHostileForms:
    @pytest.mark.parametrize(
        "body",
        [
            b"surprise=1",
            b"single=a&single=b",
            b"single=%ff",
            b"single=a&number=3&overall=a&comment=x%00",
            b"grid.D01.s=b",
            b"single",
            "single=日".encode(),
            b"&".join(b"multiple=a" for _ in range(5000)),
            b"single=<script>&comment=" + b"x" * 400,
        ],
    )
    async def test_a_form_that_is_not_ours_is_refused_and_changes_nothing(
        self, citizen: Citizen, resources: Resources, body: bytes
    ) -> None:
        await citizen.starts()
        before = await rows(resources)
        reply = await citizen.client.post(
            "/w/kinds/s/all",
            content=body,
            headers={"content-type": "application/x-www-form-urlencoded"},
        )
        assert reply.status_code in (413, 422)
        assert "<script>" not in reply.text
        assert await rows(resources) == before

    @pytest.mark.parametrize(
        "media_type", ["application/json", "multipart/form-data; boundary=x", "text/plain", ""]
    )
    async def test_other_kinds_of_body_are_refused(self, citizen: Citizen, media_type: str) -> None:
        await citizen.starts()
        reply = await citizen.client.post(
            "/w/kinds/s/all", content=b"single=a", headers={"content-type": media_type}
        )
        assert reply.status_code == 415

    async def test_a_big_body_is_refused(self, citizen: Citizen) -> None:
        await citizen.starts()
        reply = await citizen.sends("/w/kinds/s/all", {"comment": "x" * 70_000})
        assert reply.status_code == 413

    async def test_without_a_permit_there_is_no_questionnaire(self, citizen: Citizen) -> None:
        for address in ("s/all", "departments", "review"):
            assert (await citizen.opens(f"/w/kinds/{address}")).status_code == 403
        for address in ("s/all", "departments", "submit"):
            assert (await citizen.sends(f"/w/kinds/{address}")).status_code == 403

    async def test_a_section_that_is_not_there_is_not_found(self, citizen: Citizen) -> None:
        await citizen.starts()
        assert (await citizen.opens("/w/kinds/s/nowhere")).status_code == 404
