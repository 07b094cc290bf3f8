"""A synthetic campaign over HTTP: citizens with phones, some impatient, a few who try twice."""

import asyncio
import dataclasses
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import httpx

from app.domain.questionnaires.synthetic import synthetic_answers
from app.domain.questionnaires.synthetic_city import Resident, SyntheticCity
from app.services.waves import Wave

AT_ONCE = 8
RETRY_SHARE = 0.05
SECOND_VOTE_SHARE = 0.03
EAGER = {"age": {"18-24": 3.0, "25-34": 2.0, "45-59": 0.5, "60-plus": 0.15}}
"""Who likes to answer online: the young, who are harsher too; invented."""
GRUDGE = -0.06
"""Who answers unasked is less content than others alike, which no weighting can see; invented."""


@dataclasses.dataclass(frozen=True, slots=True)
class Citizen:
    """Somebody with a code from a letter, or with a phone only (no code)."""

    code: str
    resident: Resident
    seed: int


class Campaign:
    """Sends citizens' answers to a running server and counts its replies by status."""

    def __init__(
        self, base_url: str, wave: Wave, respondent_class: str, city: SyntheticCity
    ) -> None:
        self.address = f"{base_url}/api/v1/waves/{wave.code}"
        self.wave = wave
        self.respondent_class = respondent_class
        self.city = city

    async def run(self, n: int, codes: Sequence[str], seed: int) -> Counter[int]:
        """Let n citizens answer, the first of them with the codes given."""
        generator = random.Random(seed)
        citizens = [
            Citizen(
                codes[i] if i < len(codes) else "",
                self.city.resident(generator, drawn_to=EAGER),
                generator.getrandbits(32),
            )
            for i in range(n)
        ]
        replies: Counter[int] = Counter()
        slots = asyncio.Semaphore(AT_ONCE)
        async with httpx.AsyncClient(timeout=30) as client:

            async def take_part(citizen: Citizen) -> None:
                async with slots:
                    replies.update(await self._take_part(client, citizen))

            await asyncio.gather(*(take_part(citizen) for citizen in citizens))
        return replies

    async def _take_part(self, client: httpx.AsyncClient, citizen: Citizen) -> list[int]:
        generator = random.Random(citizen.seed)
        permit, offered = await self._permit(client, citizen.code)
        answers = self._answers(citizen, offered, generator)
        statuses = [await self._send(client, permit, answers)]
        chance = generator.random()
        if chance < RETRY_SHARE:
            statuses.append(await self._send(client, permit, answers))
        elif chance < RETRY_SHARE + SECOND_VOTE_SHARE:
            others = self._answers(citizen, offered, generator)
            statuses.append(await self._send(client, permit, others))
        return statuses

    def _answers(
        self, citizen: Citizen, offered: Sequence[str], generator: random.Random
    ) -> dict[str, Any]:
        return synthetic_answers(
            self.wave.definition,
            self.respondent_class,
            offered,
            opinion=lambda department: self.city.opinion(citizen.resident, department) + GRUDGE,
            facts=citizen.resident.facts,
            generator=generator,
        )

    async def _permit(self, client: httpx.AsyncClient, code: str) -> tuple[str, list[str]]:
        if code:
            reply = await client.post(f"{self.address}/admissions", json={"permit": code})
        else:
            body = {"respondent_class": self.respondent_class}
            reply = await client.post(f"{self.address}/permits", json=body)
        reply.raise_for_status()
        found = reply.json()
        return found["permit"], found["offered"]

    async def _send(self, client: httpx.AsyncClient, permit: str, answers: dict[str, Any]) -> int:
        body = {"permit": permit, "answers": answers}
        reply = await client.post(f"{self.address}/responses", json=body)
        return reply.status_code
