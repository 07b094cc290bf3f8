"""Keyed files in, everything keyed out.

A keying office works with the template of the definition; its files go through the same keying as
single forms (`services/paper_keying.py`), so every rule holds for them too. Sending a file again
changes nothing.
"""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.domain.paper.batch_file import MOST_ROWS, columns, read_rows
from app.domain.paper.fields import PaperField
from app.domain.paper.marks import BLANK
from app.domain.paper.serials import Serial
from app.domain.waves.life_cycle import WaveState
from app.errors import InvalidInput
from app.errors.paper import BatchNotFound, EntryRefused
from app.errors.staff import UnderEmbargo
from app.services import audit
from app.services.paper_fieldwork import paper_class
from app.services.paper_keying import KeyedSheet, Outcome, key_forms
from app.services.paper_sheets import Sheets
from app.services.resources import Resources
from app.services.waves import Wave
from app.store import keyed_files
from app.store.paper_entries import list_adjudications, list_entries
from app.store.paper_fieldwork import BatchRecord, list_batches
from app.store.paper_forms import FormRecord, list_forms, list_moves

ABOUT_ENTRY = ("entry", "keyed_by", "keyed_at", "seconds", "source")
ABOUT_FORM = ("batch", "point", "interviewer", "state", "outcome", "result")


async def import_file(
    resources: Resources,
    wave: Wave,
    path: Path,
    *,
    by: str,
    respondent_class: str = "",
    point: str = "",
    batch: str = "",
    accept_good_part: bool = False,
) -> Outcome:
    """Key every form of a file, in the name of one keyer.

    Raises InvalidInput or EntryRefused with all faults by row and column, and then stores nothing.
    With `accept_good_part` the good rows are stored and the other rows' faults given back; a file
    that can't be read at all is refused all the same.
    """
    table = await asyncio.to_thread(keyed_files.read_table, path, most_rows=MOST_ROWS)
    fields = await _fields(resources, wave, respondent_class)
    rows, faults = read_rows(table, columns(fields), wave=wave.id)
    if faults and (not accept_good_part or not rows):
        raise InvalidInput("Nothing was stored", faults=faults)
    sheets = [
        KeyedSheet(str(row.serial), _without_spare(row.cells), label=f"row {row.line}")
        for row in rows
    ]
    try:
        outcome = await key_forms(
            resources,
            wave,
            sheets,
            by=by,
            source="file",
            point=point,
            batch=batch,
            accept_good_part=accept_good_part,
        )
    except EntryRefused as refused:
        raise EntryRefused("Nothing was stored", faults=refused.faults) from None
    return Outcome(outcome.keyed, (*faults, *outcome.faults))


def _without_spare(cells: dict[str, str]) -> dict[str, str]:
    """Leave out empty cells: a form may have fewer rows than the template."""
    return {code: cell for code, cell in cells.items() if cell.strip()}


async def _fields(resources: Resources, wave: Wave, respondent_class: str) -> Sequence[PaperField]:
    """Give the fields of the class's largest form; BatchNotFound before any was issued."""
    chosen = paper_class(wave, respondent_class)
    async with resources.database.reading() as connection:
        batches = await list_batches(connection, wave.id)
    found = _largest(Sheets(resources, wave), list(batches.values()), chosen)
    if not found:
        raise BatchNotFound
    return found


def _largest(
    sheets: Sheets, batches: Sequence[BatchRecord], respondent_class: str
) -> Sequence[PaperField]:
    own = [one for one in batches if one.respondent_class == respondent_class]
    lists = (sheets.sheet(one, one.first).fields for one in own)
    return max(lists, key=len, default=())


async def write_template(
    resources: Resources, wave: Wave, path: Path, *, batch: str = "", respondent_class: str = ""
) -> int:
    """Write a file to be keyed into: the columns, and the serials of a batch; gives how many."""
    fields = await _fields(resources, wave, respondent_class)
    header = columns(fields)
    async with resources.database.reading() as connection:
        forms = await list_forms(connection, wave.id, batch) if batch else []
    blank = [BLANK] * (len(header) - 1)
    rows = [[str(Serial(wave.id, form.number)), *blank] for form in forms]
    await asyncio.to_thread(keyed_files.write_table, path, [header, *rows])
    return len(rows)


async def export_entries(
    resources: Resources,
    wave: Wave,
    path: Path,
    *,
    by: str,
    respondent_class: str = "",
) -> int:
    """Write everything keyed: every entry, and the decisions where there are some.

    How people answered is under embargo until the wave is closed: UnderEmbargo before.
    """
    if wave.state not in (WaveState.CLOSED, WaveState.RELEASED):
        raise UnderEmbargo
    chosen = paper_class(wave, respondent_class)
    fields = await _fields(resources, wave, chosen)
    async with resources.database.reading() as connection:
        batches = await list_batches(connection, wave.id)
        forms = await list_forms(connection, wave.id)
        entries = await list_entries(connection, wave.id)
        decisions = await list_adjudications(connection, wave.id)
    header, *codes = columns(fields)
    rows: list[list[str]] = []
    for form in forms:
        if batches[form.batch].respondent_class != chosen:
            continue
        about = [str(Serial(wave.id, form.number)), *_about_form(form)]
        for entry in entries.get(form.number, ()):
            keyed = [str(entry.ordinal), entry.by, entry.at.isoformat()]
            how = [f"{entry.seconds:g}", entry.source]
            rows.append([*about, *keyed, *how, *(entry.marks.get(c, BLANK) for c in codes)])
        if form.number in decisions:
            found = decisions[form.number]
            keyed = ["decision", found.by, found.at.isoformat(), "", "adjudication"]
            rows.append([*about, *keyed, *(found.decisions.get(c, BLANK) for c in codes)])
    await asyncio.to_thread(
        keyed_files.write_table, path, [[header, *ABOUT_FORM, *ABOUT_ENTRY, *codes], *rows]
    )
    async with resources.database.writing() as connection:
        await audit.record(
            connection,
            resources,
            by=by,
            act="paper.entries-exported",
            object_=f"wave:{wave.code}",
            rows=str(len(rows)),
        )
    return len(rows)


def _about_form(form: FormRecord) -> list[str]:
    return [form.batch, form.point, form.interviewer, form.state, form.outcome, form.result]


async def export_custody(resources: Resources, wave: Wave, path: Path) -> int:
    """Write the custody log of all forms; it says nothing of answers."""
    async with resources.database.reading() as connection:
        moves = await list_moves(connection, wave.id)
    header = ["serial", "move", "from", "to", "outcome", "interviewer", "at", "by", "reason"]

    def rows() -> Iterator[list[str]]:
        yield header
        for one in moves:
            place = [str(Serial(wave.id, one.number)), str(one.move)]
            states = [one.from_state, one.to_state, one.outcome, one.interviewer]
            yield [*place, *states, one.at.isoformat(), one.by, one.reason]

    await asyncio.to_thread(keyed_files.write_table, path, rows())
    return len(moves)
