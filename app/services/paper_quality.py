"""How well keyers keyed and how alike an interviewer's forms are: figures for people to look at.

Nothing here shows an answer, and nothing is deleted or set aside by it.
"""

import asyncio
import dataclasses
import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence

from app.domain.paper.adjudication import final_marks
from app.domain.paper.balance import FormResult
from app.domain.paper.error_rates import CheckedForm, ErrorRates, error_rates
from app.domain.paper.marks import Marks
from app.domain.paper.near_duplicates import Likeness, likeness
from app.domain.questionnaires.model import Comment, ShortText
from app.services.paper_sheets import Sheets
from app.services.resources import Resources
from app.services.waves import Wave
from app.store.paper_entries import EntryRecord, list_adjudications, list_entries
from app.store.paper_fieldwork import list_batches
from app.store.paper_forms import FormRecord, list_forms


@dataclasses.dataclass(frozen=True, slots=True)
class KeyerFigures:
    """How much somebody keyed, how fast, and at which hours of the survey's own time."""

    by: str
    forms: int
    median_seconds: float | None
    by_hour: dict[int, int]


@dataclasses.dataclass(frozen=True, slots=True)
class KeyingQuality:
    """Figures about keying."""

    rates: ErrorRates
    keyers: tuple[KeyerFigures, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class FinalSheet:
    """A settled form with its final marks."""

    form: FormRecord
    entries: Sequence[EntryRecord]
    marks: Marks


async def final_sheets(resources: Resources, wave: Wave, batch: str = "") -> list[FinalSheet]:
    """Give every settled form with its final marks, by number."""
    async with resources.database.reading() as connection:
        forms = await list_forms(connection, wave.id, batch)
        entries = await list_entries(connection, wave.id, batch)
        decisions = await list_adjudications(connection, wave.id, batch)
    sheets = []
    for form in forms:
        if form.result is not FormResult.PENDING:
            found = entries[form.number]
            decided = decisions[form.number].decisions if form.number in decisions else {}
            sheets.append(FinalSheet(form, found, final_marks(found[0].marks, decided)))
    return sheets


async def keying_quality(resources: Resources, wave: Wave, batch: str = "") -> KeyingQuality:
    """Give error rates with intervals, and each keyer's speed and hours."""
    finals = await final_sheets(resources, wave, batch)
    async with resources.database.reading() as connection:
        batches = await list_batches(connection, wave.id)
        entries = await list_entries(connection, wave.id, batch)
    sheets = Sheets(resources, wave)
    twice = [
        CheckedForm(
            sheets.sheet(batches[one.form.batch], one.form.number).fields,
            [entry.entry for entry in one.entries],
            one.marks,
        )
        for one in finals
        if len(one.entries) == 2
    ]
    keyed: dict[str, list[EntryRecord]] = defaultdict(list)
    for own in entries.values():
        for entry in own:
            keyed[entry.by].append(entry)
    figures = (_figures(wave, by, own) for by, own in sorted(keyed.items()))
    return KeyingQuality(await asyncio.to_thread(error_rates, twice), tuple(figures))


def _figures(wave: Wave, by: str, entries: Sequence[EntryRecord]) -> KeyerFigures:
    measured = [entry.seconds for entry in entries if entry.seconds > 0]
    hours = Counter(entry.at.astimezone(wave.survey.zone).hour for entry in entries)
    return KeyerFigures(
        by,
        len(entries),
        statistics.median(measured) if measured else None,
        dict(sorted(hours.items())),
    )


async def interviewer_likeness(
    resources: Resources, wave: Wave, *, seed: int, resamples: int = 199
) -> list[Likeness]:
    """Compare each interviewer's forms with resamples of everyone else's, least usual first.

    Ratings are compared by their place on the form: whoever fills in forms at a desk repeats
    places, not departments. Texts are left out.
    """
    marks: dict[str, list[Marks]] = defaultdict(list)
    for one in await final_sheets(resources, wave):
        marks[one.form.interviewer].append(one.marks)
    async with resources.database.reading() as connection:
        batches = await list_batches(connection, wave.id)
    sheets = Sheets(resources, wave)
    codes: dict[str, None] = {}
    for batch in batches.values():
        for field in sheets.sheet(batch, batch.first).fields:
            if not isinstance(field.question, ShortText | Comment):
                codes[field.code] = None
    return await asyncio.to_thread(likeness, marks, list(codes), seed=seed, resamples=resamples)
