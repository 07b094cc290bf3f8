"""Xiamen 2008 from single answers to the published table, in the hands of a scoring system.

Citizens answer so that the indices are those published; the wave is released, evaluated by the
shipped scheme and pulled by `examples/scoring_system.py`, a program of its own, from a running
server. Its totals are those of the published table; then a correction comes. What the program must
refuse is served to it by hand.
"""

import base64
import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.domain.deduplication.decision import ResponseStatus
from app.domain.releases.signing import public_jwk, sign
from app.domain.rights.rights import command_line
from app.services import clients
from app.services.evaluation_preparation import prepare_evaluation
from app.services.evaluations import publish_evaluation
from app.services.permits import issue_open_permit
from app.services.release_preparation import prepare_release
from app.services.releases import publish_release
from app.services.resources import Resources, open_resources
from app.services.responses import accept_response
from app.services.waves import Wave, close_wave, create_wave, find_wave, open_wave
from app.settings import Settings
from app.store.responses import change_status, stream_responses
from app.tables import responses
from examples import scoring_system
from tests.support.servers import around_now, running_server

HERE = Path(__file__).parent
TABLE = HERE.parent / "questionnaires" / "xiamen-table"
SHIPPED = HERE.parents[1] / "survey_definitions" / "xiamen-2008"
PROGRAM = HERE.parents[1] / "examples" / "scoring_system.py"
SCHEME, PERIOD = "xiamen-2008", "2008"
ASPECTS = ("attitude", "efficiency", "lawfulness", "openness", "results")
LIN, WANG = command_line("lin"), command_line("wang")


@dataclass(frozen=True)
class District:
    """A row of the published table: what the city scored itself, the indices, the total."""

    indicators: str
    net: str
    survey: str
    online: str
    mutual: str
    total: str


PUBLISHED = {
    "xiangan": District("52.26", "-0.3", "82.80", "84.4", "92.16", "85.628"),
    "huli": District("51.456", "0", "79.40", "89.7", "94.16", "84.469"),
    "siming": District("50.478", "-1", "84.19", "91.1", "95.82", "84.081"),
    "tongan": District("50.388", "0", "80.47", "95.9", "93.44", "83.996"),
    "haicang": District("47.538", "0", "82.13", "93.1", "93.06", "81.485"),
    "jimei": District("48.63", "-0.7", "79.14", "66.1", "94.42", "79.698"),
}
"""Published results of Xiamen 2008 (facts about three cities, in the project's sources)."""

PEOPLE = {
    "residents": ("survey", 200),
    "online-residents": ("online", 20),
    "organs": ("mutual", 100),
}
"""By class: whose index it is, and how few people can have it exactly."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The fine questionnaire with the shipped departments and scheme, everybody on the web."""
    made = Path(shutil.copytree(TABLE, tmp_path / "xiamen"))
    shutil.copy(SHIPPED / "departments.yaml", made)
    scheme = (SHIPPED / "scheme.yaml").read_text("utf-8")
    scheme = scheme.replace("modes: [paper]", "modes: [web]").replace(", anchor: survey", "")
    (made / "scheme.yaml").write_text(scheme, "utf-8")
    return made


@pytest.fixture
async def resources(settings: Settings) -> AsyncIterator[Resources]:
    """With the clock that the server has."""
    found = open_resources(settings)
    yield found
    await found.close()


def sheets(index: str, n: int) -> list[dict[str, dict[str, str]]]:
    """Spread the marks of each district over n sheets so that their mean is its index."""
    by_district = {}
    for code, row in PUBLISHED.items():
        cells = n * len(ASPECTS)
        tens, rest = divmod(round(float(getattr(row, index)) / 10 * cells), cells)
        marks = [f"m{tens + 1}"] * rest + [f"m{tens}"] * (cells - rest)
        by_district[code] = [
            dict(zip(ASPECTS, marks[at : at + len(ASPECTS)], strict=True))
            for at in range(0, cells, len(ASPECTS))
        ]
    return [{code: rows[at] for code, rows in by_district.items()} for at in range(n)]


async def answer_everybody(resources: Resources, wave: Wave) -> None:
    for respondent_class, (index, n) in PEOPLE.items():
        for sheet in sheets(index, n):
            permit = await issue_open_permit(resources, wave, respondent_class=respondent_class)
            await accept_response(resources, wave, permit, {"ratings": sheet})


async def publish(resources: Resources, wave: Wave, state: Any, why: str = "") -> None:
    """Release and evaluate, prepared by one person and published by another."""
    prepared = await prepare_release(resources, LIN, wave)
    await publish_release(resources, WANG, wave, prepared=prepared.id, state=state, why=why)
    wave = await find_wave(resources, wave.code)
    await prepare_evaluation(resources, LIN, wave, period=PERIOD)
    await publish_evaluation(resources, WANG, wave, period=PERIOD, why=why)


async def set_some_aside(resources: Resources, wave: Wave) -> None:
    """Take the first twenty residents out of the count, as a review after the release may."""
    async with resources.database.reading() as connection:
        stored = [one async for one in stream_responses(connection, wave.id)]
    chosen = [one.response_id for one in stored if one.respondent_class == "residents"][:20]
    async with resources.database.writing() as connection:
        await change_status(
            connection,
            wave.id,
            ResponseStatus.COUNTED,
            ResponseStatus.SET_ASIDE,
            responses.c.response_id.in_(chosen),
        )


class ScoringOffice:
    """Runs the program with its credentials, internal scores and memory."""

    def __init__(self, address: str, folder: Path, credentials: Mapping[str, str]) -> None:
        self.address, self.credentials = address, credentials
        self.memory = folder / "memory.json"
        self.internal = folder / "internal.csv"
        rows = [f"{code},{float(d.indicators) + float(d.net):.3f}" for code, d in PUBLISHED.items()]
        self.internal.write_text("\n".join(["department,points", *rows]), "utf-8")

    def pull(self) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, PROGRAM, self.address, SCHEME, PERIOD, self.internal]
        return subprocess.run(
            [*map(str, command), "--memory", str(self.memory)],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
            env=os.environ | self.credentials,
        )

    def table(self) -> tuple[list[str], dict[str, dict[str, str]]]:
        """The remarks, and the rows by department, of a pull that must succeed."""
        done = self.pull()
        assert done.returncode == 0, done.stderr
        lines = done.stdout.splitlines()
        remarks = [line for line in lines if line.startswith("#")]
        rows = csv.DictReader(io.StringIO("\n".join(lines[len(remarks) :])))
        return remarks, {row["department"]: row for row in rows}


async def credentials_of(resources: Resources) -> dict[str, str]:
    made = await clients.add(
        resources, LIN, name="performance-office", scopes=frozenset({f"scheme:{SCHEME}"})
    )
    return {"MINYI_CLIENT_ID": made.client_id, "MINYI_CLIENT_SECRET": made.secret}


@pytest.mark.slow
async def test_a_scoring_system_comes_to_the_published_table_and_keeps_up(
    resources: Resources, settings: Settings, folder: Path, tmp_path: Path
) -> None:
    wave = await create_wave(resources, code="xm", folder=folder, dates=around_now())
    wave = await open_wave(resources, wave, by="lin")
    await answer_everybody(resources, wave)
    wave = await close_wave(resources, wave, by="lin")
    await publish(resources, wave, "final")
    with running_server(settings) as server:
        office = ScoringOffice(server.address, tmp_path, await credentials_of(resources))
        remarks, table = office.table()
        assert remarks == ["# xiamen-2008.1 final"]
        assert {code: row["total"] for code, row in table.items()} == {
            code: one.total for code, one in PUBLISHED.items()
        }
        assert list(table) == list(PUBLISHED), "ranked as published"
        assert table["xiangan"]["external"] == "33.668"

        wave = await find_wave(resources, wave.code)
        await set_some_aside(resources, wave)
        await publish(resources, wave, "corrected", why="Twenty answers were copies")
        remarks, corrected = office.table()
        assert remarks[1] == "# corrects xiamen-2008.1: Twenty answers were copies"
        assert corrected != table
        assert office.table() == (remarks, corrected), "nothing new: the same again"

        mended = json.loads(office.memory.read_text("utf-8"))
        head, _, signature = parts(mended["newest"][PERIOD])
        mended["newest"][PERIOD] = f"{head}.{encoded(payload(total='100'))}.{signature}"
        kept = office.memory.read_text("utf-8")
        office.memory.write_text(json.dumps(mended), "utf-8")
        assert "altered after it was signed" in office.pull().stderr
        office.memory.write_text(kept, "utf-8")

        shrunk = json.loads(office.memory.read_text("utf-8")) | {"sequence": 3}
        office.memory.write_text(json.dumps(shrunk), "utf-8")
        assert "older state than the one remembered" in office.pull().stderr


# What must be refused --------------------------------------------------------------------------


@pytest.fixture
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def trusted(*keys: Ed25519PrivateKey) -> dict[str, str]:
    jwks = [public_jwk(one.public_key().public_bytes_raw()) for one in keys]
    return {one["kid"]: one["x"] for one in jwks}


def payload(sequence: int = 1, previous: str | None = None, total: str = "1") -> bytes:
    header = {"sequence": sequence, "previous": previous and {"digest": previous}}
    evaluation = {"scheme": {"code": SCHEME}, "period": PERIOD, "total": total}
    return json.dumps({"header": header, "evaluation": evaluation}).encode()


def parts(jws: str) -> tuple[str, str, str]:
    head, body, signature = jws.split(".")
    return head, body, signature


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def test_what_was_signed_is_accepted(key: Ed25519PrivateKey) -> None:
    assert scoring_system.verified(sign(payload(), key), trusted(key)) == payload()


def altered(jws: str) -> str:
    head, _, signature = parts(jws)
    return f"{head}.{encoded(payload(total='100'))}.{signature}"


def without_algorithm(jws: str) -> str:
    head = encoded(json.dumps({"alg": "none"}).encode())
    return f"{head}.{parts(jws)[1]}."


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (altered, "altered"),
        (without_algorithm, "algorithm"),
        (lambda _jws: sign(payload(), Ed25519PrivateKey.generate()), "not trusted"),
        (lambda jws: jws.replace(".", ""), "no signature"),
    ],
)
def test_what_was_not_signed_so_is_refused(
    key: Ed25519PrivateKey, change: Callable[[str], str], reason: str
) -> None:
    with pytest.raises(scoring_system.Refused, match=reason):
        scoring_system.verified(change(sign(payload(), key)), trusted(key))


@pytest.mark.parametrize(
    ("next_one", "reason"),
    [
        (payload(1), "not the next"),
        (payload(3, "f" * 64), "not the next"),
        (payload(2, "f" * 64), "does not follow"),
        (payload(2).replace(b"xiamen", b"xuzhou"), "another scheme"),
    ],
)
def test_what_does_not_continue_the_chain_is_refused(
    key: Ed25519PrivateKey, next_one: bytes, reason: str
) -> None:
    memory = {"keys": trusted(key), "sequence": 0, "digest": "", "newest": {}}
    scoring_system.accept(memory, SCHEME, sign(payload(1), key))
    before = json.dumps(memory)
    with pytest.raises(scoring_system.Refused, match=reason):
        scoring_system.accept(memory, SCHEME, sign(next_one, key))
    assert json.dumps(memory) == before
