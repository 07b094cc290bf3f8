"""Invariant 7: until a wave is closed nobody sees its indices, by any page, address or command."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import click
import httpx
import pytest
import typer
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from typer.testing import CliRunner

from app.cli import cli
from app.domain.releases.response_rows import ResponseRow
from app.domain.rights.rights import Scope
from app.domain.rights.roles import Role
from app.services.resources import Resources, open_resources
from app.services.waves import Wave, close_wave
from app.settings import Settings
from tests.console.clerk import SAME_ORIGIN, Clerk
from tests.support.clock import Clock
from tests.support.releases import release
from tests.support.responses import response, store_rows
from tests.support.staff import hire, make_passwords_cheap
from tests.support.surveys import NOON, open_town

SECRET = re.compile(r"56\.6|56\.7|0\.566")
"""17 of 30 are very satisfied with every department, the others very dissatisfied: 56.6667."""

PATHS = {
    "wave_id": "town",
    "sequence": "1",
    "release_id": "town.1",
    "department_id": "D01",
    "department": "D01",
    "prepared_id": "1",
}
OWN = Scope(departments=frozenset({"D01"}))
CHANGES_THE_WAVE = {"waves open", "waves pause", "waves close", "waves create"}


@pytest.fixture
def database_url(make_sqlite) -> str:  # type: ignore[no-untyped-def]
    """Which database it is makes no difference here."""
    return make_sqlite()


def opinions() -> list[ResponseRow]:
    levels = ["very_satisfied"] * 17 + ["very_dissatisfied"] * 13
    rows = []
    for number, level in enumerate(levels):
        rating = {one: {"attitude": level} for one in ("D01", "D02", "D03")}
        answers = {"sex": "female", "rating": rating}
        row = response("residents", answers, ("D01", "D02", "D03"), bytes([number]))
        rows.append(row._replace(received_on=NOON.date()))
    return rows


async def an_open_wave(resources: Resources) -> Wave:
    wave = await open_town(resources)
    await store_rows(resources, wave, opinions())
    return wave


def addresses(app: FastAPI) -> set[str]:
    """Every address that can be looked at, about the town where it is about a wave."""
    found = set()
    for route in iter_route_contexts(app.routes):
        if "GET" in (route.methods or ()):
            filled = re.sub(r"\{(\w+)(:\w+)?\}", lambda m: PATHS.get(m[1], "1"), str(route.path))
            found.add(filled)
    return found


async def telling(client: httpx.AsyncClient, app: FastAPI) -> set[str]:
    """The addresses whose reply has the index in it."""
    found = set()
    for address in sorted(addresses(app)):
        reply = await client.get(address, headers=SAME_ORIGIN)
        if SECRET.search(reply.content.decode(errors="replace")):
            found.add(address)
    return found


async def test_no_page_tells_anybody(
    app: FastAPI,
    client: httpx.AsyncClient,
    resources: Resources,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_passwords_cheap(monkeypatch)
    wave = await an_open_wave(resources)
    clerk = Clerk(client, resources, clock)
    assert await telling(client, app) == set()
    for role in (Role.ADMINISTRATOR, Role.ANALYST, Role.AUDITOR, Role.DEPARTMENT_READER):
        await hire(resources, clock, role.value, role, OWN)
        await clerk.sits_down_as(role.value)
        assert await telling(client, app) == set(), role

    await close_wave(resources, wave, by="wu")
    await release(resources, wave)
    assert await telling(client, app) >= {
        "/api/v1/waves/town/indices",
        "/api/v1/releases/town.1",
        "/results/town",
        "/results/town/1",
    }


def commands(command: click.Command, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command about a wave."""
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, f"{path} {name}".strip())
    if {"code", "wave"} & {one.name for one in command.params} and path not in CHANGES_THE_WAVE:
        yield path, command


def arguments(command: click.Command, folder: Path) -> Iterator[str]:
    """Something for all that a command must be told."""
    file = str(folder / "out.csv")
    known = {"code": "town", "department": "D01", "out": file, "to": file, "file": file}
    for one in command.params:
        if one.required:
            value = known.get(str(one.name), "1")
            yield from [one.opts[0], value] if one.param_type_name == "option" else [value]


def test_no_command_tells_anybody(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINYI_DATABASE_URL", database_url)
    monkeypatch.setenv("MINYI_SECRET_KEY_FILE", str(tmp_path / "secret.key"))

    async def prepare() -> None:
        resources = open_resources(Settings())
        await an_open_wave(resources)
        await resources.close()

    asyncio.run(prepare())
    tried = []
    for number, (path, command) in enumerate(commands(typer.main.get_command(cli))):
        folder = tmp_path / str(number)
        folder.mkdir()
        line = [*path.split(), *arguments(command, folder)]
        result = CliRunner().invoke(cli, line, input="1\n" * 9)
        written = "".join(
            one.read_text(errors="replace") for one in folder.rglob("*") if one.is_file()
        )
        assert not SECRET.search(result.output + written), path
        tried.append(path)
    assert {"waves status", "release prepare", "release list", "paper status"} <= set(tried)
