"""How much a process has taken on, and whether one request more would still be answered soon.

At most `AT_ONCE` requests are worked on at a time; the rest wait in the order they came. That costs
nothing (writes are grouped, so more at once would not be faster) and makes the wait foreseeable:
requests ahead × seconds per request lately. Few begin in each turn of the event loop, so that what
is refused, and what health checks ask, is answered in between.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable

AT_ONCE = 64
STARTS_A_TURN = 8
MOST_SECONDS = 2.0
"""Whoever would wait longer is refused: better told at once than kept waiting."""
PATIENCE = 1.0
"""A request that takes longer waits for somebody else (a gateway, a long report): its place is
given on meanwhile."""
_BUSY = 16
_MEMORY = 2.0

Ticket = int


class Pace:
    """Seconds per request, measured while there was enough to do; older measurements fade out
    within seconds. Two milliseconds until more is known."""

    def __init__(self) -> None:
        self._seconds, self._served = 0.1, 50.0

    def note(self, seconds: float, served: int) -> None:
        """Note that so many were served in these seconds."""
        fading = math.exp(-seconds / _MEMORY)
        self._seconds = self._seconds * fading + seconds
        self._served = self._served * fading + served

    @property
    def seconds_each(self) -> float:
        """The time that passes from one served request to the next."""
        return self._seconds / max(self._served, 1e-9)


class Load:
    """The requests of one process: those worked on, those that wait, and those given patience.

    `most` is the number that may be inside at a time, whatever the pace.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._at_once = min(AT_ONCE, most)
        self._clock = clock
        self._pace = Pace()
        self._then = clock()
        self._last: Ticket = 0
        self._inside: set[Ticket] = set()
        self._running: dict[Ticket, float] = {}  # since when, the oldest first
        self._waiting: deque[tuple[Ticket, asyncio.Future[None]]] = deque()
        self._started = 0  # in this turn of the event loop
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watch: asyncio.TimerHandle | None = None

    @property
    def inside(self) -> int:
        """Requests accepted and not answered yet."""
        return len(self._inside)

    @property
    def waiting(self) -> int:
        """Those of them that have not begun."""
        return len(self._waiting)

    @property
    def _ahead(self) -> int:
        """What a newcomer has to wait for."""
        return len(self._running) + len(self._waiting)

    def can_take(self, share: float) -> bool:
        """Judge whether to accept a request that may use this share (0–1) of what is possible."""
        self._note(served=0)
        if len(self._inside) >= self._most * share:
            return False
        if self._ahead < self._at_once:
            return True
        return self._ahead * self._pace.seconds_each <= MOST_SECONDS * share

    async def enter(self) -> Ticket:
        """Accept a request; returns when it is its turn. It must `leave` in the end."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:  # a test's; a server has one
            self._loop, self._started, self._watch = loop, 0, None
        self._last += 1
        ticket = self._last
        self._inside.add(ticket)
        if self._may_start():
            self._start(ticket)
            return ticket
        turn = loop.create_future()
        self._waiting.append((ticket, turn))
        self._keep_watch(loop)
        try:
            await turn
        except asyncio.CancelledError:
            self.leave(ticket)
            raise
        return ticket

    def leave(self, ticket: Ticket) -> None:
        """The request has been answered; saying so twice does no harm."""
        if ticket in self._inside:
            self._inside.remove(ticket)
            if ticket in self._running:
                self._give_on(ticket)

    def _give_on(self, ticket: Ticket) -> None:
        """Give a place to whoever has waited longest."""
        self._note(served=1)
        del self._running[ticket]
        self._start_those_who_may()

    def _start_those_who_may(self) -> None:
        while self._waiting and self._may_start():
            ticket, turn = self._waiting.popleft()
            if not turn.done():
                self._start(ticket)
                turn.set_result(None)
        if not self._waiting and self._watch:
            self._watch.cancel()
            self._watch = None

    def _may_start(self) -> bool:
        return len(self._running) < self._at_once and self._started < STARTS_A_TURN

    def _start(self, ticket: Ticket) -> None:
        self._running[ticket] = self._then
        self._started += 1
        if self._started == 1 and self._loop:
            self._loop.call_soon(self._next_turn)

    def _next_turn(self) -> None:
        self._started = 0
        self._start_those_who_may()

    def _note(self, *, served: int) -> None:
        now = self._clock()
        if self._ahead >= _BUSY:
            self._pace.note(now - self._then, served)
        self._then = now

    def _keep_watch(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._watch is None:
            self._watch = loop.call_later(PATIENCE, self._look_round, loop)

    def _look_round(self, loop: asyncio.AbstractEventLoop) -> None:
        """Give on the places of those who take long, while others wait."""
        self._watch = None
        now = self._clock()
        for ticket, since in list(self._running.items()):
            if now - since < PATIENCE or not self._waiting:
                break
            self._give_on(ticket)
        if self._waiting:
            self._keep_watch(loop)
