"""Places among the indices that are shown, made from nothing but what is shown.

A place counted among all departments would tell where a hidden one stands.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from app.domain.releases.disclosure.hiding import ROUNDED
from app.domain.releases.document import IndexFigure, Place


def rank_shown(ranking: Sequence[Place], figures: Sequence[IndexFigure]) -> tuple[Place, ...]:
    """Rank again without the departments hidden or rounded.

    Who can't be told apart stays as it was found among all: with fewer departments no difference
    becomes less certain.
    """
    shown = {
        (one.source, one.department): one.value
        for one in figures
        if one.stratum is None
        and one.trust is None
        and one.value is not None
        and ROUNDED not in one.flags
    }
    return tuple(_place(place, shown) for place in ranking if _key(place) in shown)


def _key(place: Place) -> tuple[str, str]:
    return place.source, place.department


def _place(place: Place, shown: Mapping[tuple[str, str], Decimal]) -> Place:
    own = shown[_key(place)]
    others = {
        department: value for (source, department), value in shown.items() if source == place.source
    }
    like = tuple(code for code in place.like if code in others)
    apart = [value for code, value in others.items() if code not in like]
    return place.model_copy(
        update={
            "rank": 1 + sum(value > own for value in others.values()),
            "best": 1 + sum(value > own for value in apart),
            "worst": len(others) - sum(value < own for value in apart),
            "like": like,
        }
    )
