"""Sign-ins and drawn permits by HTTP, as a city's mini-program uses them."""

import dataclasses
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from app.services.resources import Resources
from tests.support.identity import LI, LI_PHONE, WANG, Phones, town_identifying_by
from tests.support.surveys import answers, open_town

WAVE = "/api/v1/waves/town"
VERIFIED = {"respondent_class": "residents", "trust": "verified"}
CONFIDENTIAL = {"respondent_class": "residents", "trust": "confidential"}


@pytest.fixture
def phones(app: FastAPI) -> Phones:
    phones = Phones()
    app.state.resources = dataclasses.replace(app.state.resources, phone_sender=phones)
    return phones


async def sign_in(client: httpx.AsyncClient, number: str = LI) -> str:
    reply = await client.post(
        f"{WAVE}/sign-ins/national-id", json=VERIFIED | {"national_id": number}
    )
    assert reply.status_code == 201, reply.text
    return str(reply.json()["sign_in"])


async def test_from_an_identity_number_to_a_receipt(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await open_town(resources)
    token = await sign_in(client)
    drawn = await client.post(f"{WAVE}/permits/drawn", json={"sign_in": token})
    assert drawn.status_code == 201
    assert drawn.json()["trust"] == "verified"
    assert drawn.json()["offered"] == ["D01", "D02", "D03"]
    again = await client.post(f"{WAVE}/permits/drawn", json={"sign_in": token})
    assert again.json() == drawn.json()
    sent = {"permit": drawn.json()["permit"], "answers": answers()}
    assert (await client.post(f"{WAVE}/responses", json=sent)).status_code == 201
    second = await client.post(f"{WAVE}/permits/drawn", json={"sign_in": await sign_in(client)})
    assert (second.status_code, second.json()["code"]) == (409, "already-took-part")


async def test_by_name_the_answer_is_stored_with_sealed_details(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await open_town(resources)
    body = CONFIDENTIAL | {"national_id": LI, "name": "李明"}
    signed = await client.post(f"{WAVE}/sign-ins/national-id", json=body)
    drawn = await client.post(f"{WAVE}/permits/drawn", json={"sign_in": signed.json()["sign_in"]})
    assert drawn.json()["trust"] == "confidential"
    sent = {"permit": drawn.json()["permit"], "answers": answers()}
    assert (await client.post(f"{WAVE}/responses", json=sent)).status_code == 201


async def test_a_phone_signs_in_with_the_code_it_was_sent(
    client: httpx.AsyncClient, resources: Resources, phones: Phones, tmp_path: Path
) -> None:
    await open_town(resources, folder=town_identifying_by(tmp_path, "phone"))
    sent = await client.post(f"{WAVE}/sign-ins/phone-codes", json=VERIFIED | {"phone": LI_PHONE})
    assert sent.status_code == 202
    assert phones.last_code not in sent.text
    answer = {"challenge": sent.json()["challenge"], "code": phones.last_code}
    signed = await client.post(f"{WAVE}/sign-ins/phone", json=answer)
    assert signed.status_code == 201
    drawn = await client.post(f"{WAVE}/permits/drawn", json={"sign_in": signed.json()["sign_in"]})
    assert drawn.json()["trust"] == "verified"


async def test_a_phone_gets_three_codes_in_ten_minutes(
    client: httpx.AsyncClient, resources: Resources, phones: Phones, tmp_path: Path
) -> None:
    await open_town(resources, folder=town_identifying_by(tmp_path, "phone"))
    body = VERIFIED | {"phone": LI_PHONE}
    replies = [await client.post(f"{WAVE}/sign-ins/phone-codes", json=body) for _ in range(4)]
    assert [reply.status_code for reply in replies] == [202, 202, 202, 429]
    assert replies[-1].headers["retry-after"]
    assert len(phones.sent) == 3


async def test_five_wrong_codes_shut_out_the_right_one_too(
    client: httpx.AsyncClient, resources: Resources, phones: Phones, tmp_path: Path
) -> None:
    await open_town(resources, folder=town_identifying_by(tmp_path, "phone"))
    sent = await client.post(f"{WAVE}/sign-ins/phone-codes", json=VERIFIED | {"phone": LI_PHONE})
    challenge = sent.json()["challenge"]
    right = phones.last_code
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    tries = [
        await client.post(f"{WAVE}/sign-ins/phone", json={"challenge": challenge, "code": code})
        for code in (*[wrong] * 5, right)
    ]
    assert [reply.status_code for reply in tries] == [422] * 5 + [429]
    assert wrong not in tries[0].text


async def test_a_phone_that_is_not_set_up_is_503(
    client: httpx.AsyncClient, resources: Resources, tmp_path: Path
) -> None:
    await open_town(resources, folder=town_identifying_by(tmp_path, "phone"))
    reply = await client.post(f"{WAVE}/sign-ins/phone-codes", json=VERIFIED | {"phone": LI_PHONE})
    assert (reply.status_code, reply.json()["code"]) == (503, "identity-check-unavailable")


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("national-id", VERIFIED | {"national_id": "110101199003078031"}, 422, "invalid-input"),
        ("national-id", VERIFIED | {"national_id": WANG, "age": 3}, 422, "invalid-input"),
        ("national-id", VERIFIED | {"trust": "open", "national_id": WANG}, 422, "invalid-input"),
        (
            "national-id",
            {"respondent_class": "organs", "trust": "verified", "national_id": WANG},
            403,
            "way-in-not-offered",
        ),
        ("phone-codes", VERIFIED | {"phone": LI_PHONE}, 403, "way-in-not-offered"),
        ("phone", {"challenge": "00ff", "code": "123456"}, 403, "identity-check-failed"),
    ],
)
async def test_refusals_never_repeat_what_was_sent(
    client: httpx.AsyncClient,
    resources: Resources,
    *,
    path: str,
    body: dict[str, object],
    status: int,
    code: str,
) -> None:
    await open_town(resources)
    reply = await client.post(f"{WAVE}/sign-ins/{path}", json=body)
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    for value in body.values():
        if value not in ("residents", "organs", "verified", "open", 3):
            assert str(value) not in reply.text


async def test_guessing_at_who_has_taken_part_is_slowed_down(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await open_town(resources)
    first = await sign_in(client)
    await client.post(f"{WAVE}/permits/drawn", json={"sign_in": first})
    body = {"sign_in": await sign_in(client)}
    statuses = []
    while len(statuses) < 60 and 429 not in statuses:
        statuses.append((await client.post(f"{WAVE}/permits/drawn", json=body)).status_code)
    assert statuses[19:20] == [409], "twenty are allowed in a minute"
    assert statuses[-1] == 429
    refused = await client.post(f"{WAVE}/sign-ins/national-id", json=VERIFIED | {"national_id": LI})
    assert refused.status_code == 429
