"""A server that has been told to end says so before it stops listening."""

import signal
from collections.abc import Iterator
from types import FrameType

import anyio
import httpx
import pytest
from fastapi import FastAPI

from app.stopping import Stopping


@pytest.fixture
def ended() -> Iterator[list[int]]:
    """Stand in for the server: its handler only notes the signals that reach it."""
    numbers: list[int] = []

    def handle(number: int, _frame: FrameType | None) -> None:
        numbers.append(number)

    before = {one: signal.signal(one, handle) for one in (signal.SIGTERM, signal.SIGINT)}
    yield numbers
    for one, handler in before.items():
        signal.signal(one, handler)


async def test_ready_until_told_to_end(app: FastAPI, client: httpx.AsyncClient) -> None:
    assert (await client.get("/readyz")).status_code == 200
    app.state.stopping.began = True
    refused = await client.get("/readyz")
    assert (refused.status_code, refused.json()["code"]) == (503, "shutting-down")
    assert (await client.get("/healthz")).status_code == 200, "it is not to be killed"


async def test_without_a_drain_the_server_ends_at_once(ended: list[int]) -> None:
    stopping = Stopping(0)
    stopping.watch_signals()
    signal.raise_signal(signal.SIGTERM)
    assert stopping.began
    assert ended == [signal.SIGTERM]


async def test_a_drain_keeps_the_server_listening_for_a_while(ended: list[int]) -> None:
    stopping = Stopping(0.2)
    stopping.watch_signals()
    signal.raise_signal(signal.SIGTERM)
    await anyio.sleep(0.05)
    assert stopping.began
    assert not ended
    await anyio.sleep(0.3)
    assert ended == [signal.SIGTERM]


async def test_a_second_signal_does_not_wait(ended: list[int]) -> None:
    stopping = Stopping(60)
    stopping.watch_signals()
    signal.raise_signal(signal.SIGINT)
    signal.raise_signal(signal.SIGINT)
    assert ended == [signal.SIGINT]
