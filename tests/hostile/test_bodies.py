"""Bodies that no honest client sends: each gets its refusal, no echo, and changes nothing."""

from collections.abc import AsyncIterator

import pytest

from tests.hostile.conftest import CANARY, Target, assert_refused
from tests.support.surveys import answers

LARGE = 5_000_000

MALFORMED = {
    "NaN": b'{"permit": "%s", "answers": {"household": NaN}}',
    "infinity": b'{"permit": "%s", "answers": {"household": Infinity}}',
    "minus infinity": b'{"permit": "%s", "answers": {"household": -Infinity}}',
    "a number beyond all bounds": b'{"permit": "%s", "answers": {"household": 1e999}}',
    "five thousand digits": b'{"permit": "%s", "answers": {"household": ' + b"9" * 5000 + b"}}",
    "a lone surrogate": rb'{"permit": "%s", "answers": {"remark": "\ud800"}}',
    "surrogates the wrong way round": rb'{"permit": "%s", "answers": {"remark": "\udc00\ud800"}}',
    "a lone surrogate as a key": rb'{"permit": "%s", "answers": {"\udfff": 1}}',
    "invalid UTF-8": b'{"permit": "%s", "answers": {"remark": "\xff\xfe"}}',
    "overlong UTF-8": b'{"permit": "%s", "answers": {"remark": "\xc0\xaf"}}',
    "UTF-16": '{"permit": "%s", "answers": {}}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"permit": "%s", "answers": {}}',
    "a key twice": b'{"permit": "%s", "permit": "%s", "answers": {}}',
    "an answer twice": b'{"permit": "%s", "answers": {"sex": "male", "sex": "female"}}',
    "deep lists": b'{"permit": "%s", "answers": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "never closed": b"[" * 60_000,
    "a raw control character": b'{"permit": "%s\x01", "answers": {}}',
    "a comment": b'{"permit": "%s", "answers": {}} // no',
    "a trailing comma": b'{"permit": "%s", "answers": {},}',
    "single quotes": b"{'permit': '%s'}",
    "nothing": b"",
    "a space": b" ",
    "two values": b"{} {}",
    "NUL": b"\x00",
}


@pytest.mark.parametrize("name", MALFORMED)
async def test_malformed_json_is_refused(target: Target, name: str) -> None:
    before = await target.state()
    body = MALFORMED[name].replace(b"%s", CANARY.encode())
    assert_refused(await target.post(body), 422, "malformed-json")
    assert await target.state() == before


WRONG_TYPES = {
    "a list": [CANARY],
    "a word": CANARY,
    "null": None,
    "true": True,
    "permit is a number": {"permit": 1, "answers": {}},
    "permit is a list": {"permit": [CANARY], "answers": {}},
    "permit is an object": {"permit": {CANARY: CANARY}, "answers": {}},
    "answers are a list": {"permit": CANARY, "answers": [CANARY]},
    "answers are a word": {"permit": CANARY, "answers": CANARY},
    "answers are null": {"permit": CANARY, "answers": None},
    "an unknown field": {"permit": "x", "answers": {}, CANARY: CANARY},
    "a status of one's own": {"permit": "x", "answers": {}, "status": "counted"},
}


@pytest.mark.parametrize("name", WRONG_TYPES)
async def test_a_body_of_the_wrong_shape_is_refused(target: Target, name: str) -> None:
    before = await target.state()
    assert_refused(await target.post(WRONG_TYPES[name]), 422, "invalid-input")
    assert await target.state() == before


WRONG_ANSWERS: dict[str, dict[str, object]] = {
    "a number for a choice": {"sex": 1},
    "true for a choice": {"sex": True},
    "a list for a choice": {"sex": ["female"]},
    "an option of nobody": {"sex": CANARY},
    "a word for a number": {"household": CANARY},
    "true for a number": {"household": True},
    "half a person": {"household": 1.5},
    "more digits than a float has": {"household": 10**400},
    "a number out of range": {"household": -1},
    "a list for a number": {"household": [1]},
    "a number for a comment": {"remark": 1},
    "an object for a comment": {"remark": {CANARY: CANARY}},
    "a NUL in a comment": {"remark": f"a\0{CANARY}"},
    "a comment too long": {"remark": CANARY * 100},
    "ratings as a list": {"rating": [CANARY]},
    "ratings as a word": {"rating": CANARY},
    "an unknown department": {"rating": {CANARY: {"attitude": "satisfied"}}},
    "an unknown aspect": {"rating": {"D01": {CANARY: "satisfied"}}},
    "an unknown level": {"rating": {"D01": {"attitude": CANARY}}},
    "a level as a number": {"rating": {"D01": {"attitude": 100}}},
    "a row as a list": {"rating": {"D01": [CANARY]}},
    "an unknown question": {CANARY: "x"},
    "a question named by nothing": {"": CANARY},
    "an answer on a hidden branch": {"school": "yes"},
    "an answer on a branch that closes": {"household": 1, "school": "yes"},
    "the offer itself": {"offered": ["D01"]},
}


@pytest.mark.parametrize("name", WRONG_ANSWERS)
async def test_answers_that_the_questionnaire_does_not_have_are_refused(
    target: Target, name: str
) -> None:
    before = await target.state()
    reply = await target.post(target.with_answer(**WRONG_ANSWERS[name]))
    assert_refused(reply, 422, "invalid-input")
    assert reply.json()["faults"]
    assert await target.state() == before


async def test_all_faults_come_at_once(target: Target) -> None:
    given = {"sex": CANARY, "household": 99, "rating": {"D01": {"attitude": CANARY}}}
    reply = await target.post(target.body(answers=given))
    fields = {fault["field"] for fault in reply.json()["faults"]}
    assert fields == {"answers.sex", "answers.household", "answers.rating.D01.attitude"}


async def test_five_megabytes_are_refused(target: Target) -> None:
    before = await target.state()
    body = target.with_answer(remark=CANARY + "x" * LARGE)
    assert_refused(await target.post(body), 413, "body-too-large")
    assert await target.state() == before


async def test_five_megabytes_in_chunks_of_unknown_length_are_refused(target: Target) -> None:
    read = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(LARGE // 1000):
            read += 1000
            yield b" " * 1000

    reply = await target.client.post(
        f"{target.api}/responses", content=chunks(), headers={"content-type": "application/json"}
    )
    assert_refused(reply, 413, "body-too-large")


async def test_a_length_that_lies_does_not_help(target: Target) -> None:
    body = target.with_answer(remark="x" * 100_000)
    assert_refused(await target.post(body, **{"content-length": "10"}), 413, "body-too-large")


async def test_sixty_four_kibibytes_are_read(target: Target) -> None:
    body = b'{"permit": "x", "answers": {}}'
    assert_refused(await target.post(body.ljust(64 * 1024)), 403, "permit-refused")
    assert_refused(await target.post(body.ljust(64 * 1024 + 1)), 413, "body-too-large")


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json, text/plain",
        "application/jsonp",
        "application/xml",
        "x" * 5000,
    ],
)
async def test_another_kind_of_body_is_refused(target: Target, content_type: str) -> None:
    before = await target.state()
    reply = await target.post(target.body(), **{"content-type": content_type})
    assert_refused(reply, 415, "unsupported-media-type")
    assert await target.state() == before


async def test_pages_take_no_json_and_no_files(target: Target) -> None:
    for content_type in ("application/json", "multipart/form-data; boundary=x", ""):
        reply = await target.client.post(
            "/w/town/start", content=b"{}", headers={"content-type": content_type}
        )
        assert_refused(reply, 415)


async def test_the_good_submission_behind_all_these_is_accepted(target: Target) -> None:
    """What the others alter is itself in order."""
    assert target.body() == {"permit": target.permit, "answers": answers()}
    assert (await target.post(target.body())).status_code == 201
