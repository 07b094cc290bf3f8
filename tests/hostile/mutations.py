"""Valid requests, and what becomes of them: bytes flipped, parts dropped, doubled, moved, replaced.

One generator with a fixed seed: a failure can be repeated by its number.
"""

import dataclasses
import json
import random
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from tests.hostile.asgi import Request

JSON = (b"content-type", b"application/json")
FORM = (b"content-type", b"application/x-www-form-urlencoded")
ODD_WORDS: tuple[Any, ...] = (
    "", "\0", "\ud800", "﷽" * 50, "..", "/", "%00", "{{7*7}}", "' OR 1=1 --", "<script>", "null",
    None, True, -1, 0, 1e308, 10**30, [], {}, [[]], {"": {}}, "x" * 5000, "1e999", "\r\nx: y",
    "\u202e", "o.a.b.c.d.e.f", "c00", "v" + "0" * 26, "0000-0000-0000", "2026-02-30", "𝟙",
    "dont_know",
)  # fmt: skip
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "\x00", "get")


def valid_requests(permit: str) -> list[Request]:
    """What well-behaved clients send."""
    answers = {
        "sex": "female",
        "household": 3,
        "school": "yes",
        "rating": {d: {"attitude": "satisfied"} for d in ("D01", "D02", "D03")},
        "remark": "路灯坏了",
    }
    api, way = "/api/v1/waves/town", {"respondent_class": "residents", "trust": "verified"}
    cookie = (b"cookie", b"permit=" + permit.encode())
    posts = [
        (f"{api}/responses", {"permit": permit, "answers": answers}),
        (f"{api}/permits", {"respondent_class": "visitors", "window": "W1", "department": ""}),
        (f"{api}/admissions", {"permit": permit}),
        (f"{api}/sign-ins/national-id", way | {"national_id": "440301199001011231"}),
        (f"{api}/sign-ins/phone", {"challenge": "00", "code": "123456"}),
        (f"{api}/permits/drawn", {"sign_in": "00"}),
    ]
    forms = [
        ("/w/town/start", {"class": "residents"}),
        ("/w/town/code", {"code": "7K3M-9QXA-11CD"}),
        ("/w/town/s/about_you", {"sex": "female", "household": "3"}),
        ("/w/town/s/ratings", {"rating.D01.attitude": "satisfied", "remark": "路灯坏了"}),
        ("/w/town/submit", {}),
        ("/display", {"language": "en", "back": "/w/town"}),
        ("/w/town/identify/residents/verified/national-id", {"national_id": "440301199001011231"}),
    ]
    looks = [
        "/", "/w/town", "/w/town/review", "/w/town/d/D01", "/w/town/kiosk", "/r/0", "/privacy",
        "/api/v1/waves", api, f"{api}/participation", "/api/v1/receipts/0", "/healthz", "/metrics",
        "/oidc/callback", "/w/town/i/" + permit, "/w/town/identify/residents/verified",
    ]  # fmt: skip
    return [
        *(
            Request("POST", path, headers=(JSON,), body=json.dumps(body).encode())
            for path, body in posts
        ),
        *(
            Request("POST", path, headers=(FORM, cookie), body=urlencode(form).encode())
            for path, form in forms
        ),
        *(Request("GET", path, headers=(cookie,)) for path in looks),
    ]


def mutated(valid: list[Request], n: int, seed: int) -> Iterator[Request]:
    """Give n requests, each with one to three mutations."""
    chance = random.Random(seed)
    for _ in range(n):
        request = chance.choice(valid)
        for _ in range(chance.randint(1, 3)):
            request = chance.choice(MUTATIONS)(request, chance)
        yield request


def _flip_bytes(request: Request, chance: random.Random) -> Request:
    body = bytearray(request.body)
    for _ in range(min(len(body), chance.randint(1, 4))):
        body[chance.randrange(len(body))] = chance.randrange(256)
    return dataclasses.replace(request, body=bytes(body))


def _cut(request: Request, chance: random.Random) -> Request:
    start, end = sorted(chance.randrange(len(request.body) + 1) for _ in range(2))
    return dataclasses.replace(request, body=request.body[:start] + request.body[end:])


def _double(request: Request, chance: random.Random) -> Request:
    start, end = sorted(chance.randrange(len(request.body) + 1) for _ in range(2))
    piece = request.body[start:end] * chance.randint(1, 20)
    return dataclasses.replace(request, body=request.body[:start] + piece + request.body[start:])


def _replace_a_value(request: Request, chance: random.Random) -> Request:
    """Put something odd in the place of one value or key of a JSON body or a form."""
    try:
        tree = json.loads(request.body)
    except ValueError:
        text = urlencode({chance.choice(("class", "code", "sex", "x")): _word(chance)})
        return dataclasses.replace(request, body=request.body + b"&" + text.encode())
    changed = json.dumps(_with_something_odd(tree, chance))
    return dataclasses.replace(request, body=changed.encode())


def _with_something_odd(tree: Any, chance: random.Random) -> Any:
    if not isinstance(tree, dict) or not tree or chance.random() < 0.2:
        return chance.choice(ODD_WORDS)
    key = chance.choice(list(tree))
    if chance.random() < 0.2:
        return {(_word(chance) if k == key else k): v for k, v in tree.items()}
    if chance.random() < 0.1:
        return {k: v for k, v in tree.items() if k != key}
    return tree | {key: _with_something_odd(tree[key], chance)}


def _word(chance: random.Random) -> str:
    return str(chance.choice(ODD_WORDS)).encode("utf-8", "replace").decode()


def _change_the_path(request: Request, chance: random.Random) -> Request:
    parts = request.path.split("/")
    place = chance.randrange(len(parts))
    parts[place] = chance.choice((_word(chance), parts[place] * 2, "", "..", parts[place] + "\0"))
    return dataclasses.replace(request, path="/".join(parts))


def _add_a_query(request: Request, chance: random.Random) -> Request:
    name = chance.choice(("more", "language", "department", "window", "state", "code", "x"))
    return dataclasses.replace(request, query=urlencode({name: _word(chance)}).encode())


def _change_a_header(request: Request, chance: random.Random) -> Request:
    name = chance.choice(
        (b"content-type", b"cookie", b"accept-language", b"content-length", b"accept-encoding",
         b"sec-fetch-site", b"origin", b"x-forwarded-for", b"accept", b"range", b"if-none-match")
    )  # fmt: skip
    value = chance.choice((b"", bytes(chance.randrange(1, 256) for _ in range(30)), b"x" * 3000))
    kept = [pair for pair in request.headers if pair[0] != name or chance.random() < 0.3]
    return dataclasses.replace(request, headers=(*kept, (name, value)))


def _change_the_cookie(request: Request, chance: random.Random) -> Request:
    name = chance.choice(("permit", "device", "language", "size", "sign_in", "challenge"))
    value = _word(chance).encode("utf-8", "replace").replace(b"\n", b"").replace(b"\r", b"")
    pair = (b"cookie", name.encode() + b"=" + value)
    return dataclasses.replace(request, headers=(*request.headers, pair))


def _change_the_method(request: Request, chance: random.Random) -> Request:
    return dataclasses.replace(request, method=chance.choice(METHODS))


MUTATIONS: list[Callable[[Request, random.Random], Request]] = [
    _flip_bytes,
    _cut,
    _double,
    _replace_a_value,
    _replace_a_value,
    _replace_a_value,
    _change_the_path,
    _add_a_query,
    _change_a_header,
    _change_the_cookie,
    _change_the_method,
]
