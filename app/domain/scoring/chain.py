"""The chain of a scheme's evaluations: each names the one before it by its digest.

States follow by themselves: an evaluation is provisional while a release it uses is, final after
that, and corrected when it replaces a final one of its period.
"""

import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.releases.canonical import canonical_document
from app.domain.releases.document import Correction, State
from app.domain.scoring.external_evaluation import (
    Evaluation,
    EvaluationBefore,
    EvaluationHeader,
    ExternalEvaluation,
)
from app.errors.scoring import EvaluationRefused


@dataclass(frozen=True, slots=True)
class Link:
    """An evaluation with its payload, the bytes that are signed."""

    document: ExternalEvaluation
    payload: bytes

    @property
    def digest(self) -> str:
        """The SHA-256 of the payload, hexadecimal: what the next one names."""
        return hashlib.sha256(self.payload).hexdigest()


def newest_of(chain: Sequence[Link], period: str) -> Link | None:
    """Give the last evaluation of a period."""
    same = [link for link in chain if link.document.evaluation.period == period]
    return same[-1] if same else None


def state_after(before: Link | None, evaluation: Evaluation) -> State:
    """Say which state an evaluation has that follows another one of its period."""
    if before is not None and before.document.header.state != "provisional":
        return "corrected"
    provisional = any(one.state == "provisional" for one in evaluation.releases)
    return "provisional" if provisional else "final"


def add_evaluation(
    chain: Sequence[Link], evaluation: Evaluation, *, at: datetime.datetime, why: str = ""
) -> Link:
    """Add an evaluation to the chain of its scheme; `why` is the reason of a correction.

    Raises EvaluationRefused where nothing has changed since the last one of its period.
    """
    before = newest_of(chain, evaluation.period)
    state = state_after(before, evaluation)
    if before is not None and before.document.evaluation == evaluation:
        raise EvaluationRefused("Nothing has changed since the last evaluation of this period")
    sequence = len(chain) + 1
    header = EvaluationHeader(
        evaluation=f"{evaluation.scheme.code}.{sequence}",
        sequence=sequence,
        state=state,
        published_at=at,
        previous=_before(chain),
        correction=_correction(before, evaluation, why)
        if before and state == "corrected"
        else None,
    )
    document = ExternalEvaluation(header=header, evaluation=evaluation)
    return Link(document, canonical_document(document))


def _before(chain: Sequence[Link]) -> EvaluationBefore | None:
    if not chain:
        return None
    last = chain[-1]
    return EvaluationBefore(evaluation=last.document.header.evaluation, digest=last.digest)


def _correction(before: Link, evaluation: Evaluation, why: str) -> Correction:
    return Correction(
        corrects=before.document.header.evaluation,
        changed=_changed(before.document.evaluation, evaluation),
        why=why,
    )


def _changed(before: Evaluation, now: Evaluation) -> str:
    """Name the departments whose points changed, and the releases that are new."""
    earlier = {one.department.code: one for one in before.departments}
    departments = [
        one.department.code for one in now.departments if one != earlier.get(one.department.code)
    ]
    known = {one.release for one in before.releases}
    releases = [one.release for one in now.releases if one.release not in known]
    said = [("departments", departments), ("releases", releases)]
    return "; ".join(f"{what}: {' '.join(codes)}" for what, codes in said if codes) or "the rules"
