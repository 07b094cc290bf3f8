"""Strict JSON says what Python's own parser says, when that is told to be strict.

One difference is known: of a number with a sign at most 4,299 digits are read, not 4,300.
"""

import json
import math
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.errors import InvalidInput
from app.json_body import parse_json

REFUSED = object()


def by_the_book(body: bytes) -> Any:
    """The same rules by another parser: slower, and plain to read."""
    try:
        parsed = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
        json.dumps(parsed, ensure_ascii=False).encode("utf-8")  # fails on lone surrogates
    except (ValueError, RecursionError):
        return REFUSED
    return parsed


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _refuse_constant(_name: str) -> Any:
    raise ValueError


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def ours(body: bytes) -> Any:
    try:
        return parse_json(body)
    except InvalidInput:
        return REFUSED


def exactly(value: Any) -> str:
    """Tell 1 from 1.0 and -0.0 from 0.0, and objects by the order of their keys."""
    return "refused" if value is REFUSED else repr(value)


# Few names and many quotes and backslashes: keys meet, and strings look like keys.
NAMES = st.sampled_from(['"a"', '"b"', r'"\u0061"', '""', r'"a\""', r'"\\"', '"a:"', '"\\n": "'])
TEXTS = st.text(st.sampled_from('ab":\\{}[],u0041 \n中\ud800'), max_size=6).map(json.dumps)
NUMBERS = st.one_of(
    st.integers().map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["-0", "-0.0", "1e5", "1E+400", "01", "1.", "NaN", "-Infinity", "9" * 30]),
)
VALUES = st.recursive(
    st.one_of(TEXTS, NUMBERS, st.sampled_from(["true", "false", "null", r'"\ud83d\ude00"'])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda found: f"[{', '.join(found)}]"),
        st.lists(st.tuples(NAMES, st.sampled_from([":", " :\t", "\r\n: "]), inner), max_size=4).map(
            lambda found: f"{{{','.join(f'{a}{b}{c}' for a, b, c in found)}}}"
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=300)
@given(text=VALUES)
@example(text='{"a": 1, "a": 1}')
@example(text='{"a": 1, "\\u0061": 1}')
@example(text='{"a": "\\"a\\": 1", "b": ["a", "a"]}')
@example(text="9" * 4300)
@example(text="9" * 4301)
@example(text="-" + "9" * 4299)
def test_what_is_nearly_well_formed_is_judged_alike(text: str) -> None:
    body = text.encode("utf-8", "surrogatepass")
    assert exactly(ours(body)) == exactly(by_the_book(body))


@settings(max_examples=300)
@given(text=VALUES, at=st.integers(0), put=st.binary(max_size=3), take=st.integers(0, 3))
def test_a_spoilt_body_is_judged_alike(text: str, at: int, put: bytes, take: int) -> None:
    body = text.encode("utf-8", "surrogatepass")
    at %= len(body) + 1
    spoilt = body[:at] + put + body[at + take :]
    assert exactly(ours(spoilt)) == exactly(by_the_book(spoilt))


@given(body=st.binary(max_size=20))
def test_rubbish_is_judged_alike(body: bytes) -> None:
    assert exactly(ours(body)) == exactly(by_the_book(body))
