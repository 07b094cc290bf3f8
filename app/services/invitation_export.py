"""Minted invitations as a CSV for the office that sends them: opens in any spreadsheet, safely."""

import csv
import io
from collections.abc import Sequence

from app.services.addresses import invitation_address
from app.services.permits import Invitation
from app.services.resources import Resources
from app.services.waves import Wave

HEADER = (
    "number",
    "label",
    "class",
    "mode",
    "own_unit",
    "department",
    "window",
    "stratum",
    "code",
    "link",
)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def invitations_csv(resources: Resources, wave: Wave, invitations: Sequence[Invitation]) -> bytes:
    """Write one row an invitation, in UTF-8 with the mark by which spreadsheets know it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for number, one in enumerate(invitations, 1):
        to = one.recipient
        cells = (to.label, to.respondent_class, to.mode.value, to.own_unit)
        place = (to.department, to.window, to.stratum)
        link = invitation_address(resources, wave, one.permit)
        writer.writerow([number, *map(_as_text, (*cells, *place)), one.typed_code, link])
    return text.getvalue().encode("utf-8-sig")


def _as_text(cell: str) -> str:
    """Keep a spreadsheet from taking a cell for a formula (OWASP: CSV injection)."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
