"""`minyi demo`: a city in a minute, on a database of its own, through the real HTTP paths."""

import asyncio
import dataclasses
import logging
import random
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI

from app.commands.campaign import Campaign
from app.commands.paper import print_balance
from app.commands.paper_campaign import PaperCampaign
from app.commands.running import prepare_database
from app.commands.serving import Host, Port, server_options
from app.commands.waves import print_participation
from app.domain.questionnaires.audience import DatesOfMode, Mode, Trust
from app.domain.questionnaires.synthetic_city import SyntheticCity
from app.domain.rights.rights import Scope, command_line
from app.domain.rights.roles import Role
from app.log import set_up_logging
from app.main import create_app
from app.services.paper_batches import fieldwork
from app.services.participation import count_participation
from app.services.permits import Recipient, fill_pool, mint_invitations
from app.services.resources import Resources
from app.services.staff import Rights, invite
from app.services.waves import Wave, create_wave, open_wave
from app.settings import Settings

FOLDER = Path("var/demo")
WAVE = "shenzhen-demo"
CLASS = "online-residents"
LETTERS = 60
SHOWN = 3


def demo(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    *,
    citizens: Annotated[int, typer.Option(help="How many answer.", min=1, max=100_000)] = 400,
    forms: Annotated[int, typer.Option(help="How many paper forms.", min=14, max=20_000)] = 280,
    seed: Annotated[int, typer.Option(help="The same seed makes the same citizens.")] = 2010,
    stay: Annotated[bool, typer.Option(help="Go on serving until Ctrl-C.")] = True,
) -> None:
    """Load Shenzhen 2010, let synthetic citizens answer through HTTP and on paper, and serve it.

    Example: minyi demo --port 8000
    """
    shutil.rmtree(FOLDER, ignore_errors=True)
    settings = Settings(
        database_url=f"sqlite:///{FOLDER}/minyi.db",
        secret_key_file=FOLDER / "secret.key",
        public_url=f"http://{host}:{port}",
        phone_sender="console",
    )
    prepare_database(settings)
    set_up_logging(settings.log_format, logging.WARNING)
    sizes = Sizes(citizens, forms)
    asyncio.run(_demo(settings, host=host, port=port, sizes=sizes, seed=seed, stay=stay))


@dataclasses.dataclass(frozen=True, slots=True)
class Sizes:
    """How many answer online, and how many forms are issued."""

    citizens: int
    forms: int


async def _demo(
    settings: Settings, *, host: str, port: int, sizes: Sizes, seed: int, stay: bool
) -> None:
    app = create_app(settings)
    resources: Resources = app.state.resources
    wave = await _open_wave(resources)
    codes = await _letters(resources, wave)
    link = await _invite_administrator(resources)
    async with _serving(app, settings, host, port) as server:
        title = wave.definition.survey.title.en
        typer.echo(f"{sizes.citizens} synthetic citizens answer «{title}» …")
        campaign = Campaign(
            settings.public_url, wave, CLASS, SyntheticCity(wave.definition, random.Random(seed))
        )
        replies = await campaign.run(sizes.citizens, codes[SHOWN:], seed)
        for status, n in sorted(replies.items()):
            typer.echo(f"  {n} × {status} {MEANINGS.get(status, '')}")
        await _paper(resources, wave, sizes.forms, seed)
        print_participation(await count_participation(resources, wave))
        _print_addresses(settings.public_url, codes[:SHOWN], link)
        if stay:
            set_up_logging(settings.log_format)
            await server


async def _paper(resources: Resources, wave: Wave, forms: int, seed: int) -> None:
    typer.echo(f"{forms} paper forms go to the survey points and come back …")
    campaign = PaperCampaign(resources, wave, forms=forms, online_class=CLASS, seed=seed)
    await campaign.run()
    typer.echo(f"  a third person decided on {campaign.disputed} forms that two had keyed")
    print_balance((await fieldwork(resources, wave)).whole)


MEANINGS = {
    201: "stored",
    200: "sent twice, stored once: the same receipt",
    409: "a second vote on the same permit: refused",
}


async def _open_wave(resources: Resources) -> Wave:
    today = resources.now().date()
    wave = await create_wave(
        resources,
        code=WAVE,
        folder=resources.settings.definitions_folder / "shenzhen-2010",
        dates=DatesOfMode(opens=today - timedelta(days=1), closes=today + timedelta(days=30)),
    )
    for one in wave.definition.audience.classes:
        if any(way.trust is Trust.VERIFIED for way in one.ways_in):
            await fill_pool(resources, wave, respondent_class=one.code, n=1000)
    return await open_wave(resources, wave, by="demo")


async def _letters(resources: Resources, wave: Wave) -> list[str]:
    recipients = [Recipient(CLASS, Mode.KIOSK)] * LETTERS
    letters = await mint_invitations(resources, wave, recipients=recipients, batch="demo")
    return [letter.typed_code for letter in letters]


async def _invite_administrator(resources: Resources) -> str:
    rights = Rights(Role.ADMINISTRATOR, Scope())
    return await invite(
        resources, command_line("demo"), name="li.na", full_name="李娜", rights=rights
    )


@asynccontextmanager
async def _serving(
    app: FastAPI, settings: Settings, host: str, port: int
) -> AsyncIterator[asyncio.Task[None]]:
    config = uvicorn.Config(app, host=host, port=port, **server_options(settings))
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        if task.done():
            task.result()
            raise typer.Exit(1)  # the port is taken; uvicorn has said so
        await asyncio.sleep(0.05)
    try:
        yield task
    finally:
        server.should_exit = True
        await task


def _print_addresses(url: str, codes: list[str], link: str) -> None:
    typer.echo(f"""
  Citizens' page     {url}/
  The survey         {url}/w/{WAVE}
  Codes to type in   {"  ".join(codes)}
  Participation      {url}/api/v1/waves/{WAVE}/participation
  API description    {url}/api/v1/openapi.json
  Staff              {link}
                     (once: choose a password, scan the second factor; later {url}/console)
""")
