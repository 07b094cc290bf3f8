"""Places in a ranking: the highest score first, equal scores share a rank."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

Ties = Literal["competition", "dense"]


def ranks(scores: Sequence[Decimal], ties: Ties) -> list[int]:
    """Rank scores in their order; after a tie `competition` skips ranks (1, 2, 2, 4), `dense`
    does not (1, 2, 2, 3)."""
    better = set(scores) if ties == "dense" else list(scores)
    return [1 + sum(other > score for other in better) for score in scores]
