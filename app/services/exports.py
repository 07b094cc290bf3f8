"""Responses as files for analysts, once a wave is closed; every export stands in the audit log."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from app.domain.deduplication.decision import ResponseStatus
from app.domain.exports.base_weights import base_weights
from app.domain.exports.codebook import codebook_document, codebook_rows
from app.domain.exports.columns import columns_of
from app.domain.exports.rows import ExportedResponse, RowWriter, Style
from app.domain.questionnaires.text import Language
from app.domain.waves.life_cycle import WaveState
from app.errors import Fault, InvalidInput
from app.errors.staff import UnderEmbargo
from app.services import audit
from app.services.resources import Resources
from app.services.waves import Wave
from app.store import keyed_files
from app.store.export_files import ExportFile, export_file, write_json
from app.store.exports import count_counted, stream_exported

T = TypeVar("T")


class Format(StrEnum):
    """Kinds of file."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"
    SAV = "sav"


@dataclass(frozen=True, slots=True)
class Options:
    """How an export is written.

    `labels` puts labels in the place of codes (CSV, XLSX, Parquet; .sav has both anyway), in
    `language`. `with_texts` adds what people wrote in their own words. `source`, as releases name
    them (`class/mode+mode`), leaves only the responses that its indices are made from.
    """

    format: Format
    language: Language = "zh"
    labels: bool = False
    with_texts: bool = False
    source: str = ""

    @property
    def style(self) -> Style:
        """What a coded cell says."""
        if self.format is Format.SAV:
            return "numbers"
        return self.language if self.labels else "codes"


async def export_responses(
    resources: Resources,
    wave: Wave,
    path: Path,
    options: Options,
    *,
    by: str,
    progress: Callable[[int], None] = lambda rows: None,
) -> int:
    """Write the responses of a closed wave to a file; gives how many.

    How people answered is under embargo until the wave is closed: UnderEmbargo before. The entry
    in the audit log comes first: nobody has the file without it.
    """
    _require_closed(wave)
    belongs = _of_source(wave, options.source)
    await _record(resources, wave, options, by)
    columns = columns_of(wave.definition, with_texts=options.with_texts)
    target = export_file(options.format, path, columns, options.language)
    rows = 0
    async with resources.database.reading() as connection, _in_threads(target) as file:
        weights = base_weights(wave.definition, await count_counted(connection, wave.id))
        writer = RowWriter(columns, options.style, weights)
        async for piece in stream_exported(connection, wave.id):
            wanted = list(filter(belongs, piece))
            await asyncio.to_thread(_add, file, writer, wanted)
            rows += len(wanted)
            progress(rows)
    return rows


def _add(file: ExportFile, writer: RowWriter, piece: list[ExportedResponse]) -> None:
    file.write(map(writer.row, piece))


def _of_source(wave: Wave, source: str) -> Callable[[ExportedResponse], bool]:
    """Make the filter for a source. Raises InvalidInput for what is none."""
    respondent_class, _, modes = source.partition("/")
    classes = {one.code for one in wave.definition.audience.classes}
    if source and (respondent_class not in classes or not modes):
        rule = "A source is a respondent class and its modes: class/mode+mode"
        raise InvalidInput(faults=[Fault("source", "unknown-source", rule)])

    def belongs(one: ExportedResponse) -> bool:
        if not source:
            return True
        counted = one.status == ResponseStatus.COUNTED
        return counted and one.respondent_class == respondent_class and one.mode in modes.split("+")

    return belongs


@asynccontextmanager
async def _in_threads(manager: AbstractContextManager[T]) -> AsyncIterator[T]:
    """Enter and leave a context manager whose both ends take their time, off the event loop."""
    entered = await asyncio.to_thread(manager.__enter__)
    try:
        yield entered
    except BaseException as error:
        await asyncio.to_thread(manager.__exit__, type(error), error, error.__traceback__)
        raise
    await asyncio.to_thread(manager.__exit__, None, None, None)


def _require_closed(wave: Wave) -> None:
    if wave.state not in (WaveState.CLOSED, WaveState.RELEASED):
        raise UnderEmbargo


async def _record(resources: Resources, wave: Wave, options: Options, by: str) -> None:
    async with resources.database.writing() as connection:
        await audit.record(
            connection,
            resources,
            by=by,
            act="responses.exported",
            object_=f"wave:{wave.code}",
            format=options.format,
            source=options.source,
            texts=str(options.with_texts).lower(),
        )


async def write_codebook(wave: Wave, path: Path, *, with_texts: bool = False) -> None:
    """Write what the columns and values mean, as JSON where the name says so, else as a table."""
    columns = columns_of(wave.definition, with_texts=with_texts)
    if path.suffix == ".json":
        document = codebook_document(wave.definition, columns)
        await asyncio.to_thread(write_json, path, document)
    else:
        await asyncio.to_thread(keyed_files.write_table, path, codebook_rows(columns))
