"""Figures sorted by source and department: what belongs under one published index."""

from collections import defaultdict
from dataclasses import dataclass

from app.domain.releases.document import Distribution, Figures, IndexFigure


@dataclass(frozen=True, slots=True)
class Block:
    """All that a release says of one department by one source; strata and trust levels are cells.

    Items about the city as a whole are a block of their own without a `whole`.
    """

    whole: IndexFigure | None
    cells: tuple[IndexFigure, ...]
    items: tuple[Distribution, ...]

    def table(self, by: str) -> list[IndexFigure]:
        """The cells by `stratum` or by `trust`."""
        return [one for one in self.cells if getattr(one, by) is not None]


def blocks_of(figures: Figures) -> dict[tuple[str, str | None], Block]:
    """Sort figures by source and department, in the order of the document."""
    indices: defaultdict[tuple[str, str | None], list[IndexFigure]] = defaultdict(list)
    items: defaultdict[tuple[str, str | None], list[Distribution]] = defaultdict(list)
    for one in figures.indices:
        indices[one.source, one.department].append(one)
    for item in figures.distributions:
        items[item.source, item.department].append(item)
    return {
        key: Block(
            whole=next((one for one in indices[key] if is_whole(one)), None),
            cells=tuple(one for one in indices[key] if not is_whole(one)),
            items=tuple(items[key]),
        )
        for key in dict.fromkeys([*indices, *items])
    }


def is_whole(figure: IndexFigure) -> bool:
    return figure.stratum is None and figure.trust is None
