"""Three people carry a batch from printing to closed, on the command line."""

import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli
from app.commands.running import run
from app.errors import InvalidInput
from app.errors.paper import BatchOutOfBalance, SamePerson
from app.errors.staff import UnderEmbargo
from app.services.permits import fill_pool
from app.services.resources import Resources
from app.services.waves import find_wave
from tests.support.fieldwork import BASE, MARKS, also_by_phone

RUNNER = CliRunner()
MARKED = [f"{code}={mark}" for code, mark in MARKS.items()]


@pytest.fixture
def minyi(  # type: ignore[no-untyped-def]
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Run the command against a database of its own, and expect success."""
    monkeypatch.setenv("MINYI_DATABASE_URL", database_url)
    monkeypatch.setenv("MINYI_SECRET_KEY_FILE", str(tmp_path / "secret.key"))

    def succeed(*words: object, typed: str = "") -> str:
        result = invoke(*words, typed=typed)
        assert result.exit_code == 0, (words, result.output, result.exception)
        return result.output

    return succeed


def invoke(*words: object, typed: str = "") -> Result:
    return RUNNER.invoke(cli, [str(word) for word in words], input=typed)


async def fill(resources: Resources) -> None:
    wave = await find_wave(resources, "w")
    await fill_pool(resources, wave, respondent_class="online", n=5)


def open_wave(minyi, folder: Path = BASE) -> None:  # type: ignore[no-untyped-def]
    today = datetime.datetime.now(datetime.UTC).date()
    days = [today - datetime.timedelta(days=1), today + datetime.timedelta(days=9)]
    minyi("waves", "create", "w", folder, "--opens", days[0], "--closes", days[1])
    run(fill)
    minyi("waves", "open", "w", "--by", "di")


def test_three_people_carry_a_batch_to_its_close(minyi, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    open_wave(minyi)
    minyi("paper", "interviewer", "w", "I1", "--point", "p1", "--name", "王芳")
    minyi("paper", "quota", "w", "p1", "sex=female:2", "sex=male:1")
    minyi("paper", "issue", "w", "B1", "--point", "p1", "--forms", "3", "--by", "di")
    files = minyi("paper", "print", "w", "B1", "--to", tmp_path / "forms", "--language", "en")
    assert "B1-forms-000001-000003.pdf" in files
    template = tmp_path / "template.csv"
    minyi("paper", "template", "w", template, "--batch", "B1")
    serials = [line.split(",")[0] for line in template.read_text("utf-8-sig").splitlines()[1:]]
    scanned = "\n".join(serials).replace("-", "")
    minyi("paper", "custody", "w", "out", "-", "--interviewer", "I1", "--by", "di", typed=scanned)
    minyi("paper", "custody", "w", "back", serials[0], "--by", "di")
    minyi("paper", "custody", "w", "back", serials[1], "--outcome", "2", "--by", "di")
    minyi("paper", "custody", "w", "lost", serials[2], "--by", "di")
    assert "handed_out → returned I1 by cli:di" in minyi("paper", "custody", "w", "log", serials[0])
    told = minyi("paper", "slip", "w", serials[0], "--check", "phone", typed="13812345678\n")
    assert "first answer" in told
    assert "13812345678" not in told
    key_and_decide(minyi, serials[0])
    assert isinstance(invoke("paper", "export", "w", tmp_path / "e.csv").exception, UnderEmbargo)
    status = minyi("paper", "status", "w")
    assert "issued 3 = valid 1 + duplicate 0 + void 0 + spoiled 0 + refused 1 + lost 1" in status
    assert "distributed 3, returned 1, valid 1" in status
    assert "quota sex=male: 1 of 1" in minyi("paper", "points", "w")
    minyi("paper", "close", "w", "B1", "--by", "di")
    assert "B1\tp1\tclosed" in minyi("paper", "status", "w")
    minyi("waves", "close", "w", "--by", "di")
    assert "3 rows" in minyi("paper", "export", "w", tmp_path / "e.xlsx")
    assert "7 rows" in minyi("paper", "export", "w", tmp_path / "c.csv", "--what", "custody")
    assert "returned 1 = counted 1" in minyi("waves", "status", "w")


def key_and_decide(minyi, serial: str) -> None:  # type: ignore[no-untyped-def]
    """Ann types field by field, Bo gives all at once, Chen decides."""
    typed = "\n".join(MARKS.get(code, "") for code in FIELDS) + "\n"
    assert "entry 1, pending" in minyi("paper", "key", "w", serial, "--by", "ann", typed=typed)
    others = [*MARKED[1:], "sex=2"]
    assert "entry 2, pending" in minyi("paper", "key", "w", serial, "--by", "bo", *others)
    compared = minyi("paper", "compare", "w", "--batch", "B1")
    assert "1 fields differ" in compared
    assert MARKS["last"] not in compared
    own = invoke("paper", "adjudicate", "w", serial, "--by", "ann", "sex=2")
    assert isinstance(own.exception, SamePerson)
    closing = invoke("paper", "close", "w", "B1", "--by", "di")
    assert isinstance(closing.exception, BatchOutOfBalance)
    decided = minyi("paper", "adjudicate", "w", serial, "--by", "chen", typed="7\n2\n")
    assert 'sex: first "1", second "2"' in decided
    assert "No such code is printed" in decided
    assert "counted" in decided
    rates = minyi("paper", "compare", "w")
    assert "keyer\tann\t1 errors in 11 fields" in rates
    assert "keyer\tbo\t0 errors in 11 fields" in rates


FIELDS = [*MARKS, "comment"]


def test_a_file_is_imported_and_its_faults_end_in_failure(minyi, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    open_wave(minyi)
    minyi("paper", "interviewer", "w", "I1", "--point", "p1", "--name", "王芳")
    issue = ["paper", "issue", "w", "B1", "--point", "p1", "--forms", "2", "--second-share", "0"]
    minyi(*issue, "--by", "di")
    path = tmp_path / "keyed.csv"
    minyi("paper", "template", "w", path, "--batch", "B1")
    header, *rows = path.read_text("utf-8-sig").splitlines()
    serials = [row.split(",")[0] for row in rows]
    minyi("paper", "custody", "w", "out", *serials, "--interviewer", "I1", "--by", "di")
    minyi("paper", "custody", "w", "back", *serials, "--by", "di")
    cells = ",".join(MARKS.values())
    path.write_text(f"{header}\n{serials[0]},{cells},\n{serials[1]},9{cells[1:]},\n")
    assert invoke("paper", "import", "w", path, "--by", "ann").exit_code == 1
    part = invoke("paper", "import", "w", path, "--by", "ann", "--accept-good-part")
    assert part.exit_code == 1
    assert "1 entries stored" in part.output
    assert "row 3, sex" in part.output
    assert "alike" not in minyi("paper", "alike", "w")


def test_call_sheets_are_issued_and_keyed_once(minyi, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    open_wave(minyi, also_by_phone(BASE, tmp_path))
    sheets = ["paper", "issue", "w", "T1", "--point", "p1", "--forms", "2", "--mode", "phone"]
    assert isinstance(invoke(*sheets, "--second-share", "1").exception, InvalidInput)
    assert "forms 1 to 2" in minyi(*sheets)
    path = tmp_path / "calls.csv"
    minyi("paper", "template", "w", path, "--batch", "T1")
    first = path.read_text("utf-8-sig").splitlines()[1].split(",")[0]
    assert "entry 1, counted" in minyi("paper", "key", "w", first, "--by", "ann", *MARKED)


@pytest.mark.parametrize(
    "command",
    [
        "points interviewer quota issue print custody slip status close key template import "
        "compare alike adjudicate export"
    ],
)
def test_every_command_has_an_example(command: str) -> None:
    for name in command.split():
        assert "Example: minyi paper" in invoke("paper", name, "--help").output
