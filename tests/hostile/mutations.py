"""What becomes of good requests: bytes flipped, parts dropped, doubled, moved, replaced; and in
each one somewhere a marker, by which it is known if it comes back.

One generator with a fixed seed: a failure can be repeated by its number.
"""

import dataclasses
import itertools
import json
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from tests.hostile.asgi import Request

MARK = "zqzq"
"""Begins every marker; stands in no text of ours."""
ODD_WORDS: tuple[Any, ...] = (
    "", "\0", "\ud800", "﷽" * 50, "..", "/", "%00", "{{7*7}}", "' OR 1=1 --", "<script>", "null",
    None, True, -1, 0, 1e308, 10**30, [], {}, [[]], {"": {}}, "x" * 5000, "1e999", "\r\nx: y",
    "\u202e", "o.a.b.c.d.e.f", "c00", "v" + "0" * 26, "0000-0000-0000", "2026-02-30", "𝟙",
    "dont_know", "9" * 4400, 2**63, -(2**63) - 1, 1.5, "NaN", "0001-01-01", "9999-12-31",
)  # fmt: skip
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "\x00", "get")
NAMES = (
    "permit", "answers", "respondent_class", "code", "class", "sex", "household", "rating", "back",
    "language", "name", "reason", "serial", "marks", "since", "limit", "after", "first", "state",
    "to", "department", "window", "grant_type", "scope", "x",
)  # fmt: skip
HEADERS = (
    b"content-type", b"content-length", b"content-encoding", b"transfer-encoding", b"expect",
    b"accept", b"accept-language", b"accept-encoding", b"authorization", b"cookie", b"origin",
    b"sec-fetch-site", b"referer", b"range", b"if-none-match", b"if-modified-since", b"host",
    b"x-forwarded-for", b"x-forwarded-host", b"x-http-method-override", b"upgrade", b"x",
)  # fmt: skip
TYPES = (
    b"application/json", b"application/x-www-form-urlencoded", b"multipart/form-data",
    b"multipart/form-data; boundary=x", b"application/json; charset=utf-16", b"text/plain",
    b"application/xml", b"application/problem+json", b"",
)  # fmt: skip
CODINGS = ("utf-8", "utf-16", "utf-8-sig", "gb18030", "latin-1", "utf-7")
COOKIES = ("permit", "device", "language", "size", "sign-in", "challenge", "staff", "log-in")
Chance = random.Random
Mutation = Callable[[Request, Chance, str], Request]


def mutated(good: Sequence[Request], n: int, seed: int) -> Iterator[tuple[str, Request]]:
    """Give n requests, each with one to three mutations, and the marker that each one carries."""
    chance = Chance(seed)
    weights = list(itertools.accumulate(one.weight for one in good))
    for number in range(n):
        marker = f"{MARK}{number:07x}q"
        [request] = chance.choices(good, cum_weights=weights)
        for _ in range(chance.randint(0, 2)):
            request = chance.choice(MUTATIONS)(request, chance, _word(chance))
        request = chance.choice(PLANTINGS)(request, chance, _in_a_word(marker, chance))
        sender = f"203.0.113.{chance.randrange(256)}:{chance.randrange(4000)}"
        yield marker, dataclasses.replace(request, sender=sender)


def _in_a_word(marker: str, chance: Chance) -> str:
    """Give the marker alone, as markup, or in the middle of something odd."""
    shape = chance.choice(("{}", "{}", "{}", "<{}>", '"{}', "/{}", "{}\0", "{}\r\nx: y", "%0a{}"))
    return shape.format(marker)


def _word(chance: Chance) -> str:
    return str(chance.choice(ODD_WORDS)).encode("utf-8", "replace").decode()


def _header_bytes(word: str) -> bytes:
    """What a server lets through to the application in a header."""
    kept = word.encode("utf-8", "replace")
    return kept.replace(b"\0", b"").replace(b"\r", b"").replace(b"\n", b"")


def _flip_bytes(request: Request, chance: Chance, _word: str) -> Request:
    body = bytearray(request.body)
    for _ in range(min(len(body), chance.randint(1, 4))):
        body[chance.randrange(len(body))] = chance.randrange(256)
    return dataclasses.replace(request, body=bytes(body))


def _cut(request: Request, chance: Chance, _word: str) -> Request:
    start, end = sorted(chance.randrange(len(request.body) + 1) for _ in range(2))
    return dataclasses.replace(request, body=request.body[:start] + request.body[end:])


def _double(request: Request, chance: Chance, _word: str) -> Request:
    start, end = sorted(chance.randrange(len(request.body) + 1) for _ in range(2))
    piece = request.body[start:end] * chance.randint(1, 20)
    return dataclasses.replace(request, body=request.body[:start] + piece + request.body[start:])


def _insert(request: Request, chance: Chance, word: str) -> Request:
    at = chance.randrange(len(request.body) + 1)
    middle = word.encode("utf-8", "replace")
    return dataclasses.replace(request, body=request.body[:at] + middle + request.body[at:])


def _nest(request: Request, chance: Chance, _word: str) -> Request:
    depth = chance.choice((3, 50, 2000))
    opened, closed = chance.choice(((b"[", b"]"), (b'{"a":', b"}")))
    return dataclasses.replace(request, body=opened * depth + request.body + closed * depth)


def _recode(request: Request, chance: Chance, _word: str) -> Request:
    text = request.body.decode("utf-8", "replace")
    return dataclasses.replace(request, body=text.encode(chance.choice(CODINGS), "replace"))


def _replace_a_value(request: Request, chance: Chance, word: str) -> Request:
    """Put the word, or now and then an odd value, in the place of a value or key of the body."""
    try:
        tree = json.loads(request.body)
    except (ValueError, RecursionError):
        return _add_a_field(request, chance, word)
    changed = json.dumps(_with_something_odd(tree, chance, word))
    return dataclasses.replace(request, body=changed.encode())


def _with_something_odd(tree: Any, chance: Chance, word: str) -> Any:
    if not isinstance(tree, dict) or not tree or chance.random() < 0.1:
        return word if word.strip("<>") or chance.random() < 0.5 else chance.choice(ODD_WORDS)
    key = chance.choice(list(tree))
    if chance.random() < 0.2:
        return {(word if one == key else one): value for one, value in tree.items()}
    return tree | {key: _with_something_odd(tree[key], chance, word)}


def _make_odd(request: Request, chance: Chance, _word: str) -> Request:
    return _replace_a_value(request, chance, "")


def _add_a_field(request: Request, chance: Chance, word: str) -> Request:
    """Add a field to a form, or change one."""
    pairs = request.body.split(b"&")
    name = chance.choice(NAMES)
    added = urlencode({word: name} if chance.random() < 0.2 else {name: word}).encode()
    if chance.random() < 0.5:
        at = chance.randrange(len(pairs))
        added = pairs[at].partition(b"=")[0] + b"=" + added.partition(b"=")[2]
        pairs[at] = added
    else:
        pairs.append(added)
    return dataclasses.replace(request, body=b"&".join(pairs))


def _change_the_path(request: Request, chance: Chance, word: str) -> Request:
    parts = request.path.split("/")
    place = chance.randrange(len(parts))
    parts[place] = chance.choice((word, word, parts[place] * 2, "..", parts[place] + word))
    return dataclasses.replace(request, path="/".join(parts))


def _add_a_query(request: Request, chance: Chance, word: str) -> Request:
    name = chance.choice(NAMES)
    pair = {word: "1"} if chance.random() < 0.2 else {name: word}
    query = urlencode(pair).encode() if chance.random() < 0.8 else _header_bytes(word)
    return dataclasses.replace(request, query=query + b"&" + request.query)


def _change_a_header(request: Request, chance: Chance, word: str) -> Request:
    name = chance.choice(HEADERS)
    value = chance.choice((_header_bytes(word), _header_bytes(word), chance.randbytes(30), b"10"))
    kept = [pair for pair in request.headers if pair[0] != name or chance.random() < 0.3]
    return dataclasses.replace(request, headers=(*kept, (name, value)))


def _change_the_type(request: Request, chance: Chance, word: str) -> Request:
    kept = [pair for pair in request.headers if pair[0] != b"content-type"]
    kind = chance.choice(TYPES) + chance.choice((b"", b";x=" + _header_bytes(word)))
    return dataclasses.replace(request, headers=(*kept, (b"content-type", kind)))


def _change_a_cookie(request: Request, chance: Chance, word: str) -> Request:
    pair = (b"cookie", chance.choice(COOKIES).encode() + b"=" + _header_bytes(word))
    others = [one for one in request.headers if one[0] != b"cookie" or chance.random() < 0.7]
    return dataclasses.replace(request, headers=(*others, pair))


def _drop_a_header(request: Request, chance: Chance, _word: str) -> Request:
    kept = [pair for pair in request.headers if chance.random() < 0.5]
    return dataclasses.replace(request, headers=kept)


def _change_the_method(request: Request, chance: Chance, _word: str) -> Request:
    return dataclasses.replace(request, method=chance.choice(METHODS))


def _name_a_method(request: Request, chance: Chance, word: str) -> Request:
    """Any token may be a method, as far as the server is concerned."""
    if chance.random() < 0.8:
        return _add_a_query(request, chance, word)
    return dataclasses.replace(request, method=word)


def _in_pieces(request: Request, chance: Chance, _word: str) -> Request:
    return dataclasses.replace(request, pieces=chance.randint(2, 9))


def _hang_up(request: Request, chance: Chance, _word: str) -> Request:
    return dataclasses.replace(request, pieces=chance.randint(1, 3), hangs_up=True)


MUTATIONS: Sequence[Mutation] = (
    _flip_bytes, _cut, _double, _insert, _nest, _recode, _make_odd, _make_odd, _replace_a_value,
    _add_a_field, _change_the_path, _add_a_query, _change_a_header, _change_the_type,
    _change_a_cookie, _drop_a_header, _change_the_method, _in_pieces, _hang_up,
)  # fmt: skip
PLANTINGS: Sequence[Mutation] = (
    _insert, _replace_a_value, _replace_a_value, _replace_a_value, _add_a_field, _add_a_field,
    _change_the_path, _change_the_path, _add_a_query, _add_a_query, _change_a_header,
    _change_the_type, _change_a_cookie, _name_a_method,
)  # fmt: skip
