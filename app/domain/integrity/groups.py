"""Responses that share something that staff can name: a day, a window, a point.

Forms are received when they are keyed, so their day says nothing of citizens: paper is grouped by
place only.
"""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from app.domain.integrity.ballots import Ballots
from app.domain.questionnaires.audience import Mode

WAY_IN = ("respondent_class", "mode", "trust")
STREAM = (*WAY_IN, "window", "own_unit")
"""Where answers flow in day by day."""
PLACES = ("window", "point", "own_unit", "interviewer")

Flags = NDArray[np.bool_]


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Each response's group, -1 for none, and by which objects each group is known."""

    codes: NDArray[np.intp]
    objects: Sequence[Mapping[str, str]]

    def __len__(self) -> int:
        return len(self.objects)

    def families(self) -> NDArray[np.intp]:
        """Number the groups by respondent class and mode: only those are compared."""
        kinds = [(one["respondent_class"], one["mode"]) for one in self.objects]
        numbers = {kind: number for number, kind in enumerate(dict.fromkeys(kinds))}
        return np.array([numbers[kind] for kind in kinds], dtype=np.intp)


def by_day(ballots: Ballots) -> Groups:
    """Group by stream and day; paper is in no group."""
    return group(ballots, (*STREAM, "day"), not_paper(ballots))


def places(ballots: Ballots) -> list[Groups]:
    """Group by way in and place, one kind of place after the other, as far as the wave has it."""
    kinds = [place for place in PLACES if any(ballots.facts[place].words)]
    return [_by_place(ballots, place) for place in kinds]


def _by_place(ballots: Ballots, place: str) -> Groups:
    """Who is at no such place is in no group."""
    labels = ballots.facts[place]
    somewhere = np.array([bool(word) for word in labels.words], dtype=np.bool_)
    return group(ballots, (*WAY_IN, place), somewhere[labels.codes])


def not_paper(ballots: Ballots) -> Flags:
    """True where the response's day is the day on which somebody answered."""
    modes = ballots.facts["mode"]
    return np.array([word != Mode.PAPER for word in modes.words], dtype=np.bool_)[modes.codes]


def group(ballots: Ballots, by: Sequence[str], among: Flags) -> Groups:
    """Number the combinations that occur; objects name what is not empty."""
    joint = np.zeros(len(ballots), dtype=np.int64)
    for name in by:
        joint = joint * len(ballots.facts[name].words) + ballots.facts[name].codes
    codes = np.full(len(ballots), -1, dtype=np.intp)
    _, first, inverse = np.unique(joint[among], return_index=True, return_inverse=True)
    codes[among] = inverse
    representatives = np.flatnonzero(among)[first]
    return Groups(codes, [_objects(ballots, by, row) for row in representatives.tolist()])


def _objects(ballots: Ballots, by: Sequence[str], row: int) -> dict[str, str]:
    words = {name: ballots.facts[name].words[ballots.facts[name].codes[row]] for name in by}
    return {name: word for name, word in words.items() if word}
