"""What a correction changed, worked out from the two documents."""

from collections.abc import Iterator

from app.domain.releases.document import Figures

TABLES = ("counts", "sources", "who_answered", "ranking")


def describe_changes(before: Figures, now: Figures) -> str:
    """Name the departments whose indices or distributions changed, and the other tables that did.

    Written for people and programs alike: codes of the definition and names of the document.
    """
    departments = " ".join(_departments(before, now))
    others = [table for table in TABLES if getattr(before, table) != getattr(now, table)]
    said = ([f"indices: {departments}"] if departments else []) + others
    return "; ".join(said) if said else "no figure"


def _departments(before: Figures, now: Figures) -> Iterator[str]:
    for unit in now.departments:
        if _about(before, unit.code) != _about(now, unit.code):
            yield unit.code


def _about(figures: Figures, department: str) -> list[object]:
    indices = [one for one in figures.indices if one.department == department]
    return [*indices, *(one for one in figures.distributions if one.department == department)]
