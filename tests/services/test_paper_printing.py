"""The printed form, looked at as a person and a scanner would: words, numbers, QR code, greys."""

import shutil
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
import segno

from app.domain.paper.serials import Serial, qr_text
from app.domain.paper.sheet import sheet_content
from app.errors.paper import BatchNotFound
from app.services.paper_printing import print_batch
from app.services.resources import Resources
from app.services.waves import Wave
from app.store.audit import all_entries
from app.store.paper_fieldwork import BatchRecord
from tests.support.fieldwork import BASE, issue, open_base, serial, sheet

MM = 72 / 25.4
SCALE = 4


async def printed(
    resources: Resources, folder: Path, n: int = 3, language: str = "zh"
) -> tuple[Wave, BatchRecord, list[Path]]:
    wave = await open_base(resources)
    batch = await issue(resources, wave, n=n)
    files = await print_batch(
        resources,
        wave,
        folder,
        batch="B1",
        by="di",
        language=language,  # type: ignore[arg-type]
    )
    return wave, batch, files


def pages(file: Path) -> list[str]:
    document = pypdfium2.PdfDocument(file)
    return [page.get_textpage().get_text_range() for page in document]


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_page_names_its_form_and_the_form_its_own_departments(
    resources: Resources, tmp_path: Path, language: str
) -> None:
    wave, batch, [field_papers, forms] = await printed(resources, tmp_path, 12, language)
    *found, first_slips, more_slips = pages(forms)
    names = {one.code: one.name for one in wave.definition.departments.departments}
    for number in range(1, 13):
        own = "".join(text for text in found if serial(wave, number) in text)
        assert own.count(serial(wave, number)) % 2 == 0  # head and foot
        departments = sheet(resources, wave, batch, number).departments
        for row, code in enumerate(departments, start=1):
            assert f"{row}. {names[code][language]}" in own  # type: ignore[index]
        for other in names.keys() - set(departments):
            assert names[other][language] not in own  # type: ignore[index]
    assert all(any(serial(wave, n) in text for n in range(1, 13)) for text in found)
    slips = first_slips + more_slips
    assert [slips.count(serial(wave, n)) for n in range(1, 13)] == [1] * 12
    sheet_of_contacts = "".join(pages(field_papers))
    assert all(serial(wave, n) in sheet_of_contacts for n in range(1, 13))


async def test_a_form_is_a4_in_black_and_white(resources: Resources, tmp_path: Path) -> None:
    _, _, files = await printed(resources, tmp_path, 1)
    for file in files:
        for page in pypdfium2.PdfDocument(file):
            width, height = page.get_size()
            assert (round(width / MM), round(height / MM)) == (210, 297)
            image = page.render(scale=1).to_numpy()[..., :3]
            assert (image.max(axis=2) == image.min(axis=2)).all()
            assert (image < 128).mean() < 0.15


async def test_the_qr_code_on_paper_is_that_of_the_serial(
    resources: Resources, tmp_path: Path
) -> None:
    """Found in the picture, measured and compared module by module."""
    wave, _, [_, forms] = await printed(resources, tmp_path, 2)
    document = pypdfium2.PdfDocument(forms)
    for number in (1, 2):
        index = next(n for n, text in enumerate(pages(forms)) if serial(wave, number) in text)
        image = document[index].render(scale=SCALE, grayscale=True).to_numpy().squeeze()
        code = segno.make_qr(qr_text(Serial(wave.id, number)), error="q")
        assert code.mode == "numeric"
        expected = np.array([[bool(cell) for cell in row] for row in code.matrix])
        assert (modules(image, len(expected)) == expected).all()


def modules(image: np.ndarray, size: int) -> np.ndarray:  # type: ignore[type-arg]
    top, left = 0, int(179 * MM * SCALE)
    corner = image[top : int(29 * MM * SCALE), left : int(196 * MM * SCALE)] < 128
    ys, xs = np.flatnonzero(corner.any(axis=1)), np.flatnonzero(corner.any(axis=0))
    centres = (np.arange(size) + 0.5) / size
    rows = (ys[0] + centres * (ys[-1] + 1 - ys[0])).astype(int)
    columns = (xs[0] + centres * (xs[-1] + 1 - xs[0])).astype(int)
    return corner[np.ix_(rows, columns)]


async def test_printed_again_it_is_the_same_form(resources: Resources, tmp_path: Path) -> None:
    wave, _, [_, forms] = await printed(resources, tmp_path / "a", 3)
    [_, again] = await print_batch(
        resources, wave, tmp_path / "b", batch="B1", by="di", language="zh", first=2, last=2
    )
    own = [text for text in pages(forms)[:-1] if serial(wave, 2) in text]
    assert pages(again)[:-1] == own


async def test_fifty_forms_stand_in_a_file(resources: Resources, tmp_path: Path) -> None:
    _, _, files = await printed(resources, tmp_path, 51)
    assert [file.name for file in files] == [
        "B1-field-papers.pdf",
        "B1-forms-000001-000050.pdf",
        "B1-forms-000051-000051.pdf",
    ]


async def test_there_is_nothing_to_print_without_a_batch(
    resources: Resources, tmp_path: Path
) -> None:
    wave = await open_base(resources)
    with pytest.raises(BatchNotFound):
        await print_batch(resources, wave, tmp_path, batch="B1", language="zh", by="di")


async def test_what_is_printed_is_what_is_keyed(resources: Resources) -> None:
    """Every digit beside a box is a code of that field, and every code is printed."""
    wave = await open_base(resources)
    batch = await issue(resources, wave)
    form = sheet(resources, wave, batch, 1)
    sections = sheet_content(
        wave.definition,
        "sampled",
        departments=form.departments,
        seed=form.admission.seed,
        language="en",
    )
    printed_codes = {}
    for question in (q for section in sections for q in section["questions"]):
        options = question.get("options") or question.get("levels") or question.get("dont_know", [])
        digits = {one["code"] for one in options} | set(question.get("numbers", []))
        printed_codes[question["text"]] = digits
    for field in form.fields:
        assert printed_codes[field.question.text.en] == set(field.codes), field.code


async def test_routing_is_told_in_words(resources: Resources) -> None:
    wave = await open_base(resources)
    batch = await issue(resources, wave)
    form = sheet(resources, wave, batch, 1)

    def routing(language: str) -> dict[int, str]:
        sections = sheet_content(
            wave.definition,
            "sampled",
            departments=form.departments,
            seed=form.admission.seed,
            language=language,  # type: ignore[arg-type]
        )
        questions = [q for section in sections for q in section["questions"]]
        return {q["number"]: q["routing"] for q in questions if q["routing"]}

    assert routing("en") == {
        3: 'Only if you ticked "Papers" or "Taxes" in question 2',
        4: "Only if question 3 is 1 or more",
        8: 'Only if you ticked "There is" in question 7',
    }
    assert routing("zh")[3] == "仅当第2题选“证照”或“税费”时填答"


@pytest.mark.parametrize(
    ("online", "asked"),
    [("[phone, national_id]", (True, True)), ("[phone]", (True, False)), ("[oidc]", None)],
)
async def test_slips_ask_for_what_identifies_people_online(
    resources: Resources, tmp_path: Path, online: str, asked: tuple[bool, bool] | None
) -> None:
    folder = Path(shutil.copytree(BASE, tmp_path / "survey"))
    audience = folder / "audience.yaml"
    text = audience.read_text(encoding="utf-8").replace("[phone, national_id]", online)
    audience.write_text(text, encoding="utf-8")
    wave = await open_base(resources, folder=folder)
    await issue(resources, wave, n=1)
    [field_papers, forms] = await print_batch(
        resources, wave, tmp_path, batch="B1", by="di", language="en"
    )
    last = pages(forms)[-1]
    told = "Every form has a slip" in pages(field_papers)[0]
    assert told is (asked is not None)
    if asked is not None:
        assert ("Mobile number" in last, "Identity card number" in last) == asked


async def test_who_printed_what_is_in_the_audit_log(resources: Resources, tmp_path: Path) -> None:
    wave, _, _ = await printed(resources, tmp_path, 3)
    async with resources.database.reading() as connection:
        [entry] = [one.done async for one in all_entries(connection) if "printed" in one.done.act]
    assert (entry.actor, entry.act, entry.object) == ("di", "paper.forms-printed", "batch:B1")
    assert entry.details["last"] == serial(wave, 3)
    assert entry.details["slips"] == "3"
