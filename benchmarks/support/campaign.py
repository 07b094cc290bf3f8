"""An open wave of Shenzhen 2010, and what citizens send to it: 25 answers each, pre-rendered."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import msgspec

from app.domain.deduplication.keys import master_to_text
from app.domain.deduplication.permits import OpenPermit, encode, write_open
from app.domain.questionnaires.audience import Mode
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.model import MultipleChoice, Scale, ScaleQuestion, SingleChoice
from app.services.participation import count_participation
from app.services.permits import Recipient, fill_pool, mint_invitations
from app.services.resources import open_resources
from app.services.waves import create_wave, find_wave, open_wave
from app.settings import ROOT, Settings
from app.store.schema import upgrade
from app.store.secret_key import keys_from_text
from benchmarks.load import Script, post
from tests.support.servers import around_now

SECRET = master_to_text(bytes(range(32)))
WAVE = "bench"
CLASS = "online-residents"
ASPECTS = ("attitude", "efficiency", "lawfulness", "results")
DEPARTMENTS = 4
MINT_AT_ONCE = 5000
BROWSER = {"sec_fetch_site": "same-origin", "accept_encoding": "gzip"}
FORM = {"content_type": "application/x-www-form-urlencoded"}
STEPS = ("contact", "departments", "ratings", "overall", "about-you", "submit")
"""What a questionnaire on paged forms posts: five pages, each saved, and the sending."""

Answers = dict[str, Any]


def settings_for(url: str) -> Settings:
    """Settings of a server on this database."""
    return Settings(_env_file=None, database_url=url, secret_key=SECRET)


async def prepare(url: str) -> None:
    """Open a wave in an empty database."""
    upgrade(url)
    resources = open_resources(settings_for(url))
    folder = ROOT / "survey_definitions" / "shenzhen-2010"
    wave = await create_wave(resources, code=WAVE, folder=folder, dates=around_now())
    await fill_pool(resources, wave, respondent_class=CLASS, n=1)
    await open_wave(resources, wave, by="benchmark")
    await resources.close()


async def invited_permits(url: str, number: int) -> list[str]:
    """Mint permits; each is looked up, spent and stored as such when it is used."""
    resources = open_resources(settings_for(url))
    wave = await find_wave(resources, WAVE)
    made: list[str] = []
    while len(made) < number:
        to = [Recipient(CLASS, mode=Mode.KIOSK)] * min(MINT_AT_ONCE, number - len(made))
        invitations = await mint_invitations(resources, wave, recipients=to, batch="bench")
        made += [one.permit for one in invitations]
    await resources.close()
    return made


def open_permits(number: int, seed: int) -> Iterator[str]:
    """Sign permits for devices, as `POST permits` does; nothing is stored before they are used."""
    keys, devices = keys_from_text(SECRET), random.Random(seed)
    for _ in range(number):
        mark = encode(devices.randbytes(16))
        yield write_open(keys, WAVE, OpenPermit(CLASS, Mode.WEB, "", "", mark))


async def counted(url: str) -> int:
    """How many responses participation says there are."""
    resources = open_resources(settings_for(url))
    found = await count_participation(resources, await find_wave(resources, WAVE))
    await resources.close()
    return found.counted


async def definition_of(url: str) -> SurveyDefinition:
    """What the wave asks."""
    resources = open_resources(settings_for(url))
    wave = await find_wave(resources, WAVE)
    await resources.close()
    return wave.definition


@dataclass
class Citizens:
    """Draws sheets of 25 answers: 16 ratings of four departments, and nine others."""

    definition: SurveyDefinition
    seed: int = 20101201

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.codes = [one.code for one in self.definition.departments.departments]
        self.scales = self.definition.questionnaire.scales
        self.questions = {one.code: one for one in self.definition.questionnaire.questions()}

    def sheets(self) -> Iterator[Answers]:
        """Sheets without end."""
        while True:
            yield self._sheet()

    def _sheet(self) -> Answers:
        chosen = sorted(self.random.sample(self.codes, DEPARTMENTS), key=self.codes.index)
        others = {code: self._answer(code) for code in self.questions if code != "channels"}
        ratings = {code: {one: self._level("satisfaction") for one in ASPECTS} for code in chosen}
        return {name: answer for name, answer in others.items() if answer is not None} | {
            "contact": "no",
            "ratings": ratings,
        }

    def _answer(self, code: str) -> object:
        match self.questions[code]:
            case SingleChoice() as question:
                return self.random.choice(question.options).code
            case MultipleChoice() as question:
                return [self.random.choice(question.options).code]
            case ScaleQuestion() as question:
                return self._level(question.scale)
        return None

    def _level(self, scale: str) -> str:
        found: Scale = self.scales[scale]
        return self.random.choice(found.levels).code


def size_of(sheet: Answers) -> int:
    """How many questions a sheet answers, each aspect of each department being one."""
    ratings = sheet["ratings"].values()
    return len(sheet) - 1 + sum(len(one) for one in ratings)


def json_scripts(permits: Iterable[str], citizens: Citizens) -> Iterator[Script]:
    """A submission for each permit, in one request."""
    for permit, sheet in zip(permits, citizens.sheets(), strict=False):
        body = msgspec.json.encode({"permit": permit, "answers": sheet})
        yield [post(f"/api/v1/waves/{WAVE}/responses", body, content_type="application/json")]


def form_scripts(permits: Iterable[str], citizens: Citizens) -> Iterator[Script]:
    """The posts of a browser that goes through all pages, for each permit."""
    for permit, sheet in zip(permits, citizens.sheets(), strict=False):
        yield [_posted(permit, step, sheet) for step in STEPS]


def _posted(permit: str, step: str, sheet: Answers) -> bytes:
    path = f"/w/{WAVE}/{step}" if step in ("departments", "submit") else f"/w/{WAVE}/s/{step}"
    fields = urlencode(_fields(step, sheet), doseq=True).encode()
    return post(path, fields, cookie=f"permit={permit}", **FORM, **BROWSER)


def _fields(step: str, sheet: Answers) -> dict[str, Any]:
    ratings = sheet["ratings"]
    named = {
        "contact": ["contact"],
        "overall": ["overall", "change", "priorities"],
        "about-you": ["sex", "age", "district", "residency", "occupation"],
    }
    match step:
        case "departments":
            return {"department": list(ratings)}
        case "ratings":
            return {
                f"ratings.{code}.{aspect}": level
                for code, said in ratings.items()
                for aspect, level in said.items()
            }
    return {name: sheet[name] for name in named.get(step, ())}
