"""Invariant 3: whoever holds a full dump can't tell which answer is whose (level `verified`)."""

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from sqlalchemy import text

from app.domain.questionnaires.audience import Trust
from app.services.resources import Resources
from app.services.waves import Wave, close_wave
from app.store import counts, roll
from app.store.randomness import random_bytes
from app.tables import roll_counts
from tests.privacy.attacks import (
    LONG,
    SHORT,
    Attack,
    Outcome,
    Truth,
    by_rank,
    by_standing_apart,
    judge,
)
from tests.privacy.campaigns import CITIZENS, answer_one_after_the_other
from tests.privacy.dump import Dump, dump_wave, places_in_file
from tests.privacy.naive import number_the_rows, store_claims_plainly
from tests.support.surveys import open_town

UNLIKELY = 1e-6
"""Fewer than one campaign in a million looks suspicious by luck."""

pytestmark = pytest.mark.slow


def attacks(dump: Dump) -> Iterator[tuple[str, Attack]]:
    for mark in dump.marks():
        for length in (SHORT, LONG):
            yield f"{mark}, {length}", by_rank(mark, length)
    if "xmin" in dump.marks():
        yield "standing apart", by_standing_apart


async def working_attacks(resources: Resources, wave: Wave, truth: Truth) -> dict[str, Outcome]:
    """Try them all; give those that hit more often than luck explains."""
    dump = await dump_wave(resources.database, wave.id)
    assert {one.key for one in dump.responses} == set(truth.values())
    found = {name: judge(attack(dump), truth, CITIZENS) for name, attack in attacks(dump)}
    return {name: one for name, one in found.items() if one.luck < UNLIKELY}


async def test_no_attack_on_a_dump_links_persons_and_answers(resources: Resources) -> None:
    wave = await open_town(resources, permits=CITIZENS)
    truth = await answer_one_after_the_other(resources, wave)
    assert await working_attacks(resources, wave, truth) == {}, "while the wave is open"
    await close_wave(resources, wave, by="tester")
    assert await working_attacks(resources, wave, truth) == {}, "after the close"


async def test_the_same_attacks_work_on_rows_stored_as_they_come(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_claims_plainly(monkeypatch)
    await number_the_rows(resources.database)
    wave = await open_town(resources, permits=CITIZENS)
    truth = await answer_one_after_the_other(resources, wave)
    found = await working_attacks(resources, wave, truth)
    assert max(one.hits for one in found.values()) == CITIZENS
    await close_wave(resources, wave, by="tester")
    if not resources.database.is_sqlite:
        assert await working_attacks(resources, wave, truth) == {}, "the close mends even that"


class TestInACrowd:
    """Twenty thousand were on the roll before: too many to be rewritten with every claim."""

    CROWD = 20_000

    @pytest.fixture
    def database_url(self, postgresql_url: str) -> str:
        return postgresql_url

    async def open_crowded_town(self, resources: Resources) -> Wave:
        wave = await open_town(resources, permits=CITIZENS)
        earlier = text(
            "INSERT INTO roll SELECT :wave, sha256(n::text::bytea), 'verified', 'residents', "
            "decode(repeat('00', 44), 'hex') FROM generate_series(1, :crowd) n"
        )
        async with resources.database.writing() as connection:
            await connection.execute(earlier, {"wave": wave.id, "crowd": self.CROWD})
            await counts.add(connection, roll_counts, wave.id, {("verified",): self.CROWD})
            await connection.execute(text("ANALYZE roll"))
        return wave

    async def stands_apart(self, resources: Resources) -> Outcome:
        wave = await self.open_crowded_town(resources)
        truth = await answer_one_after_the_other(resources, wave)
        dump = await dump_wave(resources.database, wave.id)
        guesses = by_standing_apart(dump)
        hits = sum(truth.get(person) in found for person, found in guesses.items())
        return Outcome(len(guesses), hits, 1 / roll.NEIGHBOURHOOD)

    async def test_a_new_claim_does_not_stand_apart(self, resources: Resources) -> None:
        outcome = await self.stands_apart(resources)
        assert outcome.tried > 10
        assert outcome.luck > UNLIKELY

    async def test_a_neighbourhood_elsewhere_would_give_it_away(
        self, resources: Resources, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        around = roll._neighbours

        async def elsewhere(connection, wave_id, _person_key):  # type: ignore[no-untyped-def]
            return await around(connection, wave_id, random_bytes(32))

        monkeypatch.setattr(roll, "_neighbours", elsewhere)
        outcome = await self.stands_apart(resources)
        assert outcome.luck < UNLIKELY


class TestPlaceInTheFile:
    """SQLite puts a new cell before the others of its page: the place tells who came first."""

    PERSONS = 30  # not more than fit on a page

    @pytest.fixture
    def database_url(self, make_sqlite: Callable[[], str]) -> str:
        return make_sqlite()

    async def in_order(self, resources: Resources) -> Outcome:
        """Of neighbours in the file, how many stand in the order in which they came?"""
        came = [random_bytes(32) for _ in range(self.PERSONS)]
        for key in came:
            async with resources.database.writing() as connection:
                memo = random_bytes(roll.MEMO_BYTES)
                person = roll.Claim(key, Trust.VERIFIED, "residents", memo)
                await roll.claim(connection, 1, person)
        places = places_in_file(resources.database, came)
        order = [came.index(key) for key in sorted(came, key=places.__getitem__, reverse=True)]
        pairs = list(pairwise(order))
        return Outcome(len(pairs), sum(one < following for one, following in pairs), 1 / 2)

    async def test_it_does_not_tell_who_came_first(self, resources: Resources) -> None:
        assert (await self.in_order(resources)).luck > UNLIKELY

    async def test_it_would_tell_if_claims_were_stored_plainly(
        self, resources: Resources, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store_claims_plainly(monkeypatch)
        assert (await self.in_order(resources)).luck < UNLIKELY
