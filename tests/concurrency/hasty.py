"""A server that thanks first and stores later: what a kill would do to it (`test_kill.py`)."""

import asyncio
from collections.abc import Mapping
from typing import Annotated

import typer
import uvicorn

from app.api.v1 import responses as route
from app.domain.deduplication.decision import ResponseStatus
from app.domain.deduplication.permits import receipt_code
from app.main import create_app
from app.services.permits import admit
from app.services.resources import Resources
from app.services.responses import Acceptance, accept_response
from app.services.waves import Wave
from app.settings import Settings

_pending: set[asyncio.Task[None]] = set()


async def thank_first(
    resources: Resources, wave: Wave, permit: str, answers: Mapping[str, object]
) -> Acceptance:
    """Give the receipt at once; store a moment later."""

    async def later() -> None:
        await asyncio.sleep(0.1)
        await accept_response(resources, wave, permit, answers)

    admission = await admit(resources, wave, permit)
    task = asyncio.create_task(later())
    _pending.add(task)
    task.add_done_callback(_pending.discard)
    today = wave.survey.local_date(resources.now())
    receipt = receipt_code(admission.response_id)
    return Acceptance(receipt, ResponseStatus.COUNTED, today, repeated=False)


def serve(
    command: str, port: Annotated[int, typer.Option()], workers: Annotated[int, typer.Option()]
) -> None:
    """Take the arguments of `minyi serve`."""
    assert (command, workers) == ("serve", 1)
    route.accept_response = thank_first  # type: ignore[assignment]
    uvicorn.run(create_app(Settings()), port=port, log_level="warning")


if __name__ == "__main__":
    typer.run(serve)
