"""The load generator tells what really happened."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from benchmarks.load import Load, Outcome, Script, Work, get, post

REPLIES = {
    b"/ok": b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok",
    b"/moved": b"HTTP/1.1 303 See Other\r\ncontent-length: 0\r\n\r\n",
    b"/busy": b"HTTP/1.1 503 Busy\r\nretry-after: 0\r\ncontent-length: 4\r\n\r\nbusy",
    b"/chunked": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
}


@asynccontextmanager
async def server(seen: list[bytes], door: Sequence[bytes] = ()) -> AsyncIterator[int]:
    """Answers each path in its way, in two pieces; ends the connection for all others.

    `/door` is answered as these paths are, one after the other.
    """
    behind = iter(door)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            path = head.split()[1]
            seen.append(path)
            path = next(behind) if path == b"/door" else path
            if path not in REPLIES:
                break
            writer.write(REPLIES[path][:30])
            await writer.drain()
            await asyncio.sleep(0)
            writer.write(REPLIES[path][30:])
        writer.close()

    async def until_it_ends(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        except asyncio.IncompleteReadError:
            writer.close()

    running = await asyncio.start_server(until_it_ends, "127.0.0.1", 0)
    async with running:
        yield running.sockets[0].getsockname()[1]
        await asyncio.sleep(0.05)  # the server sees that its clients have gone


async def load(seen: list[bytes], scripts: list[Script], times: int) -> Outcome:
    async with server(seen) as port:
        work = Work(port, [list(one) for one in scripts], 3, 20, times * len(scripts))
        return await Load(work).run()


async def test_every_reply_is_counted_by_status_and_place() -> None:
    seen: list[bytes] = []
    journey = [get("/moved"), get("/chunked"), get("/ok")]
    outcome = await load(seen, [journey, [get("/busy")]], times=10)
    assert [outcome.answered(status, step) for step, status in enumerate((303, 200, 201))] == [
        10,
        10,
        10,
    ]
    assert (outcome.answered(503, 0), outcome.refused, outcome.accepted.n) == (10, 10, 30)
    assert sorted(outcome.finished) == list(range(0, 20, 2))
    assert len(seen) == 40


async def test_a_refusal_ends_its_script() -> None:
    seen: list[bytes] = []
    await load(seen, [[get("/busy"), get("/ok")]], times=5)
    assert seen == [b"/busy"] * 5


async def test_a_reply_that_never_came_is_lost_and_the_rest_goes_on() -> None:
    seen: list[bytes] = []
    outcome = await load(seen, [[get("/gone")], [get("/ok")]], times=6)
    assert (outcome.lost, outcome.answered(201)) == (6, 6)


async def test_who_is_patient_comes_back_until_let_in() -> None:
    seen: list[bytes] = []
    replies = [b"/busy"] * 2 + [b"/ok"]

    async with server(seen, replies) as port:
        outcome = await Load(Work(port, [[get("/door")]], 1, 20, 1, patient=True)).run()
    assert (outcome.refused, outcome.answered(201), outcome.finished) == (2, 1, [0])


def test_a_post_tells_the_length_of_its_body() -> None:
    request = post("/x", "民意".encode(), content_type="text/plain")
    assert request.startswith(b"POST /x HTTP/1.1\r\n")
    assert b"content-length: 6\r\n" in request
    assert request.endswith(b"\r\n\r\n" + "民意".encode())
