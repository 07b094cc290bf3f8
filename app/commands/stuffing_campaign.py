"""A stuffing attack over HTTP: one department's robots post the same ballot under many devices.

Each gets an open permit of its own, as any browser does, so nothing stops them at the door; what
gives them away is that they say the same about ten departments.
"""

import random
from typing import Any

import httpx

from app.domain.questionnaires.model import DepartmentGrid
from app.domain.questionnaires.synthetic import synthetic_answers
from app.domain.questionnaires.synthetic_city import SyntheticCity
from app.services.waves import Wave

RIVALS = 9


class StuffingCampaign:
    """Praises the department with the lowest true index and blames those just above it."""

    def __init__(
        self, base_url: str, wave: Wave, respondent_class: str, city: SyntheticCity
    ) -> None:
        self.address = f"{base_url}/api/v1/waves/{wave.code}"
        self.wave = wave
        self.respondent_class = respondent_class
        worst_first = sorted(city.levels, key=lambda code: city.levels[code])
        self.praised = worst_first[0]
        self.rivals = worst_first[1 : RIVALS + 1]
        self.resident = city.resident(random.Random(0))

    async def run(self, n: int) -> int:
        """Post n ballots; gives how many were stored."""
        ballot = self._ballot()
        stored = 0
        async with httpx.AsyncClient(timeout=30) as client:
            for _ in range(n):
                permit = await client.post(
                    f"{self.address}/permits", json={"respondent_class": self.respondent_class}
                )
                body = {"permit": permit.raise_for_status().json()["permit"], "answers": ballot}
                reply = await client.post(f"{self.address}/responses", json=body)
                stored += reply.status_code == httpx.codes.CREATED
        return stored

    def _ballot(self) -> dict[str, Any]:
        """Fill in the ballot that all robots post."""
        definition = self.wave.definition
        ballot = synthetic_answers(
            definition,
            self.respondent_class,
            [self.praised],
            opinion=lambda _department: 1.0,
            facts=self.resident.facts,
            generator=random.Random(0),
        )
        for question in definition.questionnaire.questions():
            if isinstance(question, DepartmentGrid) and question.code in ballot:
                levels = definition.questionnaire.scales[question.scale].levels
                best = max(levels, key=lambda level: level.score).code
                worst = min(levels, key=lambda level: level.score).code
                aspects = [aspect.code for aspect in question.aspects]
                ballot[question.code] = {
                    self.praised: dict.fromkeys(aspects, best),
                    **{rival: dict.fromkeys(aspects, worst) for rival in self.rivals},
                }
        return ballot
