"""`minyi demo`: a city's whole year in two minutes, through the real HTTP and fieldwork paths."""

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
from app.commands.demo_results import (
    credentials,
    print_attack,
    print_recovery,
    pull,
    release,
    review,
    score,
)
from app.commands.paper import print_balance
from app.commands.paper_campaign import PaperCampaign
from app.commands.running import prepare_database
from app.commands.serving import Host, Port, server_options
from app.commands.stuffing_campaign import StuffingCampaign
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
from app.services.waves import Wave, close_wave, create_wave, open_wave
from app.settings import Settings

FOLDER = Path("var/demo")
WAVE, NEXT = "shenzhen-demo", "shenzhen-next"
CLASS = "online-residents"
LETTERS = 60
SHOWN = 3


def demo(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    *,
    citizens: Annotated[int, typer.Option(help="How many answer online.", min=1)] = 1500,
    forms: Annotated[int, typer.Option(help="How many paper forms.", min=14, max=20_000)] = 3000,
    robots: Annotated[int, typer.Option(help="How many ballots are stuffed.", min=0)] = 80,
    seed: Annotated[int, typer.Option(help="The same seed makes the same citizens.")] = 2010,
    stay: Annotated[bool, typer.Option(help="Go on serving until Ctrl-C.")] = True,
) -> None:
    """Run Shenzhen 2010 from first answer to scores: web, paper, attack, release, scheme, pull.

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
    sizes = Sizes(citizens, forms, robots)
    asyncio.run(_demo(settings, host=host, port=port, sizes=sizes, seed=seed, stay=stay))


@dataclasses.dataclass(frozen=True, slots=True)
class Sizes:
    """How many answer online, how many forms are issued, how many ballots are stuffed."""

    citizens: int
    forms: int
    robots: int


async def _demo(
    settings: Settings, *, host: str, port: int, sizes: Sizes, seed: int, stay: bool
) -> None:
    app = create_app(settings)
    resources: Resources = app.state.resources
    link = await _invite_administrator(resources)
    async with _serving(app, settings, host, port) as server:
        wave = await _open_wave(resources, WAVE)
        city = SyntheticCity(wave.definition, random.Random(seed))
        praised = await _collect(resources, wave, city, sizes, seed)
        await _evaluate(resources, wave, city, praised, seed)
        codes = await _letters(resources, await _open_wave(resources, NEXT))
        _print_addresses(settings.public_url, codes[:SHOWN], link)
        if stay:
            set_up_logging(settings.log_format)
            await server


async def _collect(
    resources: Resources, wave: Wave, city: SyntheticCity, sizes: Sizes, seed: int
) -> str:
    """Let citizens answer on web and paper, and robots too; gives the department they praise."""
    url = resources.settings.public_url
    codes = await _letters(resources, wave)
    title = wave.definition.survey.title.en
    typer.echo(f"{sizes.citizens} synthetic citizens answer «{title}» …")
    replies = await Campaign(url, wave, CLASS, city).run(sizes.citizens, codes, seed)
    for status, n in sorted(replies.items()):
        typer.echo(f"  {n} × {status} {MEANINGS.get(status, '')}")
    robots = StuffingCampaign(url, wave, CLASS, city)
    stored = await robots.run(sizes.robots)
    typer.echo(f"Robots of one department post {stored} ballots …")
    await _paper(resources, wave, city, sizes.forms, seed)
    print_participation(await count_participation(resources, wave))
    return robots.praised


async def _paper(
    resources: Resources, wave: Wave, city: SyntheticCity, forms: int, seed: int
) -> None:
    typer.echo(f"{forms} paper forms go to the survey points and come back …")
    campaign = PaperCampaign(resources, wave, city=city, forms=forms, online_class=CLASS, seed=seed)
    await campaign.run()
    typer.echo(f"  a third person decided on {campaign.disputed} forms that two had keyed")
    print_balance((await fieldwork(resources, wave)).whole)


async def _evaluate(
    resources: Resources, wave: Wave, city: SyntheticCity, praised: str, seed: int
) -> None:
    """Close, review, release, score; let the sample scoring system pull; hold it to the truth."""
    wave = await close_wave(resources, wave, by="demo")
    await review(resources, wave)
    typer.echo("Weights, estimates, disclosure control, signature …")
    found = await release(resources, wave)
    typer.echo(f"Released: {found.header.release}, {found.header.state}")
    truth = city.truth(wave.definition.questionnaire.scales[RATED_ON])
    print_recovery(found, truth)
    print_attack(found, praised, truth)
    internal = await score(resources, wave, seed)
    scheme = found.figures.survey.code
    secret = await credentials(resources, scheme)
    await asyncio.to_thread(pull, resources.settings.public_url, scheme, internal, secret)


RATED_ON = "satisfaction"
MEANINGS = {
    201: "stored",
    200: "sent twice, stored once: the same receipt",
    409: "a second vote on the same permit: refused",
}


async def _open_wave(resources: Resources, code: str) -> Wave:
    today = resources.now().date()
    wave = await create_wave(
        resources,
        code=code,
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
  Results            {url}/results/{WAVE}
  A survey to answer {url}/w/{NEXT}
  Codes to type in   {"  ".join(codes)}
  The release        {url}/api/v1/waves/{WAVE}/releases
  API description    {url}/api/v1/openapi.json
  Staff              {link}
                     (once: choose a password, scan the second factor; later {url}/console)
""")
