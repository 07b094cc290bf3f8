"""A furnished city: every kind of wave, staff at work, a client; and a good request for each route.

The requests are made from the routes themselves: a new route that takes a body and has none here
fails the hunt, so that nothing is left out.
"""

import base64
import dataclasses
import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import delete, insert, select

from app.domain.accounts.sessions import Stage
from app.domain.paper.custody import FormState
from app.domain.questionnaires.audience import DatesOfMode
from app.domain.rights.rights import Scope
from app.domain.rights.roles import Role
from app.rendering import STATIC_FILES
from app.services import client_tokens, clients, staff
from app.services.permits import Recipient, issue_open_permit, mint_invitations
from app.services.resources import Resources
from app.services.responses import accept_response
from app.services.staff_sessions import begin_session
from app.store.staff import find_by_name
from app.tables import metadata
from tests.console.office import OWN_BATCH
from tests.hostile.asgi import Request
from tests.support.clock import Clock
from tests.support.evaluations import publish_made_up
from tests.support.fieldwork import MARKS, bring_back, issue, key, move, open_base, serial
from tests.support.people import national_id
from tests.support.releases import closed_town, release, townspeople
from tests.support.staff import PASSWORD, ROOT, hire, link_token
from tests.support.surveys import NOVEMBER, answers, open_town
from tests.support.xiamen import ENTERED, SAMPLES, xiamen_wave
from tests.web.citizen import ALL, KINDS

JSON = (b"content-type", b"application/json")
FORM = (b"content-type", b"application/x-www-form-urlencoded")
SAME_ORIGIN = (b"sec-fetch-site", b"same-origin")
BOUNDARY = b"----piece"
FILE = (b"content-type", b"multipart/form-data; boundary=" + BOUNDARY)
PERMITS = 6

_KEEPERS = (
    ("/console/sign-out", "leaver"),
    ("/console/account", "leaver"),
    ("/console/second-factor", "half"),
    ("/console/sso", "leaver"),
    ("/console/prove", "leaver"),
    ("/console/paper/{wave_id}/points", "di"),
    ("/console/paper/{wave_id}/batches/{batch_id}/adjudication", "chen"),
    ("/console/paper/{wave_id}/batches", "ann"),
    ("/console/paper/{wave_id}", "lin"),
    ("/console/results", "lin"),
    ("/console/releases/{wave_id}/prepare", "lin"),
    ("/console/scores/{wave_id}/{period_id}/departments", "lin"),
    ("/console/integrity/{wave_id}/findings", "lin"),
    ("/console", "wu"),
)
"""Who works behind an address; the first that fits."""

_HEAVY_ENDS = (
    ".pdf", "/findings", ".{kind}", "/quality", "/import", "/prepare", "/propose", "openapi.json",
    "/departments/{department_id}", "/results/{wave_id}",
)  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class City:
    """What a good request needs to know."""

    permits: tuple[str, ...]
    permits_of_kinds: tuple[str, ...]
    typed: str
    sessions: Mapping[str, str]
    client: tuple[str, str]
    token: str
    link: str
    receipt: str
    serials: tuple[str, ...]
    release: str

    @property
    def for_pages(self) -> list[tuple[str, str]]:
        """Waves and permits of pages: those of the town that programs don't spend, and others."""
        town = [("town", permit) for permit in self.permits[PERMITS // 2 :]]
        return town + [("kinds", permit) for permit in self.permits_of_kinds]

    @property
    def for_programs(self) -> tuple[str, ...]:
        """The other half; the first is spent."""
        return self.permits[: PERMITS // 2]

    @property
    def secrets(self) -> list[str]:
        """What no log may hold: permits, codes, tokens, identity numbers."""
        found = (*self.permits, self.typed, *self.sessions.values(), self.client[1], self.token)
        return [one for one in (*found, self.link, national_id(7), PASSWORD) if one]


async def furnish(resources: Resources, clock: Clock, dates: DatesOfMode = NOVEMBER) -> City:
    """Fill an empty database; `dates` are those of the waves that citizens answer."""
    town = await open_town(resources, permits=50, dates=dates)
    await open_town(resources, code="spare", permits=1, dates=dates)
    old = await closed_town(resources, townspeople(), code="old")
    await publish_made_up(resources, await xiamen_wave(resources), SAMPLES)
    [letter] = await mint_invitations(
        resources, town, recipients=[Recipient("residents")], batch="b"
    )
    permits = [
        await issue_open_permit(resources, town, respondent_class="residents")
        for _ in range(PERMITS)
    ]
    kinds = await open_town(resources, code="kinds", folder=KINDS, dates=dates)
    of_kinds = [
        await issue_open_permit(resources, kinds, respondent_class="residents")
        for _ in range(PERMITS // 2)
    ]
    spent = await accept_response(resources, town, permits[0], answers())
    published = await release(resources, old)
    names = await _hire_everybody(resources, clock)
    serials = await _bring_forms(resources, dates)
    made = await clients.add(
        resources, ROOT, name="scorer",
        scopes=frozenset({"events:read", "webhooks:write", "scheme:xiamen-2008"}),
    )  # fmt: skip
    await clients.add(resources, ROOT, name="goner", scopes=frozenset({"events:read"}))
    token = await client_tokens.issue_token(resources, client_id=made.client_id, secret=made.secret)
    invited = await staff.invite(
        resources, ROOT, name="newcomer", full_name="New", rights=staff.Rights(Role.KEYER, Scope())
    )
    return City(
        permits=(*permits, letter.permit),
        permits_of_kinds=tuple(of_kinds),
        typed=letter.typed_code,
        sessions={name: await sit_down(resources, name) for name in names},
        client=(made.client_id, made.secret),
        token=token.token,
        link=link_token(invited),
        receipt=spent.receipt,
        serials=serials,
        release=f"old.{published.sequence}",
    )


async def _hire_everybody(resources: Resources, clock: Clock) -> list[str]:
    roles = {
        "wu": (Role.ADMINISTRATOR, Scope()),
        "lin": (Role.ANALYST, Scope()),
        "half": (Role.ADMINISTRATOR, Scope()),
        "leaver": (Role.AUDITOR, Scope()),
        "goner": (Role.KEYER, OWN_BATCH),
        "ann": (Role.KEYER, OWN_BATCH),
        "bo": (Role.KEYER, OWN_BATCH),
        "chen": (Role.ADJUDICATOR, OWN_BATCH),
        "di": (Role.SUPERVISOR, Scope(points=frozenset({"p1"}))),
    }
    for name, (role, scope) in roles.items():
        await hire(resources, clock, name, role, scope)
    return list(roles)


async def _bring_forms(resources: Resources, dates: DatesOfMode) -> tuple[str, ...]:
    """Five forms of B1: two entries that differ, one entry, one returned, one handed out."""
    wave = await open_base(resources, dates=dates)
    await issue(resources, wave)
    await bring_back(resources, wave, [1, 2, 3])
    await move(resources, wave, [4], FormState.HANDED_OUT, interviewer="I1")
    await key(resources, wave, 1, "ann")
    await key(resources, wave, 1, "bo", sex="2")
    await key(resources, wave, 2, "bo")
    return tuple(serial(wave, number) for number in range(1, 6))


async def sit_down(resources: Resources, name: str) -> str:
    """Begin a session of somebody; give its token."""
    stage = Stage.SECOND_FACTOR if name == "half" else Stage.FULL
    async with resources.database.writing() as connection:
        account = await find_by_name(connection, name)
        assert account is not None
        begun = await begin_session(connection, resources, account.id, stage)
    return begun.token


def good_requests(app: FastAPI, city: City) -> list[Request]:
    """Give for each route what a well-behaved client sends; more often where citizens come."""
    found = []
    for route in iter_route_contexts(app.routes):
        for method in sorted(route.methods or ()):
            if method != "HEAD":
                found += _requests(method, str(route.path), city)
    return found


def _weight(method: str, template: str) -> float:
    """Draw what reads much of the sender's often, what makes whole files or scans a wave rarely."""
    if template.endswith(_HEAVY_ENDS):
        return 0.02
    share = 0.1 if template.startswith(("/console", "/w/")) else 1.0
    return share * (1.0 if method == "POST" else 0.3)


def _requests(method: str, template: str, city: City) -> Iterator[Request]:
    weight = _weight(method, template)
    bodies = _bodies(city)[template] if method == "POST" else [((), b"")]
    for kind, body in bodies:
        if template.startswith("/w/"):
            for wave, permit in city.for_pages:
                path = _fill(template, city, wave=wave, section=_section(wave, body))
                more = (_cookie("permit", permit), *kind)
                yield Request(method, path, headers=more, body=body, weight=weight)
        else:
            path = _fill(template, city)
            who = _headers(template, city)
            yield Request(method, path, headers=(*who, *kind), body=body, weight=weight)


def _headers(template: str, city: City) -> tuple[tuple[bytes, bytes], ...]:
    if template.startswith("/console"):
        keeper = next(name for start, name in _KEEPERS if template.startswith(start))
        return (_cookie("staff", city.sessions[keeper]), SAME_ORIGIN)
    if template.startswith(("/api/v1/changes", "/api/v1/webhooks", "/api/v1/external")):
        return ((b"authorization", b"Bearer " + city.token.encode()),)
    return ()


def _cookie(name: str, value: str) -> tuple[bytes, bytes]:
    return (b"cookie", f"{name}={value}".encode())


def _section(wave: str, body: bytes) -> str:
    """Name the page that a form belongs to."""
    if b"D01" in body:
        return "ratings"
    return "about_you" if wave == "town" else "all"


def _fill(template: str, city: City, wave: str = "town", section: str = "about_you") -> str:
    """Put good values in the place of a route's parameters."""
    waves = {
        "/console/paper": "base", "/console/scores": "xm", "/console/waves": "spare",
        "/console/releases": "old", "/console/results": "old", "/results": "old",
        "/api/v1/waves/{wave_id}/releases": "old", "/api/v1/waves/{wave_id}/indices": "old",
    }  # fmt: skip
    digest = STATIC_FILES["minyi.css"].address.split("/")[2]
    values = {
        "wave_id": next((wave for at, wave in waves.items() if template.startswith(at)), wave),
        "receipt_id": city.receipt, "release_id": city.release, "scheme_id": "xiamen-2008",
        "period_id": "2008", "webhook_id": "0" * 32, "link_id": city.link, "change": "pause",
        "finding_id": "copies-1", "case_id": "1", "prepared_id": "2", "kind": "csv",
        "department_id": "D01", "department": "D01", "staff_id": "goner", "client_id": "goner",
        "session_id": "0" * 64, "point_id": "p1", "batch_id": "B1", "permit_id": city.permits[0],
        "respondent_class": "residents", "trust": "verified", "section_id": section,
        "sequence": "1", "digest": digest, "name": "minyi.css",
    }  # fmt: skip
    return template.format_map(values)


Body = tuple[tuple[tuple[bytes, bytes], ...], bytes]


def _json(**body: Any) -> Body:
    return (JSON,), json.dumps(body, ensure_ascii=False).encode()


def _form(**fields: str) -> Body:
    return (FORM,), urlencode(fields).encode()


def _file(content: str) -> Body:
    head = b'Content-Disposition: form-data; name="file"; filename="keyed.csv"\r\n\r\n'
    parts = [b"--" + BOUNDARY, head + content.encode(), b"--" + BOUNDARY + b"--", b""]
    return (FILE,), b"\r\n".join(parts)


def _bodies(city: City) -> Mapping[str, list[Body]]:
    """Give good bodies for each address that takes one."""
    api, way = "/api/v1/waves/{wave_id}", {"respondent_class": "residents", "trust": "verified"}
    base, identify = "/console/paper/{wave_id}/", "/w/{wave_id}/identify/"
    point, batch = base + "points/{point_id}/", base + "batches/{batch_id}/"
    ratings = {f"rating.{one}.attitude": "satisfied" for one in ("D01", "D02", "D03")}
    given = answers() | {"household": 3, "school": "yes", "remark": "路灯坏了"}
    nothing, reason = [_form()], [_form(reason="Because it must be so")]
    basic = base64.b64encode(":".join(city.client).encode())
    keyed = {"serial": city.serials[2]} | MARKS
    new_password = [_form(password=PASSWORD, repeated=PASSWORD)]
    return {
        f"{api}/responses": [_json(permit=one, answers=given) for one in city.for_programs],
        f"{api}/permits": [
            _json(respondent_class="visitors", window="W1", department="D01"),
            _json(respondent_class="residents"),
        ],
        f"{api}/admissions": [_json(permit=one) for one in city.for_programs],
        f"{api}/sign-ins/national-id": [
            _json(national_id=national_id(7), **way),
            _json(national_id=national_id(8), name="钱", **way | {"trust": "confidential"}),
        ],
        f"{api}/sign-ins/phone-codes": [_json(phone="13912345678", **way)],
        f"{api}/sign-ins/phone": [_json(challenge="00", code="123456")],
        f"{api}/permits/drawn": [_json(sign_in="00")],
        "/api/v1/oauth/token": [
            _form(
                grant_type="client_credentials",
                client_id=city.client[0], client_secret=city.client[1], scope="events:read",
            ),
            ((FORM, (b"authorization", b"Basic " + basic)), b"grant_type=client_credentials"),
        ],
        "/api/v1/webhooks": [_json(url="https://scores.example.cn/minyi")],
        "/api/v1/webhooks/{webhook_id}/replays": [_json(since=0)],
        "/w/{wave_id}/start": [_form(**{"class": "residents"})],
        "/w/{wave_id}/code": [_form(code=city.typed)],
        "/w/{wave_id}/s/{section_id}": [
            _form(sex="female", household="3", school="yes"),
            _form(remark="路灯坏了", **ratings),
            _form(**ALL, date="2010-05-05", multiple="a", place="幸福街", ten="7", comment="好"),
            _form(**{f"grid.{one}.{aspect}": "b" for one in ("D01", "Q01") for aspect in "se"}),
        ],
        "/w/{wave_id}/departments": [_form(department="D01")],
        "/w/{wave_id}/submit": nothing,
        f"{identify}code": [_form(code="123456")],
        f"{identify}begin": nothing,
        identify + "{respondent_class}/{trust}/national-id": [_form(national_id=national_id(7))],
        identify + "{respondent_class}/{trust}/phone": [_form(phone="13912345678")],
        "/display": [_form(language="en", back="/w/town"), _form(size="large", back="/")],
        "/console/sign-in": [_form(name="ann", password=PASSWORD)],
        "/console/second-factor": [_form(code="123456")],
        "/console/sign-out": nothing,
        "/console/prove": [_form(password=PASSWORD, code="123456", back="/console/staff")],
        "/console/welcome/{link_id}": new_password,
        "/console/sso/sign-in": nothing,
        "/console/sso/link": nothing,
        "/console/sso/prove": [_form(code="123456")],
        "/console/sso/unlink": nothing,
        "/console/waves/{wave_id}/{change}": reason,
        "/console/integrity/{wave_id}/findings/{finding_id}/propose": reason,
        "/console/integrity/{wave_id}/cases/{case_id}/propose": reason,
        "/console/integrity/{wave_id}/cases/{case_id}/decide": [
            _form(decision="agree", reason="Because it must be so")
        ],
        "/console/releases/{wave_id}/prepare": nothing,
        "/console/releases/{wave_id}/prepared/{prepared_id}/publish": [
            _form(state="correction", why="A wrong margin")
        ],
        "/console/scores/{wave_id}/{period_id}/figures": [
            _form(table="\n".join("\t".join(row) for row in ENTERED), reason="Late figures")
        ],
        "/console/scores/{wave_id}/{period_id}/prepare": nothing,
        "/console/scores/{wave_id}/{period_id}/publish": [_form(why="")],
        "/console/staff/invite": [
            _form(name="fan", full_name="Fan", role="keyer", points="", batches="B1",
                  departments="")
        ],
        "/console/staff/{staff_id}/rights": [
            _form(role="keyer", points="", batches="B1", departments="")
        ],
        "/console/staff/{staff_id}/reset": nothing,
        "/console/staff/{staff_id}/disable": nothing,
        "/console/clients/add": [_form(name="reader", scope="events:read")],
        "/console/clients/{client_id}/revoke": nothing,
        "/console/account/password": new_password,
        "/console/account/second-factor": [_form(sealed="00", code="123456")],
        "/console/account/recovery-codes": nothing,
        "/console/account/sessions/{session_id}/end": nothing,
        "/console/account/sessions/end-all": nothing,
        f"{point}batches": [
            _form(batch="B7", mode="paper", n="5", second_share="100", respondent_class="")
        ],
        f"{point}interviewers": [_form(interviewer="I7", name="Gu")],
        f"{point}quotas": [_form(cells="female 20\nmale 20")],
        point + "batches/{batch_id}/close": nothing,
        f"{point}custody": [
            _form(serial=city.serials[3], to="returned", outcome="", interviewer="", reason=""),
            _form(serial=city.serials[4], to="handed_out", outcome="", interviewer="I1",
                  reason=""),
        ],
        f"{point}slips": [_form(serial=city.serials[3], check="national_id", number="1")],
        f"{batch}entries": [
            _json(keyer="ann", serial=one, marks=MARKS, seconds=12.5) for one in city.serials[1:3]
        ],
        f"{batch}form": [_form(**keyed)],
        f"{batch}calls/open": [_json(serial="")],
        f"{batch}calls": [
            _json(keyer="ann", serial=city.serials[0], attempt=1, result="refused")
        ],
        f"{batch}adjudication": [_form(serial=city.serials[0], sex="1")],
        f"{batch}import": [_file(",".join(keyed) + "\n" + ",".join(keyed.values()) + "\n")],
    }  # fmt: skip


class Photograph:
    """All rows as they are now, to be put back later: what rubbish changed is changed back."""

    def __init__(self, rows: Mapping[str, list[dict[str, Any]]]) -> None:
        self._rows = rows

    @classmethod
    async def of(cls, resources: Resources) -> "Photograph":
        """Take it."""
        async with resources.database.reading() as connection:
            found = {
                table.name: [
                    dict(row) for row in (await connection.execute(select(table))).mappings()
                ]
                for table in metadata.sorted_tables
            }
        return cls(found)

    async def restore(self, resources: Resources) -> None:
        """Put every row back in one transaction."""
        async with resources.database.writing() as connection:
            for table in reversed(metadata.sorted_tables):
                await connection.execute(delete(table))
            for table in metadata.sorted_tables:
                if rows := self._rows[table.name]:
                    await connection.execute(insert(table), rows)
