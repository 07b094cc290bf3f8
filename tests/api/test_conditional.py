import gzip

import pytest
from fastapi import Request, Response

from app.api.v1.conditional import conditional_json, etag_of

BODY = b'{"index":"82.80"}' * 50
PLAIN, ZIPPED = f'"{etag_of(BODY)}"', f'"{etag_of(BODY)}-gzip"'


def answer(body: bytes = BODY, **headers: str) -> Response:
    raw = [
        (name.replace("_", "-").encode(), value.encode("latin-1"))
        for name, value in headers.items()
    ]
    return conditional_json(Request({"type": "http", "headers": raw}), body, etag_of(body))


def test_the_document_comes_with_its_etag() -> None:
    reply = answer()
    assert (reply.status_code, reply.body, reply.headers["etag"]) == (200, BODY, PLAIN)
    assert reply.headers["vary"] == "accept-encoding"


@pytest.mark.parametrize(
    "known", [PLAIN, ZIPPED, f"W/{PLAIN}", f'"other", {PLAIN}', "*", f'"x",{ZIPPED}']
)
def test_who_has_it_gets_no_body(known: str) -> None:
    reply = answer(if_none_match=known)
    assert (reply.status_code, reply.body) == (304, b"")
    assert reply.headers["etag"] in (PLAIN, ZIPPED)
    assert "content-type" not in reply.headers


@pytest.mark.parametrize("known", ['"other"', etag_of(BODY), "", '"', "\xff"])
def test_who_has_another_gets_all(known: str) -> None:
    assert answer(if_none_match=known).status_code == 200


def test_another_coding_has_another_etag() -> None:
    reply = answer(accept_encoding="br, gzip;q=0.8")
    assert gzip.decompress(reply.body) == BODY
    assert (reply.headers["content-encoding"], reply.headers["etag"]) == ("gzip", ZIPPED)


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "gzip; q=0.0", "identity"])
def test_who_takes_no_gzip_gets_none(accepted: str) -> None:
    assert answer(accept_encoding=accepted).body == BODY


def test_what_is_short_is_not_compressed() -> None:
    assert answer(b"{}", accept_encoding="gzip").headers["etag"] == f'"{etag_of(b"{}")}"'
