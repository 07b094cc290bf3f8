"""Looking a receipt up again, as its page promises, and where forms may come from."""

import httpx

from app.services.permits import issue_open_permit
from app.services.resources import Resources
from app.services.responses import accept_response
from tests.support.surveys import answers, open_town


async def test_a_receipt_is_found_by_its_number_as_copied_by_hand(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    wave = await open_town(resources)
    permit = await issue_open_permit(resources, wave, respondent_class="residents")
    receipt = (await accept_response(resources, wave, permit, answers())).receipt
    assert 'href="/r"' in (await client.get("/")).text
    copied = f" {receipt.lower().replace('-', ' ')} "
    shown = await client.get("/r", params={"number": copied}, follow_redirects=True)
    assert (shown.status_code, receipt in shown.text) == (200, True)


async def test_a_number_that_can_t_be_one_is_said_beside_the_field(
    client: httpx.AsyncClient,
) -> None:
    client.cookies.set("language", "en")
    shown = await client.get("/r", params={"number": "<b>!</b>"})
    assert 'id="number-error"' in shown.text
    assert "<b>!" not in shown.text


async def test_browsers_are_told_to_name_our_own_origin(client: httpx.AsyncClient) -> None:
    """With `no-referrer` they would send `Origin: null` with our own forms, which is refused."""
    assert (await client.get("/")).headers["referrer-policy"] == "same-origin"


async def test_a_form_of_another_site_gets_a_page_and_a_program_gets_a_problem(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await open_town(resources)
    foreign = {"origin": "https://elsewhere.example"}
    page = await client.post("/w/town/start", headers=foreign, data={"class": "residents"})
    problem = await client.post("/api/v1/waves/town/permits", headers=foreign, json={})
    assert (page.status_code, page.headers["content-type"][:9]) == (403, "text/html")
    assert (problem.status_code, problem.json()["code"]) == (403, "foreign-origin")
