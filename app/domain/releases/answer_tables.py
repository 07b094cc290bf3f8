"""Stored responses → one table of codes per respondent class, small enough for a million rows.

What a respondent said about one department is a *pattern*: the codes of all items about it. Few
different ones occur, so a rating is a pair of small numbers (department, pattern). Patterns are
known again by the bytes of their JSON, which are parsed once. Rows stand in the order of their
digests and patterns in the order of their codes, so the table does not depend on the order of
reading.
"""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.domain.deduplication.decision import ResponseStatus
from app.domain.estimation.columns import MISSING
from app.domain.questionnaires.audience import Mode, RatesChosen, Trust
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.model import DONT_KNOW, SingleChoice
from app.domain.questionnaires.navigation import asked_sections, grids
from app.domain.releases.rated_items import ClassItems, RatedItem
from app.domain.releases.response_rows import DIGEST_BYTES, Digests, ResponseRow, digest_order

Codes = NDArray[np.signedinteger[Any]]

MODES = tuple(Mode)
TRUSTS = tuple(Trust)
STATUSES = tuple(ResponseStatus)


@dataclass(frozen=True, eq=False)
class AnswerTable:
    """Answers of one class. Columns have one code per row, −1 where there is nothing.

    `stratum`, `point` and `own` are codes of the definition's strata, points and departments;
    `choices` those of the options of questions that margins count people by; `general` the ratings
    of the city. `rating_row`, `rating_department` and `rating_pattern` have one entry for each
    department that a respondent was asked about; `patterns` holds the codes of the items (patterns
    × items).
    """

    items: ClassItems
    digests: Digests
    status: Codes
    mode: Codes
    trust: Codes
    stratum: Codes
    point: Codes
    own: Codes
    choices: Mapping[str, Codes]
    general: Sequence[Codes]
    rating_row: Codes
    rating_department: Codes
    rating_pattern: Codes
    patterns: Codes

    @property
    def rows(self) -> int:
        """How many responses."""
        return len(self.status)

    def kept(self, flags: NDArray[np.bool_]) -> "AnswerTable":
        """The table of some of its rows."""
        rated = flags[self.rating_row]
        place = (np.cumsum(flags) - 1).astype(np.int32)
        return AnswerTable(
            self.items,
            self.digests[flags],
            self.status[flags],
            self.mode[flags],
            self.trust[flags],
            self.stratum[flags],
            self.point[flags],
            self.own[flags],
            {name: column[flags] for name, column in self.choices.items()},
            [column[flags] for column in self.general],
            place[self.rating_row[rated]],
            self.rating_department[rated],
            self.rating_pattern[rated],
            self.patterns,
        )


class TableReader:
    """Takes the responses of one class, one by one, and gives their table."""

    def __init__(self, definition: SurveyDefinition, items: ClassItems) -> None:
        self._items = items
        self._chosen = isinstance(items.audience.rates, RatesChosen)
        sample = definition.sample
        self._strata = _places(one.code for one in sample.strata)
        self._points = _places(one.code for one in sample.points)
        self._units = _places(one.code for one in definition.departments.departments)
        self._departments = _places(items.departments)
        self._grids = [grid.code for grid in grids(definition, items.audience.code)]
        options = _options(definition, items.audience.code)
        self._choices = list(options)
        self._singles = {**options, **{one.question: _answer_codes(one) for one in _plain(items)}}
        self._shared = [
            at for at, name in enumerate(self._singles) if name in {i.question for i in items.items}
        ]
        self._decode = _decoder(self._grids, list(self._singles))
        self._digests = bytearray()
        self._facts = [array("b"), array("b"), array("b"), array("h"), array("h"), array("h")]
        self._columns = [array("b" if len(c) < 128 else "h") for c in self._singles.values()]
        self._concerned, self._rated, self._said = array("h"), array("h"), array("i")
        self._seen: dict[bytes, int] = {}
        self._patterns: dict[tuple[int, ...], int] = {}

    def add(self, row: ResponseRow, digest: bytes) -> None:
        """Take a response in."""
        self._digests += digest
        codes = (
            _STATUS[row.status],
            _MODE[row.mode],
            _TRUST[row.trust],
            self._strata.get(row.stratum, MISSING),
            self._points.get(row.point, MISSING),
            self._units.get(row.own_unit, MISSING),
        )
        for column, code in zip(self._facts, codes, strict=True):
            column.append(code)
        sheet = self._decode(row.answers)
        values = msgspec.structs.astuple(sheet.answers)
        said = values[: len(self._grids)]
        singles = [
            codes.get(value, MISSING)
            for codes, value in zip(self._singles.values(), values[len(said) :], strict=True)
        ]
        for column, code in zip(self._columns, singles, strict=True):
            column.append(code)
        self._rate(said, sheet.offered, [singles[at] for at in self._shared])

    def _rate(
        self, said: Sequence[Mapping[str, bytes]], offered: Sequence[str], shared: list[int]
    ) -> None:
        """Note a pattern for each department chosen or offered."""
        asked = dict.fromkeys(chain(*said)) if self._chosen else offered
        tail = repr(shared).encode()
        for department in asked:
            about = [grid.get(department, b"") for grid in said]
            key = b"\n".join([*about, tail])
            pattern = self._seen.get(key)
            if pattern is None:
                pattern = self._seen[key] = self._learn(about, shared)
            self._rated.append(self._departments[department])
            self._said.append(pattern)
        self._concerned.append(len(asked))

    def _learn(self, about: Sequence[bytes], shared: Sequence[int]) -> int:
        """The number of a pattern seen in these bytes for the first time."""
        levels = {
            (grid, aspect): level
            for grid, raw in zip(self._grids, about, strict=True)
            for aspect, level in (msgspec.json.decode(raw) if raw else {}).items()
        }
        rest = iter(shared)
        codes = tuple(
            next(rest)
            if item.aspect is None
            else _answer_codes(item).get(levels.get((item.question, item.aspect)), MISSING)
            for item in self._items.items
        )
        return self._patterns.setdefault(codes, len(self._patterns))

    def table(self) -> AnswerTable:
        """All responses taken in."""
        digests = np.frombuffer(self._digests, dtype=np.uint8).reshape(-1, DIGEST_BYTES)
        order = digest_order(digests)
        rank = np.empty(len(order), dtype=np.int32)
        rank[order] = np.arange(len(order), dtype=np.int32)
        rating_row = np.repeat(rank, _numbers(self._concerned))
        by_row = np.argsort(rating_row, kind="stable")
        patterns, renumbered = _sorted_patterns(self._patterns, len(self._items.items))
        columns = dict(zip(self._singles, (_numbers(c)[order] for c in self._columns), strict=True))
        status, mode, trust, stratum, point, own = (_numbers(c)[order] for c in self._facts)
        return AnswerTable(
            items=self._items,
            digests=digests[order],
            status=status,
            mode=mode,
            trust=trust,
            stratum=stratum,
            point=point,
            own=own,
            choices={name: columns[name] for name in self._choices},
            general=[columns[item.question] for item in self._items.general],
            rating_row=rating_row[by_row],
            rating_department=_numbers(self._rated)[by_row],
            rating_pattern=renumbered[_numbers(self._said)[by_row]],
            patterns=patterns,
        )


def _places(codes: Any) -> dict[str, int]:
    return {code: at for at, code in enumerate(codes)}


_STATUS, _MODE, _TRUST = _places(STATUSES), _places(MODES), _places(TRUSTS)


def _plain(items: ClassItems) -> list[RatedItem]:
    """Rated questions that are no grids."""
    return [item for item in (*items.items, *items.general) if item.aspect is None]


def _options(definition: SurveyDefinition, respondent_class: str) -> dict[str, dict[Any, int]]:
    """Codes of the options of the questions that a margin counts people by."""
    counted = {margin.question for margin in definition.sample.margins}
    return {
        question.code: _places(option.code for option in question.options)
        for section in asked_sections(definition, respondent_class)
        for question in section.questions
        if isinstance(question, SingleChoice) and question.code in counted
    }


def _answer_codes(item: RatedItem) -> dict[Any, int]:
    """Code by what the answer looks like in JSON: the level's code, or a number from 0 to 10."""
    codes: dict[Any, int] = {level.code: at for at, level in enumerate(item.levels)}
    if item.aspect is None:
        codes |= {int(code): at for code, at in codes.items() if code.isdecimal()}
    return codes | {DONT_KNOW: item.dont_know}


def _decoder(grid_codes: Sequence[str], singles: Sequence[str]) -> Any:
    """Decoder of a stored sheet that reads these questions and passes over all others."""
    names = {f"q{at}": code for at, code in enumerate((*grid_codes, *singles))}
    kinds: list[Any] = [dict[str, msgspec.Raw]] * len(grid_codes) + [Any] * len(singles)
    defaults: list[Any] = [msgspec.field(default_factory=dict)] * len(grid_codes)
    defaults += [None] * len(singles)
    answers = msgspec.defstruct(
        "Answers", list(zip(names, kinds, defaults, strict=True)), rename=names
    )
    sheet = msgspec.defstruct("Sheet", [("answers", answers), ("offered", list[str])])
    return msgspec.json.Decoder(sheet).decode


def _numbers(column: "array[int]") -> Codes:
    return np.frombuffer(column, dtype=column.typecode) if column else np.zeros(0, dtype=np.int8)


def _sorted_patterns(known: Mapping[tuple[int, ...], int], width: int) -> tuple[Codes, Codes]:
    """The patterns in the order of their codes, and the new number of each old one."""
    ordered = sorted(known)
    renumbered = np.zeros(len(known), dtype=np.int32)
    renumbered[[known[codes] for codes in ordered]] = np.arange(len(known), dtype=np.int32)
    return np.array(ordered, dtype=np.int8).reshape(len(known), width), renumbered
