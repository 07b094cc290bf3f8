"""The responses of a wave as a file: all that its figures are a function of, and nothing else.

Lines of UTF-8 JSON. The first says which wave and days, holds the definition as it was frozen, its
version being the SHA-256 of that text, and what was handed out; every other line is one response,
an array of the fields of `ResponseRow`. No permit, no sealed person and no time is in it, but the
ids are: whoever has a receipt can find its answers, so it is a file for auditors only.
"""

import datetime
import hashlib
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.versions import definition_from_canonical
from app.domain.releases.canonical import canonical
from app.domain.releases.document import Period
from app.domain.releases.figures import HandedOut, WaveFacts, Way
from app.domain.releases.response_rows import ResponseRow
from app.errors import Fault, InvalidInput

FORMAT = "minyi-responses/1"
ROWS_AT_ONCE = 2000


class Distributed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was handed out of one way in."""

    respondent_class: str
    mode: str
    trust: str
    distributed: int | None
    void: int


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The first line."""

    format: str
    wave: str
    first: str
    last: str
    definition: str
    handed_out: tuple[Distributed, ...]

    @property
    def version(self) -> str:
        """The version of the definition."""
        return hashlib.sha256(self.definition.encode()).hexdigest()

    def survey(self) -> SurveyDefinition:
        """Read the definition."""
        return definition_from_canonical(self.definition.encode())

    def facts(self) -> WaveFacts:
        """Give what the figures say of the wave."""
        period = Period.model_validate({"first": self.first, "last": self.last})
        return WaveFacts(self.wave, self.version, period)

    def counts(self) -> dict[Way, HandedOut]:
        """Give what was handed out, by way in."""
        return {
            (one.respondent_class, one.mode, one.trust): HandedOut(one.distributed, one.void)
            for one in self.handed_out
        }


_HEADER = msgspec.json.Decoder(Header)
_ROW = msgspec.json.Decoder(tuple[str, str, str, str, str, str, str, str, str, str, str])


def header_line(facts: WaveFacts, definition: str, handed_out: Mapping[Way, HandedOut]) -> bytes:
    """Write the first line; `definition` is the canonical text."""
    found = [
        {
            "respondent_class": way[0],
            "mode": way[1],
            "trust": way[2],
            "distributed": one.distributed,
            "void": one.void,
        }
        for way, one in sorted(handed_out.items())
    ]
    content = {
        "format": FORMAT,
        "wave": facts.code,
        "first": facts.period.first.isoformat(),
        "last": facts.period.last.isoformat(),
        "definition": definition,
        "handed_out": found,
    }
    return canonical(content) + b"\n"


def row_line(row: ResponseRow) -> bytes:
    """Write a response."""
    identifier, *codes, received_on, own_unit, stratum, point, window, answers = row
    fields = (identifier.hex(), *codes, received_on.isoformat(), own_unit, stratum, point)
    return msgspec.json.encode((*fields, window, answers)) + b"\n"


def read_export(lines: Iterable[bytes]) -> tuple[Header, Iterator[list[ResponseRow]]]:
    """Read the first line, and the responses in stretches as they are asked for.

    Raises InvalidInput on fields `line 1`, `line 2` …
    """
    numbered = enumerate(lines, 1)
    try:
        header = _HEADER.decode(next(numbered, (1, b""))[1])
    except msgspec.DecodeError:
        raise _refused(1) from None
    if header.format != FORMAT:
        raise _refused(1)
    return header, _stretches(numbered)


def _stretches(numbered: Iterable[tuple[int, bytes]]) -> Iterator[list[ResponseRow]]:
    stretch = []
    for number, line in numbered:
        stretch.append(_row(number, line))
        if len(stretch) == ROWS_AT_ONCE:
            yield stretch
            stretch = []
    yield stretch


def _row(number: int, line: bytes) -> ResponseRow:
    try:
        fields = _ROW.decode(line)
        identifier = bytes.fromhex(fields[0])
        received_on = datetime.date.fromisoformat(fields[5])
    except (msgspec.DecodeError, ValueError):
        raise _refused(number) from None
    _, status, mode, trust, of_class, _, own, stratum, point, window, answers = fields
    return ResponseRow(
        identifier,
        status,
        mode,
        trust,
        of_class,
        received_on,
        own,
        stratum,
        point,
        window,
        answers,
    )


def _refused(number: int) -> InvalidInput:
    rule = "This is not a line of exported responses"
    return InvalidInput(rule, faults=[Fault(f"line {number}", "malformed", rule)])
