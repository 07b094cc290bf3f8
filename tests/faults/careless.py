"""Servers that are careless in one way each: what the harness must notice.

Each function changes a process that is about to serve.
"""

import asyncio
import contextlib
import datetime
import functools
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import uvicorn
from sqlalchemy import insert, select, text

from app.api.v1 import responses as route
from app.commands import serving
from app.domain.deduplication.decision import ResponseStatus
from app.domain.deduplication.permits import read_receipt_code, receipt_code
from app.main import create_app
from app.services.permits import admit
from app.services.resources import Clock, Resources, system_clock
from app.services.response_batches import Acceptance
from app.services.responses import accept_response
from app.services.waves import Wave
from app.store import database
from app.store.randomness import random_bytes
from app.tables import responses

_SOON = 2.0  # seconds
_pending: set[asyncio.Task[None]] = set()
Answers = Mapping[str, object]


def thank_first() -> None:
    """Give the receipt at once; store a moment later."""

    async def accept(resources: Resources, wave: Wave, permit: str, answers: Answers) -> Acceptance:
        admission = await admit(resources, wave, permit)
        _soon(lambda: accept_response(resources, wave, permit, answers))
        today = wave.survey.local_date(resources.now())
        return Acceptance(
            receipt_code(admission.response_id), ResponseStatus.COUNTED, today, repeated=False
        )

    _serve_with(accept)


def store_twice() -> None:
    """Store every answer once more, under an id of its own."""

    async def accept(resources: Resources, wave: Wave, permit: str, answers: Answers) -> Acceptance:
        accepted = await accept_response(resources, wave, permit, answers)
        async with resources.database.writing() as connection:
            mine = responses.c.response_id == _response_id(accepted)
            row = (await connection.execute(select(responses).where(mine))).mappings().one()
            second = dict(row) | {"response_id": random_bytes(16)}
            await connection.execute(insert(responses).values(second))
        return accepted

    _serve_with(accept)


def store_half() -> None:
    """Store less than was sent."""

    async def accept(resources: Resources, wave: Wave, permit: str, answers: Answers) -> Acceptance:
        less = {name: value for name, value in answers.items() if name != "remark"}
        return await accept_response(resources, wave, permit, less)

    _serve_with(accept)


def spend_apart() -> None:
    """Store the answer in one transaction, and spend the permit in another, a moment later."""

    async def accept(resources: Resources, wave: Wave, permit: str, answers: Answers) -> Acceptance:
        async def set_state(state: str) -> None:
            async with resources.database.writing() as connection:
                await connection.execute(_SET_STATE, {"state": state, "name": name})

        accepted = await accept_response(resources, wave, permit, answers)
        name = (await admit(resources, wave, permit)).permit_hash
        await set_state("unspent")
        _soon(lambda: set_state("spent"))
        return accepted

    _serve_with(accept)


_SET_STATE = text("UPDATE permits SET state = :state WHERE permit_hash = :name")


def keep_the_first_clock() -> None:
    """Judge by the time at which the process started."""
    started = system_clock()
    tell_time_by(lambda: started)


def do_not_sync() -> None:
    """Leave it to the operating system when SQLite's commits reach the disk."""
    prepare = database._prepare_sqlite

    def careless(connection: Any, record: Any) -> None:
        prepare(connection, record)
        connection.execute("PRAGMA synchronous=OFF").close()

    database._prepare_sqlite = careless  # type: ignore[assignment]


def let_errors_through() -> None:
    """Have no word for a database that is away."""
    database._translated = contextlib.nullcontext  # type: ignore[assignment]


def end_at_once() -> None:
    """Store slowly answered requests, and end without finishing them when asked to end."""

    async def accept(resources: Resources, wave: Wave, permit: str, answers: Answers) -> Acceptance:
        accepted = await accept_response(resources, wave, permit, answers)
        await asyncio.sleep(0.05)
        return accepted

    async def shutdown(_server: uvicorn.Server, sockets: object = None) -> None:
        os._exit(0)

    _serve_with(accept)
    uvicorn.Server.shutdown = shutdown  # type: ignore[assignment, method-assign]


def set_clock_by(file: Path) -> None:
    """Be off by as many seconds as the file says at the moment. Not careless: a clock set wrong."""
    tell_time_by(lambda: system_clock() + datetime.timedelta(seconds=float(file.read_text())))


def tell_time_by(clock: Clock) -> None:
    """Make the application with this clock."""
    serving.create_app = functools.partial(create_app, clock=clock)  # type: ignore[assignment]


def _soon(work: Callable[[], Awaitable[object]]) -> None:
    """Do it after the reply, and late enough for a kill between the two on a busy machine."""

    async def later() -> None:
        await asyncio.sleep(_SOON)
        await work()

    task = asyncio.create_task(later())
    _pending.add(task)
    task.add_done_callback(_pending.discard)


def _serve_with(accept: Any) -> None:
    route.accept_response = accept


def _response_id(accepted: Acceptance) -> bytes:
    found = read_receipt_code(accepted.receipt)
    assert found is not None
    return found
