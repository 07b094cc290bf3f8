"""Citizens who answer while something breaks, try again as their page would, and remember all."""

import asyncio
import itertools
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from app.domain.questionnaires.audience import Trust
from app.services.permits import (
    Recipient,
    issue_open_permit,
    mint_invitations,
    permit_after_sign_in,
)
from app.services.resources import Resources
from app.services.waves import Wave
from tests.faults.wire import HalfAnswered, Line, Reply, Unanswered, Unsent
from tests.support.people import sign_in

PATH = "/api/v1/waves/town/responses"
TAKES_AT_MOST = 60
"""Seconds after which a citizen gives up waiting for a reply: none may take so long."""
LEVELS = ("very_satisfied", "satisfied", "neutral", "dissatisfied", "very_dissatisfied")

Answers = dict[str, object]


@dataclass
class Memory:
    """What the citizens know. Every permit is used by one citizen, for one questionnaire."""

    sent: dict[str, Answers] = field(default_factory=dict)
    acknowledged: dict[str, str] = field(default_factory=dict)
    replies: Counter[int] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    finished_unanswered: int = 0
    """Stored, but no reply said so: found by trying again."""
    contradicted: list[str] = field(default_factory=list)
    """Permits whose answers were stored anew, or got another receipt, after they had one."""
    taken: list[tuple[float, float]] = field(default_factory=list)
    """When requests that stored an answer began and ended, by the monotonic clock."""
    slowest: float = 0.0

    def note(self, permit: str, reply: Reply, began: float) -> None:
        """Remember a reply."""
        now = time.monotonic()
        self.slowest = max(self.slowest, now - began)
        if reply.status == 201:
            self.taken.append((began, now))
        self.replies[reply.status] += 1
        self.finished_unanswered += reply.status == 200 and permit not in self.acknowledged
        if reply.status in (200, 201):
            receipt, known = json.loads(reply.body)["id"], permit in self.acknowledged
            first = self.acknowledged.setdefault(permit, receipt)
            if first != receipt or (known and reply.status == 201):
                self.contradicted.append(permit)


class Citizens:
    """So many at once, each going from permit to permit and from server to server."""

    def __init__(
        self,
        ports: Sequence[int],
        permits: Sequence[str],
        *,
        at_once: int = 16,
        memory: Memory | None = None,
    ) -> None:
        self.memory = memory or Memory()
        self.pause = 0.0
        """Seconds between two questionnaires of one citizen."""
        self._permits = iter(permits)
        self._ports = itertools.cycle(ports)
        self._at_once = at_once
        self._random = random.Random()
        self._gone_home = False
        self._news = asyncio.Condition()
        self._tasks: list[asyncio.Task[None]] = []

    @asynccontextmanager
    async def answering(self) -> AsyncIterator[Memory]:
        """Answer as long as the block lasts; what is under way then is waited for."""
        self._tasks = [asyncio.create_task(self._citizen()) for _ in range(self._at_once)]
        try:
            yield self.memory
        finally:
            self.go_home()
            await asyncio.gather(*self._tasks)

    def go_home(self) -> None:
        """Begin nothing new, and do not try again what has no reply."""
        self._gone_home = True

    async def have_all_answered(self) -> None:
        """Wait until every permit has been used."""
        await asyncio.wait(self._tasks)

    async def acknowledged(self, more: int, within: float = 120) -> None:
        """Wait until so many more are acknowledged. Raises TimeoutError."""
        enough = len(self.memory.acknowledged) + more
        async with asyncio.timeout(within), self._news:
            await self._news.wait_for(lambda: len(self.memory.acknowledged) >= enough)

    async def told(self, *statuses: int, more: int, within: float = 120) -> None:
        """Wait until there have been so many more replies of this kind. Raises TimeoutError."""
        replies = self.memory.replies

        def so_far() -> int:
            return sum(replies[status] for status in statuses)

        enough = so_far() + more
        async with asyncio.timeout(within), self._news:
            await self._news.wait_for(lambda: so_far() >= enough)

    async def _citizen(self) -> None:
        line = Line(next(self._ports))
        while not self._gone_home:
            permit = next(self._permits, None)
            if permit is None:
                break
            answers = self.memory.sent.setdefault(permit, some_answers(self._random))
            line = await self._answer(line, permit, body_of(permit, answers))
            if self.pause:
                await asyncio.sleep(self.pause)
        line.hang_up()

    async def _answer(self, line: Line, permit: str, body: bytes) -> Line:
        """Try until there is a reply that is final; gives the line in use then."""
        tried = False
        while not (self._gone_home and tried):
            began, tried = time.monotonic(), True
            try:
                async with asyncio.timeout(TAKES_AT_MOST):
                    reply = await line.post(PATH, body)
            except (Unsent, Unanswered, HalfAnswered, TimeoutError) as error:
                self._note_break(error)
                line = Line(next(self._ports))
                await asyncio.sleep(0.02 if isinstance(error, Unsent) else 0)
                continue
            self.memory.note(permit, reply, began)
            await self._tell()
            if reply.status != 503:
                break
            await asyncio.sleep(0.05)
        return line

    def _note_break(self, error: Exception) -> None:
        kept = isinstance(error, Unanswered) and error.kept
        self.memory.broken[f"{type(error).__name__}{' on a kept line' if kept else ''}"] += 1

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()


def some_answers(chance: random.Random) -> Answers:
    """Answer the town's questionnaire like nobody else, at some length."""
    rating = {code: {"attitude": chance.choice(LEVELS)} for code in ("D01", "D02", "D03")}
    remark = f"{chance.getrandbits(64):x}{'满意' * chance.randrange(100)}"
    return {"sex": chance.choice(("female", "male")), "rating": rating, "remark": remark}


def body_of(permit: str, answers: Answers) -> bytes:
    """Write what is posted."""
    return json.dumps({"permit": permit, "answers": answers}).encode()


async def many_permits(resources: Resources, wave: Wave, n: int) -> list[str]:
    """Give n permits, mixed: open, invited (a row to spend), confidential (a row on the roll)."""
    invited = n // 4
    letters = await mint_invitations(
        resources, wave, recipients=[Recipient("residents")] * invited, batch="b"
    )
    found = [letter.permit for letter in letters]
    for number in range(n // 20):
        person = sign_in(resources, wave, number, Trust.CONFIDENTIAL)
        found.append(await permit_after_sign_in(resources, wave, person))
    while len(found) < n:
        found.append(await issue_open_permit(resources, wave, respondent_class="residents"))
    random.shuffle(found)
    return found
