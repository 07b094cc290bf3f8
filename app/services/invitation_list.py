"""A CSV of those to invite → recipients, or every fault of every row.

A fault is named by row and column and never by what stands there: labels may be people's names.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence

from app.domain.questionnaires.audience import Mode, RespondentClass, Trust
from app.domain.questionnaires.navigation import offered_departments
from app.errors import Fault, InvalidInput
from app.services.list_files import decode_list
from app.services.permits import Recipient
from app.services.waves import Wave

NO_UNIT = "none"
"""Stands in the list for somebody whose unit is not among those rated."""
COLUMNS = ("class", "mode", "own_unit", "department", "window", "stratum", "label")
LONGEST_LABEL = 120
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_NOT_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f]")

Row = Mapping[str, str]
Found = Iterator[tuple[str, str, str]]
"""Column, code and message of each thing wrong with a row."""


def read_recipients(wave: Wave, content: bytes, *, respondent_class: str = "") -> list[Recipient]:
    """Read a CSV with a header; all columns may be left out or left blank.

    class (else `respondent_class`) · mode (else web) · own_unit: the department that never_own
    leaves out · department, window: what the link is about · stratum · label: printed on the
    letter, not stored. Raises InvalidInput with every fault.
    """
    faults: list[Fault] = []
    recipients = []
    for number, row in _rows(decode_list(content)):
        complete = {"class": respondent_class, "mode": Mode.WEB.value} | row
        faults += [
            Fault(f"row {number}.{column}", code, message)
            for column, code, message in _check(wave, complete)
        ]
        if not faults:
            recipients.append(_recipient(complete))
    if not faults and not recipients:
        faults.append(Fault("file", "empty", "The list has no rows"))
    if faults:
        raise InvalidInput(faults=faults)
    return recipients


def repeat_recipient(wave: Wave, respondent_class: str, mode: Mode, n: int) -> list[Recipient]:
    """Give n recipients of one class of whom no more is known. Raises InvalidInput."""
    row = {"class": respondent_class, "mode": mode.value}
    faults = [Fault(*found) for found in _check(wave, row)]
    if faults:
        raise InvalidInput(faults=faults)
    return [_recipient(row)] * n


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Give number and filled cells of each row that is not blank."""
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        header = [name.strip() for name in next(reader, [])]
        _check_header(header)
        for cells in reader:
            if len(cells) > len(header):
                message = "The row has more cells than the header"
                raise _file_fault(f"row {reader.line_num}", "too-many-cells", message)
            row = {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
            if any(row.values()):
                yield reader.line_num, {name: cell for name, cell in row.items() if cell}
    except csv.Error:
        raise _file_fault("file", "not-csv", "The file is not a well-formed CSV") from None


def _check_header(header: Sequence[str]) -> None:
    if not header or len(set(header)) < len(header) or not set(header) <= set(COLUMNS):
        message = f"The first row names columns, each once, of: {', '.join(COLUMNS)}"
        raise _file_fault("row 1", "header", message)


def _file_fault(field: str, code: str, message: str) -> InvalidInput:
    return InvalidInput(faults=[Fault(field, code, message)])


def _recipient(row: Row) -> Recipient:
    return Recipient(
        respondent_class=row["class"],
        mode=Mode(row["mode"]),
        own_unit=_own_unit(row),
        department=row.get("department", ""),
        window=row.get("window", ""),
        stratum=row.get("stratum", ""),
        label=row.get("label", ""),
    )


def _check(wave: Wave, row: Row) -> Found:
    audience = {one.code: one for one in wave.definition.audience.classes}.get(row["class"])
    if audience is None:
        yield "class", "unknown", "There is no such respondent class"
        return
    yield from _check_way(audience, row)
    yield from _check_own_unit(wave, audience, row)
    yield from _check_place(wave, audience, row)
    yield from _check_words(wave, row)


def _check_way(audience: RespondentClass, row: Row) -> Found:
    offered = {way.mode.value for way in audience.ways_in if way.trust is Trust.INVITED}
    if not offered:
        yield "class", "not-invited", "The definition invites nobody of this class"
    elif row["mode"] not in offered:
        yield "mode", "not-offered", f"This class is invited by {', '.join(sorted(offered))}"


def _own_unit(row: Row) -> str:
    unit = row.get("own_unit", "")
    return "" if unit == NO_UNIT else unit


def _check_own_unit(wave: Wave, audience: RespondentClass, row: Row) -> Found:
    unit = _own_unit(row)
    if audience.never_own and not row.get("own_unit"):
        rule = f"Nobody of this class rates their own unit: say which it is, or {NO_UNIT!r}"
        yield "own_unit", "required", rule
    elif audience.never_own and unit and unit not in wave.survey.departments:
        yield "own_unit", "unknown", "There is no such department"
    elif unit and not _CODE.fullmatch(unit):
        yield "own_unit", "not-a-code", "A code has up to 40 letters, digits, _ and -"


def _check_place(wave: Wave, audience: RespondentClass, row: Row) -> Found:
    department, window = row.get("department", ""), row.get("window", "")
    if window and window not in wave.survey.windows:
        yield "window", "unknown", "There is no such window"
        return
    if window and department not in ("", wave.survey.windows[window].code):
        yield "window", "elsewhere", "The window belongs to another department"
        return
    place = wave.survey.windows[window].code if window else department
    if place and place not in wave.survey.departments:
        yield "department", "unknown", "There is no such department"
        return
    try:
        offered_departments(
            wave.definition,
            audience.code,
            seed=b"",
            own_unit=_own_unit(row) or None,
            fixed=place or None,
        )
    except InvalidInput as refused:
        for fault in refused.faults:
            yield fault.field, fault.code, fault.message


def _check_words(wave: Wave, row: Row) -> Found:
    strata = {one.code for one in wave.definition.sample.strata}
    stratum, label = row.get("stratum", ""), row.get("label", "")
    if strata and stratum and stratum not in strata:
        yield "stratum", "unknown", "There is no such stratum in the sample design"
    elif stratum and not _CODE.fullmatch(stratum):
        yield "stratum", "not-a-code", "A code has up to 40 letters, digits, _ and -"
    if len(label) > LONGEST_LABEL or _NOT_TEXT.search(label):
        yield "label", "not-a-label", f"A label is one line of at most {LONGEST_LABEL} characters"
