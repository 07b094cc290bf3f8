"""Are one interviewer's respondents more alike than chance? A hint for a visit, never a verdict.

For every form: the largest share of fields on which it equals another form of the same interviewer
(the «maximum percent match» of Kuriakose and Robbins, Statistical Journal of the IAOS 32, 2016).
Its mean over the interviewer's forms is compared with the same figure for seeded resamples of as
many forms of everyone else. Neighbours do resemble each other; that is why nothing is deleted.
"""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from app.domain.paper.marks import BLANK, SIGNS, Marks

Codes = np.ndarray[tuple[int, int], np.dtype[np.int32]]
FEWEST_FORMS = 3


@dataclasses.dataclass(frozen=True, slots=True)
class Likeness:
    """How alike an interviewer's forms are.

    `mean_match` is the mean maximum share of equal fields, `usual_match` its mean over resamples of
    everyone else, `p` the share of resamples at least as alike ((1 + hits) / (1 + resamples)), and
    `closest` the largest match of any two forms.
    """

    interviewer: str
    n: int
    mean_match: float
    usual_match: float
    p: float
    closest: float


def likeness(
    sheets: Mapping[str, Sequence[Marks]], fields: Sequence[str], *, seed: int, resamples: int = 199
) -> list[Likeness]:
    """Compare each interviewer with three forms or more to everyone else, least usual first.

    `sheets` has the final marks by interviewer; `fields` those compared (texts left out).
    """
    coded, owners = _encode(sheets, fields)
    found = []
    for interviewer in sorted(sheets):
        mine = owners == interviewer
        n, others = int(mine.sum()), coded[~mine]
        if n < FEWEST_FORMS or len(others) < n:
            continue
        # Seeded by name: adding an interviewer does not change what is found about another.
        generator = np.random.default_rng([seed, *interviewer.encode()])
        found.append(_compare(interviewer, coded[mine], others, generator, resamples))
    return sorted(found, key=lambda one: (one.p, -one.mean_match))


def _compare(
    interviewer: str, mine: Codes, others: Codes, generator: np.random.Generator, resamples: int
) -> Likeness:
    best = _best_matches(mine)
    usual = np.array(
        [
            _best_matches(others[generator.choice(len(others), len(mine), replace=False)]).mean()
            for _ in range(resamples)
        ]
    )
    hits = int((usual >= best.mean()).sum())
    return Likeness(
        interviewer,
        len(mine),
        float(best.mean()),
        float(usual.mean()),
        (1 + hits) / (1 + resamples),
        float(best.max()),
    )


def _best_matches(coded: Codes) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """For each form, its largest share of equal fields with another; fields blank in both skipped.

    One field at a time: memory is the square of the forms, not times the fields.
    """
    n = len(coded)
    equal, compared = np.zeros((n, n)), np.zeros((n, n))
    for column in coded.T:
        there = column >= 0
        equal += (column[:, None] == column[None, :]) & there[:, None]
        compared += there[:, None] | there[None, :]
    np.fill_diagonal(equal, -1.0)
    best: np.ndarray[tuple[int], np.dtype[np.float64]] = (equal / np.maximum(compared, 1)).max(1)
    return best


def _encode(
    sheets: Mapping[str, Sequence[Marks]], fields: Sequence[str]
) -> tuple[Codes, np.ndarray[tuple[int], np.dtype[np.str_]]]:
    """Number the marks; signs and blanks are −1, which equals nothing."""
    numbers: dict[str, int] = dict.fromkeys(SIGNS, -1)
    rows, owners = [], []
    for interviewer, own in sheets.items():
        for marks in own:
            texts = [marks.get(field, BLANK) for field in fields]
            rows.append([numbers.setdefault(text, len(numbers)) for text in texts])
            owners.append(interviewer)
    return np.array(rows, dtype=np.int32).reshape(len(rows), len(fields)), np.array(owners)
