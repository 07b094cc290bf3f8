"""Figures that offices enter for a scheme: added with name and time, corrected with a reason."""

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal

from app.domain.accounts.rules import fault
from app.domain.questionnaires.scheme import Scheme
from app.domain.rights.rights import Act, Actor, require_right
from app.domain.scoring.external_evaluation import EnteredBasis
from app.domain.scoring.figures import COLUMNS, NewFigure, expected_figures, read_figures
from app.errors import Fault, InvalidInput
from app.errors.scoring import FiguresChanged, NoScheme
from app.services import audit
from app.services.resources import Resources
from app.services.wave_control import LONGEST_REASON
from app.services.waves import CODE, Wave
from app.store import scoring as store
from app.store.keyed_files import Table, parse_table
from app.store.scoring import FigureRecord

MOST_FIGURES = 20_000

Key = tuple[str, str]
"""Department and figure."""


@dataclasses.dataclass(frozen=True, slots=True)
class Entered:
    """What became of a table of figures."""

    new: int
    corrected: int
    unchanged: int


def scheme_of(wave: Wave) -> Scheme:
    """Give the scheme of a wave's definition. Raises NoScheme."""
    if wave.definition.scheme is None:
        raise NoScheme
    return wave.definition.scheme


def checked_period(period: str) -> str:
    """Give the period's name. Raises InvalidInput where it could not stand in an address."""
    if not CODE.fullmatch(period):
        rule = "A period's name has up to 40 letters, digits, _ and -"
        raise InvalidInput(faults=[Fault("period", "not-a-code", rule)])
    return period


async def enter_figures(
    resources: Resources,
    actor: Actor,
    wave: Wave,
    *,
    period: str,
    table: Table,
    reason: str = "",
) -> Entered:
    """Add the figures of a table with the columns department, figure and value.

    A figure entered before with the same value stays as it is; another value is a correction and
    needs the `reason`. Raises NotAllowed, NoScheme, FiguresChanged, and InvalidInput with all
    faults by row; then nothing is stored.
    """
    require_right(actor, Act.ENTER_FIGURES)
    scheme = scheme_of(wave)
    figures = read_figures(scheme, wave.definition.departments, table)
    reason = _checked_reason(reason)
    async with resources.database.writing() as connection:
        listed = await store.list_figures(connection, scheme.code, checked_period(period))
        known = newest(listed)
        changed = [one for one in figures if not _is_same(known, one)]
        corrected = [one for one in changed if _key(one) in known]
        if corrected and not reason:
            raise InvalidInput(faults=[fault("reason", "reason-missing")])
        entry = _Entry(scheme.code, period, actor.name, resources.now(), reason)
        records = [entry.revise(known.get(_key(one)), one) for one in changed]
        if records and not await store.insert_figures(connection, records):
            raise FiguresChanged
        await audit.record(
            connection,
            resources,
            by=actor.name,
            act="score.figures-entered",
            object_=f"scheme:{scheme.code}",
            period=period,
            new=str(len(changed) - len(corrected)),
            corrected=str(len(corrected)),
            **({"reason": reason} if corrected else {}),
        )
    new = len(changed) - len(corrected)
    return Entered(new, len(corrected), len(figures) - len(changed))


def _checked_reason(reason: str) -> str:
    reason = reason.strip()
    if len(reason) > LONGEST_REASON or not reason.isprintable():
        raise InvalidInput(faults=[fault("reason", "reason-invalid")])
    return reason


def newest(records: Sequence[FigureRecord]) -> dict[Key, FigureRecord]:
    """Give the last revision of each figure; records stand in the order of their revisions."""
    return {(one.department, one.figure): one for one in records}


def _key(figure: NewFigure) -> Key:
    return figure.department, figure.figure


def _is_same(known: Mapping[Key, FigureRecord], figure: NewFigure) -> bool:
    before = known.get(_key(figure))
    return before is not None and Decimal(before.value) == figure.value


@dataclasses.dataclass(frozen=True, slots=True)
class _Entry:
    """What all figures of one table have in common."""

    scheme: str
    period: str
    by: str
    at: datetime.datetime
    reason: str

    def revise(self, before: FigureRecord | None, figure: NewFigure) -> FigureRecord:
        """Make the next revision of a figure."""
        return FigureRecord(
            scheme=self.scheme,
            period=self.period,
            department=figure.department,
            figure=figure.figure,
            revision=before.revision + 1 if before else 1,
            value=f"{figure.value:f}",
            entered_by=self.by,
            entered_at=self.at.replace(microsecond=0),
            reason=self.reason if before else "",
        )


async def list_figures(
    resources: Resources, actor: Actor, wave: Wave, *, period: str
) -> list[FigureRecord]:
    """List every revision of every figure of a period. Raises NotAllowed and NoScheme."""
    require_right(actor, Act.SEE_EVALUATIONS)
    async with resources.database.reading() as connection:
        return await store.list_figures(connection, scheme_of(wave).code, checked_period(period))


async def figures_to_fill(resources: Resources, actor: Actor, wave: Wave, *, period: str) -> Table:
    """Give the table of all figures the scheme asks for, with the values that are there."""
    known = newest(await list_figures(resources, actor, wave, period=period))
    rows = [
        [one.code, code, known[one.code, code].value if (one.code, code) in known else ""]
        for one in wave.definition.departments.departments
        for code in expected_figures(scheme_of(wave), one.group)
    ]
    return [list(COLUMNS), *rows]


async def list_periods(resources: Resources, actor: Actor, wave: Wave) -> list[str]:
    """List the periods of the wave's scheme that are worked on. Raises NotAllowed, NoScheme."""
    require_right(actor, Act.SEE_EVALUATIONS)
    async with resources.database.reading() as connection:
        return await store.list_periods(connection, scheme_of(wave).code)


def pasted(text: str) -> Table:
    """Read a table as a spreadsheet puts it on the clipboard, or as CSV. Raises InvalidInput."""
    return parse_table(text.replace("\t", ",").encode(), most_rows=MOST_FIGURES)


async def bases(resources: Resources, scheme: str, period: str) -> dict[Key, EnteredBasis]:
    """Give the figures that count, as an evaluation states them."""
    async with resources.database.reading() as connection:
        listed = await store.list_figures(connection, scheme, period)
    return {key: _basis(record) for key, record in newest(listed).items()}


def _basis(record: FigureRecord) -> EnteredBasis:
    return EnteredBasis(
        figure=record.figure,
        value=Decimal(record.value),
        revision=record.revision,
        entered_by=record.entered_by,
        entered_at=record.entered_at,
        reason=record.reason,
    )
