"""Canonical JSON: the examples of RFC 8785 that our documents can hold, and what is refused."""

import json
from decimal import Decimal

import pytest

from app.domain.releases.canonical import canonical


def test_keys_stand_in_the_order_of_their_utf16_code_units() -> None:
    """The example of RFC 8785 section 3.2.3: 😀 sorts before U+FB33, by code point it would not."""
    keys = ["€", "\r", "\ufb33", "1", "😀", "\x80", "ö"]
    written = canonical(dict.fromkeys(keys, 0))
    assert list(json.loads(written)) == ["\r", "1", "\x80", "ö", "€", "😀", "\ufb33"]


def test_only_what_must_be_escaped_is_escaped() -> None:
    text = '€$\x0f\nA\'B"\\\\"/\x7f\u2028市民'
    expected = '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/\x7f\u2028市民"'
    assert canonical(text) == expected.encode()


def test_nested_content_has_no_blanks() -> None:
    content = {"b": [True, None, -1, {"z": "", "y": ()}], "a": {}}
    assert canonical(content) == b'{"a":{},"b":[true,null,-1,{"y":[],"z":""}]}'


@pytest.mark.parametrize("value", [1.0, Decimal(1), b"bytes", {1: "key"}, {"a": [{0.5}]}])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical(value)


@pytest.mark.parametrize(("value", "why"), [(2**53, "whole number"), ("\ud800", "surrogates")])
def test_what_readers_would_lose_is_refused(value: object, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        canonical([value])
