"""Printing: numbered forms of a batch with slips, instructions for interviewers, contact sheets.

The forms come from the same definition version as the web page. Each names the departments drawn
from the seed of its own number; printed again, it is the same form.
"""

import asyncio
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import segno

from app.domain.paper.serials import Serial, qr_text
from app.domain.paper.sheet import sheet_content
from app.domain.questionnaires.audience import Mode
from app.domain.questionnaires.text import Language
from app.errors.answering import WayInNotOffered
from app.errors.paper import BatchNotFound, FormNotFound
from app.services import audit
from app.services.paper_fieldwork import find_point
from app.services.paper_sheets import Sheets
from app.services.paper_slips import slip_checks
from app.services.resources import Resources
from app.services.typesetting import typeset
from app.services.waves import Wave
from app.store.paper_fieldwork import BatchRecord, list_batches

FORMS_AT_ONCE = 50
"""In one file: the typesetter needs about 3 MB of memory for each form."""


async def print_part(
    resources: Resources,
    wave: Wave,
    record: BatchRecord,
    *,
    first: int,
    language: Language,
    by: str,
) -> bytes:
    """Print the 50 forms from number `first` on; from 0, the papers for interviewers.

    Raises FormNotFound where the batch has no such form, WayInNotOffered for call sheets, and
    NotInstalled.
    """
    numbers = range(first or record.first, min(first + FORMS_AT_ONCE - 1, record.last) + 1)
    whole = range(record.first, record.last + 1)
    if first and first not in whole:
        raise FormNotFound
    papers = _papers(wave, record, Sheets(resources, wave), numbers if first else whole, language)
    _, template, data = next(papers)
    if first:
        _, template, data = next(papers)
    pdf = await asyncio.to_thread(typeset, template, data, tagged=False)
    await _log(resources, wave, record, numbers if first else range(0), by=by)
    return pdf


async def print_batch(
    resources: Resources,
    wave: Wave,
    folder: Path,
    *,
    batch: str,
    by: str,
    language: Language = "zh",
    first: int | None = None,
    last: int | None = None,
) -> list[Path]:
    """Write the papers of a batch as PDF files, 50 forms in each; gives the files.

    `first` and `last` limit the forms to a part of the batch. Raises BatchNotFound,
    WayInNotOffered for call sheets, and NotInstalled.
    """
    async with resources.database.reading() as connection:
        record = (await list_batches(connection, wave.id)).get(batch)
    if record is None:
        raise BatchNotFound
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    numbers = range(max(first or 0, record.first), min(last or record.last, record.last) + 1)
    sheets = Sheets(resources, wave)
    files = []
    for name, template, data in _papers(wave, record, sheets, numbers, language):
        target = folder / f"{batch}-{name}.pdf"
        pdf = await asyncio.to_thread(typeset, template, data, tagged=False)
        await asyncio.to_thread(target.write_bytes, pdf)
        files.append(target)
    await _log(resources, wave, record, numbers, by=by)
    return files


async def _log(
    resources: Resources, wave: Wave, batch: BatchRecord, numbers: range, *, by: str
) -> None:
    """Tell the audit log which forms, with their slips, were printed; none: field papers only."""
    printed = {}
    if numbers:
        serials = [str(Serial(wave.id, number)) for number in (numbers[0], numbers[-1])]
        slips = len(numbers) if slip_checks(wave) else 0
        printed = {"first": serials[0], "last": serials[1], "slips": str(slips)}
    async with resources.database.writing() as connection:
        await audit.record(
            connection,
            resources,
            by=by,
            act="paper.forms-printed",
            object_=f"batch:{batch.batch}",
            wave=wave.code,
            **printed,
        )


def _papers(
    wave: Wave, batch: BatchRecord, sheets: Sheets, numbers: range, language: Language
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    if batch.mode is not Mode.PAPER:
        raise WayInNotOffered
    common = _common(wave, batch, language)
    serials = [str(Serial(wave.id, number)) for number in numbers]
    yield "field-papers", "field_papers.typ", common | {"serials": serials}
    for start in range(numbers.start, numbers.stop, FORMS_AT_ONCE):
        portion = range(start, min(start + FORMS_AT_ONCE, numbers.stop))
        forms = [_form(wave, batch, sheets, number, language) for number in portion]
        name = f"forms-{portion.start:06d}-{portion.stop - 1:06d}"
        yield name, "form.typ", common | {"forms": forms}


def _common(wave: Wave, batch: BatchRecord, language: Language) -> dict[str, Any]:
    survey = wave.definition.survey
    return {
        "language": language,
        "title": survey.title[language],
        "organiser": survey.organiser[language],
        "purpose": survey.purpose[language],
        "privacy": PRIVACY[language],
        "contact": survey.contact[language] if survey.contact else "",
        "minutes": str(survey.minutes),
        "batch": batch.batch,
        "place": _place(wave, batch, language),
        "slip": slip_checks(wave),
    }


PRIVACY: dict[Language, str] = {
    "zh": "您可以匿名参加：问卷上不写姓名、电话或证件号码。编号只用于保管问卷，避免遗失和重复录入。"
    "被评估单位只能看到汇总结果，看不到任何一份问卷。参加与否由您自己决定，满意和不满意的意见同样重要。",
    "en": "You take part anonymously: please write no name, phone or identity number on this form. "
    "Its number only makes sure that no form is lost or counted twice. The units being rated see "
    "totals and never a form. Taking part is your choice; praise and criticism count alike.",
}
"""The survey's own notice tells of pages and devices; on paper this is what happens."""


def _place(wave: Wave, batch: BatchRecord, language: Language) -> str:
    return f"{batch.point} {find_point(wave, batch.point).name[language]}"


def _form(
    wave: Wave, batch: BatchRecord, sheets: Sheets, number: int, language: Language
) -> dict[str, Any]:
    sheet = sheets.sheet(batch, number)
    return {
        "serial": str(sheet.serial),
        "qr": _qr(sheet.serial),
        "place": f"{batch.batch} · {_place(wave, batch, language)}",
        "sections": sheet_content(
            wave.definition,
            batch.respondent_class,
            departments=sheet.departments,
            seed=sheet.admission.seed,
            language=language,
        ),
    }


def _qr(serial: Serial) -> str:
    """Draw the QR code with the quiet zone that scanners need, as SVG."""
    drawn = io.BytesIO()
    segno.make_qr(qr_text(serial), error="q").save(drawn, kind="svg", border=4, xmldecl=False)
    return drawn.getvalue().decode()
