"""Disclosure control over all tables of a release, one department of one source after the other.

A department's index is a total; its strata are one table under it, its trust levels another. Items
and dimensions are no groups of people but parts of the same index: where one item may not be
shown none is, nor any dimension, since the index and the others would give it away.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.domain.releases.disclosure.blocks import Block, blocks_of
from app.domain.releases.disclosure.hiding import (
    hidden_parts,
    hide_category,
    hide_distribution,
    hide_index,
    round_index,
)
from app.domain.releases.disclosure.partners import Cell, add_partners
from app.domain.releases.disclosure.ranking import rank_shown
from app.domain.releases.disclosure.revisions import (
    few,
    few_changed,
    rounding_step,
    same_people,
)
from app.domain.releases.document import (
    Category,
    Distribution,
    Figures,
    IndexFigure,
    Suppression,
)

Reasons = list[Suppression | None]


@dataclass(frozen=True, slots=True)
class Known:
    """What the public knows beside the indices: people by stratum where shown, by trust level."""

    minimum: int
    hidden_strata: frozenset[str]
    people: Mapping[str, int]

    def most(self, figure: IndexFigure, whole: IndexFigure) -> int:
        """The most people that a cell can be of."""
        return min(
            self.people.get(figure.stratum or figure.trust or "", whole.n or 0), whole.n or 0
        )


def control(figures: Figures, earlier: Sequence[Figures] = ()) -> Figures:
    """Hide what may not be published.

    `figures` are as computed, nothing hidden; `earlier` are those of the earlier releases of the
    same wave and period, as published.
    """
    before = [blocks_of(one) for one in earlier]
    who_answered = {
        source: _who_answered(
            margins, [one.who_answered.get(source, ()) for one in earlier], figures
        )
        for source, margins in figures.who_answered.items()
    }
    indices: list[IndexFigure] = []
    distributions: list[Distribution] = []
    for key, block in blocks_of(figures).items():
        known = _known(figures, key[0], who_answered.get(key[0], ()))
        then = [blocks[key] for blocks in before if key in blocks]
        controlled = _control_block(block, then, known)
        indices += [controlled.whole] if controlled.whole else []
        indices += controlled.cells
        distributions += controlled.items
    return figures.model_copy(
        update={
            "who_answered": who_answered,
            "indices": tuple(indices),
            "distributions": tuple(distributions),
            "ranking": rank_shown(figures.ranking, indices),
        }
    )


def _known(figures: Figures, source: str, margins: Iterable[Category]) -> Known:
    strata = [one for one in margins if one.margin == "stratum"]
    people = {one.category: one.n for one in strata if one.n is not None}
    own = next(one for one in figures.sources if one.code == source)
    for count in figures.counts:
        if count.respondent_class == own.respondent_class and count.mode in own.modes:
            people[count.trust] = people.get(count.trust, 0) + count.valid
    hidden = frozenset(one.category for one in strata if one.n is None)
    return Known(figures.minimum_n, hidden, people)


def _who_answered(
    margins: Sequence[Category], earlier: Sequence[Sequence[Category]], figures: Figures
) -> tuple[Category, ...]:
    """Hide categories of few people, and partners: a margin adds up to all who answered."""
    gone = {
        (one.margin, one.category) for then in earlier for one in then if one.suppressed is not None
    }
    tables = defaultdict(list)
    for one in margins:
        tables[one.margin].append(one)
    shown = []
    for table in tables.values():
        most = sum(one.n or 0 for one in table)
        cells = [
            Cell(n, most, _reason(n, figures.minimum_n, (one.margin, one.category) in gone))
            for one in table
            for n in (one.n or 0,)
        ]
        reasons = add_partners(cells, figures.minimum_n)
        shown += [
            one if reason is None else hide_category(one, reason)
            for one, reason in zip(table, reasons, strict=True)
        ]
    return tuple(shown)


def _reason(n: int, minimum: int, gone: bool) -> Suppression | None:
    """Why a cell is hidden to begin with; what an earlier release hid stays hidden."""
    if 0 < n < minimum:
        return "minimum-n"
    return "complementary" if gone and n else None


def _control_block(block: Block, then: Sequence[Block], known: Known) -> Block:
    whole = block.whole
    if whole is None:
        return _control_city(block, then, known.minimum)
    if not whole.n:
        return block
    if whole.n < known.minimum:
        return _hide_all(block, "minimum-n")
    wholes = [one.whole for one in then if one.whole is not None]
    if any(few_changed(whole, one, known.minimum) for one in wholes):
        step = rounding_step(whole, wholes, known.minimum)
        hidden = _hide_all(block, "few-changed")
        return hidden if step is None else _replace_whole(hidden, round_index(whole, step))
    return _control_parts(block, whole, then, known)


def _control_city(block: Block, then: Sequence[Block], minimum: int) -> Block:
    """Items about the city as a whole belong to no index: each is judged by itself."""
    earlier = [{(b.question, b.aspect): b for b in one.items} for one in then]
    shown = []
    for item in block.items:
        before = [one[item.question, item.aspect] for one in earlier]
        if (item.n or 0) < minimum:
            shown.append(hide_distribution(item, "minimum-n"))
        elif any(one != item and few(item.n, one.n, minimum) for one in before):
            shown.append(hide_distribution(item, "few-changed"))
        else:
            shown.append(item)
    return Block(None, (), tuple(shown))


def _hide_all(block: Block, reason: Suppression) -> Block:
    """Hide a department; cells of nobody stay, here as everywhere."""
    return Block(
        whole=None if block.whole is None else hide_index(block.whole, reason),
        cells=tuple(hide_index(one, reason) if one.n else one for one in block.cells),
        items=tuple(hide_distribution(one, reason) for one in block.items),
    )


def _replace_whole(block: Block, whole: IndexFigure) -> Block:
    return Block(whole, block.cells, block.items)


def _control_parts(block: Block, whole: IndexFigure, then: Sequence[Block], known: Known) -> Block:
    """Show the department's index, and below it what doesn't tell too much."""
    cells = {id(one): _without_details(one) for one in block.cells}
    for by in ("stratum", "trust"):
        table = block.table(by)
        for one, reason in zip(table, _table_reasons(table, by, whole, then, known), strict=True):
            if reason is not None:
                cells[id(one)] = hide_index(one, reason)
    reason = _items_reason(block, whole, then, known.minimum)
    shown = _whole_shown(whole, then, known.minimum)
    return Block(
        whole=shown if reason is None else shown.model_copy(update={"parts": hidden_parts(whole)}),
        cells=tuple(cells.values()),
        items=block.items
        if reason is None
        else tuple(hide_distribution(one, reason) for one in block.items),
    )


def _without_details(cell: IndexFigure) -> IndexFigure:
    """Leave out of a cell what adds up to the whole with no n of its own to judge it by."""
    return cell.model_copy(update={"parts": hidden_parts(cell), "with_set_aside": None})


def _whole_shown(whole: IndexFigure, then: Sequence[Block], minimum: int) -> IndexFigure:
    """Leave out the index with the answers set aside where so few were that they would be known."""
    aside = whole.with_set_aside
    if aside is None:
        return whole
    shown = [one.whole for one in then if one.whole is not None]
    published = [whole.n, *(n for one in shown for n in _numbers(one) if n != aside.n)]
    if any(few(aside.n, n, minimum) for n in published):
        return whole.model_copy(update={"with_set_aside": None})
    return whole


def _numbers(figure: IndexFigure) -> list[int | None]:
    aside = figure.with_set_aside
    return [figure.n, None if aside is None else aside.n]


def _table_reasons(
    table: Sequence[IndexFigure],
    by: str,
    whole: IndexFigure,
    then: Sequence[Block],
    known: Known,
) -> Reasons:
    """Say which cells of a table under a shown index are hidden, and why."""
    earlier = [{getattr(one, by): one for one in block.table(by)} for block in then]
    if any(
        few_changed(one, cells[getattr(one, by)], known.minimum)
        for one in table
        for cells in earlier
        if getattr(one, by) in cells
    ):
        return ["few-changed"] * len(table)
    hidden = [
        Cell(
            n, known.most(one, whole), _reason(n, known.minimum, _is_gone(one, by, earlier, known))
        )
        for one in table
        for n in (one.n or 0,)
    ]
    reasons = add_partners(hidden, known.minimum)
    left = sum(cell.n for cell, reason in zip(hidden, reasons, strict=True) if reason)
    if any(
        few(left, before, known.minimum) for before in _left_over_before(by, whole, then) if left
    ):
        return ["few-changed"] * len(table)
    return reasons


def _is_gone(
    one: IndexFigure, by: str, earlier: Iterable[Mapping[str, IndexFigure]], known: Known
) -> bool:
    """Say whether the whole stratum is hidden, or an earlier release hid the cell."""
    code = getattr(one, by)
    in_hidden_stratum = by == "stratum" and code in known.hidden_strata
    return in_hidden_stratum or any(
        cells[code].suppressed is not None for cells in earlier if code in cells
    )


def _left_over_before(by: str, whole: IndexFigure, then: Iterable[Block]) -> Iterator[int]:
    """How many people earlier releases, of other people, left over by subtraction in this table."""
    for block in then:
        if block.whole is None or block.whole.n is None or same_people(whole, block.whole):
            continue
        left = block.whole.n - sum(one.n or 0 for one in block.table(by))
        if left:
            yield left


def _items_reason(
    block: Block, whole: IndexFigure, then: Sequence[Block], minimum: int
) -> Suppression | None:
    """Say why no item of the department is shown, if none is."""
    if any((item.n or 0) < minimum for item in block.items):
        return "minimum-n"
    for one in then:
        if one.whole is not None and same_people(whole, one.whole):
            continue
        before = {(item.question, item.aspect): item for item in one.items}
        found = [before.get((item.question, item.aspect)) for item in block.items]
        if any(few(item.n, b.n, minimum) for item, b in zip(block.items, found, strict=True) if b):
            return "few-changed"
    hidden = any(item.suppressed is not None for one in then for item in one.items)
    return "complementary" if hidden else None
